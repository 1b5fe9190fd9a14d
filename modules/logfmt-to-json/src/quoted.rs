//! Values between quotes, with the escapes of JSON (RFC 8259 section 7).

use alloc::vec::Vec;

use maskgate_guest::json::text::hex4;
use maskgate_guest::{Full, Refusal};

/// Adds the characters between the quotes to `texts`; the first quote is at `start`. Returns where the value ends, behind the other.
/// The line is UTF-8.
pub fn read(line: &[u8], start: usize, texts: &mut Vec<u8>) -> Result<usize, Refusal> {
    let mut at = start + 1;
    loop {
        let rest = &line[at..];
        let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' ' | 0x7f));
        let Some(plain) = plain else { return Err(Refusal::at("logfmt_unclosed_quote", start)) };
        texts.try_reserve(plain + 4).map_err(|_| Full)?;
        texts.extend_from_slice(&rest[..plain]);
        at += plain;
        match rest[plain] {
            b'"' => return Ok(at + 1),
            b'\\' => at = escape(line, at, texts)?,
            _ => return Err(Refusal::at("logfmt_malformed", at)),
        }
    }
}

/// Adds the character that the escape at `at` stands for. Returns where the escape ends.
fn escape(line: &[u8], at: usize, texts: &mut Vec<u8>) -> Result<usize, Refusal> {
    let wrong = || Refusal::at("logfmt_bad_escape", at);
    let unit = |at: usize| line.get(at..at + 4).and_then(|digits| unsafe { hex4(digits.as_ptr()) });
    let character = match line.get(at + 1) {
        Some(byte @ (b'"' | b'\\' | b'/' | b'\'')) => char::from(*byte),
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let first = unit(at + 2).ok_or_else(wrong)?;
            if first & 0xfc00 != 0xd800 {
                let character = char::from_u32(first).ok_or_else(wrong)?;
                texts.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(at + 6);
            }
            let second = line.get(at + 6..at + 8).filter(|escape| *escape == b"\\u").and_then(|_| unit(at + 8));
            let second = second.filter(|second| second & 0xfc00 == 0xdc00).ok_or_else(wrong)?;
            let pair = 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
            texts.extend_from_slice(char::from_u32(pair).ok_or_else(wrong)?.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(at + 12);
        }
        _ => return Err(wrong()),
    };
    texts.push(character as u8);
    Ok(at + 2)
}
