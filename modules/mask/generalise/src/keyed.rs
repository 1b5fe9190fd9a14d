//! What a key draws for a value.

use alloc::boxed::Box;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Invalid;

/// Bytes that a secret has at least.
const LEAST: usize = 16;

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1) that has read the domain and a zero byte. Its key is HMAC-SHA-256(secret, purpose): a
/// pseudonym of the same value, under the same secret and domain, shows a digest, and must not show what is drawn here.
pub(crate) struct Keyed(Box<Hmac<Sha256>>);

impl Keyed {
    pub fn new(secret: &[u8], purpose: &str, domain: &str) -> Result<Self, Invalid> {
        let wrong = |text| Invalid { key: "secret", text };
        if secret.len() < LEAST {
            return Err(wrong("must have 16 bytes or more"));
        }
        if secret.iter().all(|byte| *byte == secret[0]) {
            return Err(wrong("must not be one byte repeated"));
        }
        if domain.contains('\0') {
            return Err(Invalid { key: "domain", text: "must not have the character U+0000" });
        }
        let keyed = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).map_err(|_| wrong("must be a key for HMAC"));
        let key = keyed(secret)?.chain_update(purpose).finalize().into_bytes();
        Ok(Self(Box::new(keyed(&key)?.chain_update(domain).chain_update([0]))))
    }

    /// A number below `count`, which is at most 10^31: the first 128 bits of the digest (big endian), as a fraction of 1, times
    /// `count`. No number is more likely than another by more than one part in 10^7, or 10^19 where there are below 10^19.
    pub fn draw(&self, value: &[u8], count: u128) -> u128 {
        let digest = (*self.0).clone().chain_update(value).finalize().into_bytes();
        let drawn = digest.iter().take(16).fold(0, |sum: u128, byte| sum << 8 | u128::from(*byte));
        high(drawn, count)
    }

    /// As `draw`, one of -most..=most, without 0.
    pub fn draw_around(&self, value: &[u8], most: u128) -> i128 {
        let drawn = self.draw(value, 2 * most) as i128;
        let most = most as i128;
        if drawn < most { drawn - most } else { drawn - most + 1 }
    }
}

/// The upper 128 bits of the product.
fn high(one: u128, other: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (one_high, one_low, other_high, other_low) = (one >> 64, one & LOW, other >> 64, other & LOW);
    let low = one_low * other_low;
    let first = one_high * other_low + (low >> 64);
    let second = one_low * other_high + (first & LOW);
    one_high * other_high + (first >> 64) + (second >> 64)
}

#[cfg(test)]
mod tests {
    use super::high;

    #[test]
    fn the_upper_half_of_a_product() {
        for (one, other, expected) in [
            (0, u128::MAX, 0),
            (u128::MAX, u128::MAX, u128::MAX - 1),
            (1 << 127, 6, 3),
            (u128::MAX, 2, 1),
            (u128::MAX, 10u128.pow(31), 10u128.pow(31) - 1),
            // 0x123456789abcdef0fedcba9876543210 × 0xfedcba98765432100123456789abcdef, by Python
            (0x1234_5678_9abc_def0_fedc_ba98_7654_3210, 0xfedc_ba98_7654_3210_0123_4567_89ab_cdef, HIGH),
        ] {
            assert_eq!(high(one, other), expected, "{one} {other}");
        }
    }

    const HIGH: u128 = 0x121f_a00a_d77d_7423_213d_0003_e234_949a;
}
