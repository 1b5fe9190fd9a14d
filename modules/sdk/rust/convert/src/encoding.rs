//! Bytes as text (RFC 4648), and back.

use alloc::vec::Vec;

use maskgate_guest::Full;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Section 4, with padding.
    Base64,
    /// Section 5, without padding.
    Base64url,
    /// Section 8 in lowercase.
    Hex,
    /// Section 8.
    Base16,
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Encoding {
    /// Adds `bytes` as text.
    pub fn encode(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
        let size = match self {
            Self::Base64 | Self::Base64url => bytes.len() / 3 * 4 + 4,
            Self::Hex | Self::Base16 => bytes.len() * 2,
        };
        out.try_reserve(size).map_err(|_| Full)?;
        match self {
            Self::Base64 => base64(bytes, BASE64, true, out),
            Self::Base64url => base64(bytes, BASE64URL, false, out),
            Self::Hex => base16(bytes, b"0123456789abcdef", out),
            Self::Base16 => base16(bytes, b"0123456789ABCDEF", out),
        }
        Ok(())
    }

    /// Adds the bytes that `text` stands for. None if it is no such text: padding, bits that mean nothing and all else must be
    /// as `encode` writes them. Hexadecimal digits may have either case.
    pub fn decode(self, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Base64 => {
                let padding = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
                if text.len() % 4 != 0 {
                    return None;
                }
                unbase64(&text[..text.len() - padding], BASE64, out)
            }
            Self::Base64url => unbase64(text, BASE64URL, out),
            Self::Hex | Self::Base16 => {
                let (pairs, rest) = text.as_chunks::<2>();
                if !rest.is_empty() {
                    return None;
                }
                out.try_reserve(pairs.len()).ok()?;
                for &[high, low] in pairs {
                    out.push((digit(high)? << 4 | digit(low)?) as u8);
                }
                Some(())
            }
        }
    }
}

fn digit(byte: u8) -> Option<u32> {
    (byte as char).to_digit(16)
}

fn base16(bytes: &[u8], digits: &[u8; 16], out: &mut Vec<u8>) {
    out.extend(bytes.iter().flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]));
}

fn base64(bytes: &[u8], digits: &[u8; 64], padded: bool, out: &mut Vec<u8>) {
    let digit = |bits: u32, shift: u32| digits[(bits >> shift & 63) as usize];
    let (threes, rest) = bytes.as_chunks::<3>();
    for &[one, two, three] in threes {
        let bits = u32::from_be_bytes([0, one, two, three]);
        out.extend_from_slice(&[digit(bits, 18), digit(bits, 12), digit(bits, 6), digit(bits, 0)]);
    }
    match *rest {
        [one] => {
            let bits = u32::from(one) << 16;
            out.extend_from_slice(&[digit(bits, 18), digit(bits, 12)]);
        }
        [one, two] => {
            let bits = u32::from_be_bytes([0, one, two, 0]);
            out.extend_from_slice(&[digit(bits, 18), digit(bits, 12), digit(bits, 6)]);
        }
        _ => return,
    }
    if padded {
        out.extend_from_slice(&b"=="[..3 - rest.len()]);
    }
}

/// `text` is without padding.
fn unbase64(text: &[u8], digits: &[u8; 64], out: &mut Vec<u8>) -> Option<()> {
    out.try_reserve(text.len() / 4 * 3 + 3).ok()?;
    for chunk in text.chunks(4) {
        let mut bits = 0;
        for &byte in chunk {
            bits = bits << 6 | value(byte, digits)?;
        }
        let bytes = (bits << (6 * (4 - chunk.len()))).to_be_bytes();
        let used = match chunk.len() {
            4 => 3,
            3 if bytes[3] == 0 => 2,
            2 if bytes[2] == 0 && bytes[3] == 0 => 1,
            _ => return None,
        };
        out.extend_from_slice(&bytes[1..1 + used]);
    }
    Some(())
}

fn value(byte: u8, digits: &[u8; 64]) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        _ if byte == digits[62] => 62,
        _ if byte == digits[63] => 63,
        _ => return None,
    }))
}
