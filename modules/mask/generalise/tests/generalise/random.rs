//! Numbers that look random and are the same in every run: SplitMix64 (Steele, Lea and Flood, 2014).

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Exactly so many digits, of which the first isn't 0 if there are several.
    pub fn digits(&mut self, count: usize) -> String {
        let digit = |random: &mut Self, least: usize| (b'0' + (least + random.below(10 - least)) as u8) as char;
        (0..count).map(|place| digit(self, usize::from(place == 0 && count > 1))).collect()
    }

    /// A number as JSON may write it: of some length, with or without a sign, a fraction and an exponent.
    pub fn number(&mut self, longest: usize) -> String {
        let length = 1 + self.below(longest);
        let mut text = if self.below(2) == 0 { "-".into() } else { String::new() };
        text += &self.digits(length);
        if self.below(2) == 0 {
            let length = 1 + self.below(longest);
            text += ".";
            text.extend((0..length).map(|_| (b'0' + self.below(10) as u8) as char));
        }
        match self.below(4) {
            0 => text += &format!("e{}", self.below(40)),
            1 => text += &format!("E-{}", self.below(40)),
            _ => {}
        }
        text
    }
}

/// A number as JSON writes it, as a whole number of 10^-places; it has no more than so many.
pub fn scaled(text: &str, places: i64) -> num_bigint::BigInt {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = places + exponent.parse::<i64>().expect("an exponent") - fraction.len() as i64;
    let digits: num_bigint::BigInt = format!("{whole}{fraction}").parse().expect("digits");
    digits * num_bigint::BigInt::from(10).pow(u32::try_from(zeros).expect("no more places"))
}
