//! Strings whose halves fit into 96 bits: 57 digits, 33 alphanumeric characters. What a round changes is then one
//! block, and what it takes from that block (the standard's S, d bytes) is at most the block.

use super::{Mac, ROUNDS, Turn};

const HALF_MOST: u128 = 1 << 96;

/// What depends on a string's length alone.
pub struct Narrow {
    /// Numerals of the first half.
    u: usize,
    /// The state of the CBC-MAC, with what stands before the round's number in the last block.
    start: u128,
    /// Where the round's number stands in that block, in bits from its end; the other half as a number stands behind
    /// it.
    round_at: u32,
    /// Bits of the enciphered block that are left out at its end.
    left_out: u32,
    /// The radix to the power of the halves' lengths.
    moduli: [u128; 2],
    chunk: Chunk,
}

/// As many numerals as are converted with 64-bit numbers.
struct Chunk {
    radix: u64,
    numerals: usize,
    /// The radix to the power of `numerals`.
    power: u64,
}

impl Narrow {
    /// None: the halves are too long.
    pub fn new(mac: &Mac, length: usize) -> Option<Self> {
        let u = length / 2;
        let power = |numerals: usize| {
            let power = u128::from(mac.radix).checked_pow(numerals as u32);
            power.filter(|power| *power <= HALF_MOST)
        };
        let moduli = [power(u)?, power(length - u)?];
        let bytes = (moduli[1] - 1).ilog2() / 8 + 1;
        let (state, rest) = mac.begin(length, bytes as usize);
        let mut head = [0; 16];
        head[..rest.len()].copy_from_slice(&rest);
        let taken = 4 * bytes.div_ceil(4) + 4;
        Some(Self {
            u,
            start: state ^ u128::from_be_bytes(head),
            round_at: 8 * bytes,
            left_out: 128 - 8 * taken,
            moduli,
            chunk: Chunk::new(mac.radix),
        })
    }

    /// `numerals`: of the length that this was made for, each below the radix.
    #[inline]
    pub fn turn(&self, mac: &Mac, numerals: &mut [u16], turn: Turn) {
        let (first, second) = numerals.split_at_mut(self.u);
        let (mut a, mut b) = (self.chunk.number(first), self.chunk.number(second));
        match turn {
            Turn::Encrypt => {
                for round in 0..ROUNDS {
                    let modulus = self.moduli[round as usize % 2];
                    let sum = a + remainder(self.drawn(mac, round, b), modulus);
                    (a, b) = (b, if sum >= modulus { sum - modulus } else { sum });
                }
            }
            Turn::Decrypt => {
                for round in (0..ROUNDS).rev() {
                    let modulus = self.moduli[round as usize % 2];
                    let less = remainder(self.drawn(mac, round, a), modulus);
                    (a, b) = (if b >= less { b - less } else { b + modulus - less }, a);
                }
            }
        }
        self.chunk.write(a, first);
        self.chunk.write(b, second);
    }

    /// The number (the standard's y) that the round draws from a half.
    #[inline]
    fn drawn(&self, mac: &Mac, round: u32, half: u128) -> u128 {
        mac.cipher.encipher(self.start ^ u128::from(round) << self.round_at ^ half) >> self.left_out
    }
}

/// Of two numbers of 64 bits, which most are, in one instruction.
#[inline]
fn remainder(number: u128, modulus: u128) -> u128 {
    match (u64::try_from(number), u64::try_from(modulus)) {
        (Ok(number), Ok(modulus)) => u128::from(number % modulus),
        _ => number % modulus,
    }
}

impl Chunk {
    fn new(radix: u32) -> Self {
        let numerals = u64::MAX.ilog(u64::from(radix));
        Self { radix: u64::from(radix), numerals: numerals as usize, power: u64::from(radix).pow(numerals) }
    }

    /// The number that numerals are, the most significant first.
    #[inline]
    fn number(&self, numerals: &[u16]) -> u128 {
        let horner = |numerals: &[u16]| numerals.iter().fold(0, |number, n| number * self.radix + u64::from(*n));
        let (head, chunks) = numerals.split_at(numerals.len() % self.numerals);
        let number = u128::from(horner(head));
        chunks
            .chunks_exact(self.numerals)
            .fold(number, |number, chunk| number * u128::from(self.power) + u128::from(horner(chunk)))
    }

    #[inline]
    fn write(&self, mut number: u128, numerals: &mut [u16]) {
        for chunk in numerals.rchunks_mut(self.numerals) {
            let mut rest;
            (number, rest) = match u64::try_from(number) {
                Ok(small) => (u128::from(small / self.power), small % self.power),
                Err(_) => (number / u128::from(self.power), (number % u128::from(self.power)) as u64),
            };
            for numeral in chunk.iter_mut().rev() {
                *numeral = (rest % self.radix) as u16;
                rest /= self.radix;
            }
        }
    }
}
