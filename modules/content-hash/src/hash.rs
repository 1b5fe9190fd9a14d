//! SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), and how a hash is written.

use alloc::string::String;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use maskgate_guest::json::text;
use maskgate_guest::{Setting, Wrong, secret};
use sha2::{Digest, Sha256};

/// Bytes that a secret must have: 128 bits.
const LEAST: usize = 16;

pub struct Hash {
    key: Option<Hmac<Sha256>>,
    prefix: String,
    base64: bool,
}

impl Hash {
    pub fn plain(prefix: &str, base64: bool) -> Self {
        Self { key: None, prefix: prefix.into(), base64 }
    }

    /// Keyed with the secret that the setting names.
    pub fn keyed(setting: &Setting, prefix: &str, base64: bool) -> Result<Self, Wrong> {
        let bytes = secret(setting.string()?)?;
        if bytes.len() < LEAST {
            return Err(setting.wrong(alloc::format!("the secret has fewer than {LEAST} bytes")));
        }
        let key = Hmac::new_from_slice(&bytes).map_err(|_| setting.wrong("the secret can't be used as a key"))?;
        Ok(Self { key: Some(key), ..Self::plain(prefix, base64) })
    }

    /// Writes the hash of `content` as a JSON string, into `out` alone.
    pub fn write(&self, content: &[u8], out: &mut Vec<u8>) {
        let hash: [u8; 32] = match &self.key {
            Some(key) => key.clone().chain_update(content).finalize().into_bytes().into(),
            None => Sha256::digest(content).into(),
        };
        out.clear();
        out.push(b'"');
        text::encode(self.prefix.as_bytes(), out);
        if self.base64 {
            base64url(&hash, out)
        } else {
            hex(&hash, out)
        }
        out.push(b'"');
    }
}

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

/// RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|i| DIGITS[(bits >> (18 - 6 * i) & 63) as usize]));
    }
}
