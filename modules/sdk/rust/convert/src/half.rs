//! Doubles in fewer bits (IEEE 754 binary16, binary32), where nothing is lost, and back.

/// The double that 16 bits stand for.
pub fn from_half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * power(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * power(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// 2^exponent, a normal double.
fn power(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// The same number in 32 bits.
pub fn single(number: f64) -> Option<f32> {
    let single = number as f32;
    (f64::from(single).to_bits() == number.to_bits()).then_some(single)
}

/// The same number in 16 bits.
pub fn half(number: f64) -> Option<u16> {
    let bits = number.to_bits();
    let sign = (bits >> 48 & 0x8000) as u16;
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1023;
    let fraction = bits & 0xf_ffff_ffff_ffff;
    let found = match exponent {
        -1023 if fraction == 0 => sign,
        1024 if fraction == 0 => sign | 0x7c00,
        -14..=15 => sign | ((exponent + 15) as u16) << 10 | (fraction >> 42) as u16,
        -24..=-15 => sign | ((1 << 52 | fraction) >> (28 - exponent)) as u16,
        _ => return None,
    };
    (from_half(found).to_bits() == bits).then_some(found)
}
