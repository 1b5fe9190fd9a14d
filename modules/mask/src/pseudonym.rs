//! Pseudonyms by HMAC.

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use maskgate_guest::json::text;
use sha2::Sha256;

pub struct Pseudonym {
    /// HMAC-SHA-256 (RFC 2104, FIPS 198-1) that has read the key, the domain and a zero byte.
    keyed: Hmac<Sha256>,
    /// Bytes of the result that are written.
    bytes: usize,
    /// The opening quote, and what is put before the digits.
    prefix: Vec<u8>,
}

impl Pseudonym {
    /// `bytes`: of the result, 32 at most.
    pub fn new(key: &[u8], domain: &str, bytes: usize, prefix: &str) -> Self {
        let mut prefix = text::quoted(prefix);
        prefix.pop();
        Self { keyed: keyed(key, domain), bytes, prefix }
    }

    /// Adds the JSON string that stands for these characters.
    pub fn write(&self, characters: &[u8], out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut keyed = self.keyed.clone();
        keyed.update(characters);
        out.extend_from_slice(&self.prefix);
        for byte in keyed.finalize().into_bytes().iter().take(self.bytes) {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
        out.push(b'"');
    }
}

/// HMAC-SHA-256 that has read the domain and a zero byte.
pub fn keyed(key: &[u8], domain: &str) -> Hmac<Sha256> {
    // Any length is a key (RFC 2104).
    let mut keyed = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| core::arch::wasm32::unreachable());
    keyed.update(domain.as_bytes());
    keyed.update(&[0]);
    keyed
}
