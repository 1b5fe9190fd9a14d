//! AES-SIV (RFC 5297): deterministic authenticated encryption. Equal values under one key and domain have equal
//! ciphertexts, and nothing else about them shows but their length.
//!
//! What depends on the key and the associated data alone is computed once: two key schedules, CMAC's subkey, and S2V up
//! to the plaintext. A value of 30 bytes then takes two blocks for its MAC and one step of four abreast for its key
//! stream.

use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::block::{ABREAST, Cipher};
use crate::key::{self, Weak};

/// Bytes that a ciphertext has more than its plaintext: the synthetic initialization vector stands before it.
pub const OVERHEAD: usize = 16;

/// Strings of associated data that S2V takes beside the plaintext (RFC 5297, section 2.6).
const ASSOCIATED_MOST: usize = 126;

/// Something that isn't a ciphertext of this key and associated data, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forged;

impl fmt::Display for Forged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was not encrypted with this key and domain")
    }
}

impl core::error::Error for Forged {}

/// AES-SIV under one key and one list of associated data.
pub struct Siv {
    mac: Cipher,
    stream: Cipher,
    /// CMAC's first subkey (RFC 4493, section 2.3).
    subkey: u128,
    /// S2V after the associated data, before the plaintext.
    state: u128,
}

impl Siv {
    /// `key`: 32, 48 or 64 bytes; one half is the MAC's, the other the key stream's. `associated`: 126 strings at most;
    /// a policy's domain is one.
    pub fn new(key: &[u8], associated: &[&[u8]]) -> Result<Self, Weak> {
        key::sized(key, 32, 48, 64)?;
        let (first, second) = key.split_at(key.len() / 2);
        if first == second {
            return Err(Weak::new("the key's halves are equal"));
        }
        if associated.len() > ASSOCIATED_MOST {
            return Err(Weak::new("there are more than 126 strings of associated data"));
        }
        let (mac, stream) = (Cipher::new(first)?, Cipher::new(second)?);
        let subkey = double(mac.encipher(0));
        let mut siv = Self { mac, stream, subkey, state: 0 };
        siv.state = siv.cmac(&[0; 16], 0);
        for string in associated {
            siv.state = double(siv.state) ^ siv.cmac(string, 0);
        }
        Ok(siv)
    }

    /// Adds the ciphertext to `out`: the synthetic initialization vector, then as many bytes as the plaintext has.
    pub fn encrypt(&self, plaintext: &[u8], out: &mut Vec<u8>) {
        let vector = self.vector(plaintext);
        out.reserve(OVERHEAD + plaintext.len());
        out.extend_from_slice(&vector.to_be_bytes());
        let start = out.len();
        out.extend_from_slice(plaintext);
        self.cover(vector, &mut out[start..]);
    }

    /// Adds the plaintext to `out`; nothing, unless the ciphertext is as `encrypt` made it.
    pub fn decrypt(&self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), Forged> {
        let start = out.len();
        out.extend_from_slice(ciphertext);
        self.uncover(start, out)
    }

    /// Adds the ciphertext as text: base64url without padding (RFC 4648, section 5).
    pub fn encrypt_to_text(&self, plaintext: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        self.encrypt(plaintext, out);
        let bytes = out.len() - start;
        let text = Base64UrlUnpadded::encoded_len(&out[start..]);
        out.resize(start + bytes + text, 0);
        let (ciphertext, room) = out[start..].split_at_mut(bytes);
        // The room is exactly what `encoded_len` asks for.
        let written = Base64UrlUnpadded::encode(ciphertext, room).map_or(0, str::len);
        out.copy_within(start + bytes.., start);
        out.truncate(start + written);
    }

    /// Adds the plaintext of such a text. Any other text (padded, with white space, with bits behind the end) is
    /// refused.
    pub fn decrypt_text(&self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Forged> {
        let start = out.len();
        out.resize(start + text.len() / 4 * 3 + 3, 0);
        let bytes = Base64UrlUnpadded::decode(text, &mut out[start..]).map_or(0, <[u8]>::len);
        out.truncate(start + bytes);
        self.uncover(start, out)
    }

    /// Turns the ciphertext in `out` from `start` on into its plaintext, or takes it away.
    fn uncover(&self, start: usize, out: &mut Vec<u8>) -> Result<(), Forged> {
        let Some((vector, covered)) = out[start..].split_first_chunk_mut() else {
            out.truncate(start);
            return Err(Forged);
        };
        let vector = u128::from_be_bytes(*vector);
        self.cover(vector, covered);
        // One number of 128 bits: where it differs doesn't show in the time that this takes.
        if self.vector(covered) ^ vector != 0 {
            covered.fill(0);
            out.truncate(start);
            return Err(Forged);
        }
        out.copy_within(start + OVERHEAD.., start);
        out.truncate(out.len() - OVERHEAD);
        Ok(())
    }

    /// S2V of the associated data and this plaintext (RFC 5297, section 2.4).
    fn vector(&self, plaintext: &[u8]) -> u128 {
        match plaintext.last_chunk::<16>() {
            Some(_) => self.cmac(plaintext, self.state),
            None => self.cmac(&(double(self.state) ^ padded(plaintext)).to_be_bytes(), 0),
        }
    }

    /// CMAC (RFC 4493) of a string, whose last 16 bytes are combined with `over` before. (Where it has fewer, that is
    /// 0.)
    fn cmac(&self, string: &[u8], over: u128) -> u128 {
        let tail = if string.is_empty() { 0 } else { (string.len() - 1) % 16 + 1 };
        let (blocks, last) = string.split_at(string.len() - tail);
        let (blocks, before) = blocks.split_at(blocks.len().saturating_sub(16));
        let mut state = self.mac.chain(0, blocks);
        if let Ok(before) = before.try_into() {
            let over = if tail == 16 { 0 } else { over >> (8 * tail) };
            state = self.mac.encipher(state ^ u128::from_be_bytes(before) ^ over);
        }
        let last = match last.try_into() {
            Ok(whole) => u128::from_be_bytes(whole) ^ self.subkey ^ over,
            Err(_) => padded(last) ^ double(self.subkey) ^ over.unbounded_shl(8 * (16 - tail as u32)),
        };
        self.mac.encipher(state ^ last)
    }

    /// Combines bytes with the key stream of an initialization vector, two bits of which are cleared (RFC 5297, section
    /// 2.5).
    fn cover(&self, vector: u128, bytes: &mut [u8]) {
        let first = vector & !(1 << 63 | 1 << 31);
        for (blocks, number) in bytes.chunks_mut(16 * ABREAST).zip((0..).step_by(ABREAST)) {
            let counters = core::array::from_fn(|i| first.wrapping_add(number + i as u128));
            let stream = self.stream.encipher_abreast(counters);
            let stream = stream.iter().flat_map(|block| block.to_be_bytes());
            blocks.iter_mut().zip(stream).for_each(|(byte, cover)| *byte ^= cover);
        }
    }
}

/// A number in the field of 2^128 elements times x (RFC 5297, section 2.3).
fn double(number: u128) -> u128 {
    (number << 1) ^ ((number >> 127) * 0x87)
}

/// Fewer than 16 bytes, then a one bit, then zeros.
fn padded(bytes: &[u8]) -> u128 {
    let mut block = [0; 16];
    block[..bytes.len()].copy_from_slice(bytes);
    block[bytes.len()] = 0x80;
    u128::from_be_bytes(block)
}
