//! Strings: from escapes to characters and back.

use alloc::vec::Vec;

/// The number that four hexadecimal digits write, None if they are not four such digits.
///
/// # Safety
/// Reads up to the first byte that is no such digit, four at most.
#[inline(always)]
pub unsafe fn hex4(at: *const u8) -> Option<u32> {
    let mut number = 0;
    for i in 0..4 {
        number = number << 4 | (unsafe { *at.add(i) } as char).to_digit(16)?;
    }
    Some(number)
}

/// The characters (UTF-8) of a string that `scan` has accepted, given between its quotes, added to `out`.
pub fn decode(string: &[u8], out: &mut Vec<u8>) {
    let mut rest = string;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        let (character, len) = escape(&rest[at..]);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &rest[at + len..];
    }
    out.extend_from_slice(rest);
}

/// The character that the escape at the head of `text` stands for, and the escape's length.
fn escape(text: &[u8]) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|digits| unsafe { hex4(digits.as_ptr()) }).unwrap_or(0xfffd);
    match text.get(1) {
        Some(b'u') => {
            let first = unit(2);
            if first & 0xfc00 == 0xd800 {
                let pair = 0x10000 + ((first & 0x3ff) << 10) + (unit(8) & 0x3ff);
                (char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
            } else {
                (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
            }
        }
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(&other) => (other as char, 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Adds `text` as JSON writes it between quotes: what must be escaped is, in the short form where there is one.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
}

/// `text` as a JSON string, quotes and all.
pub fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    encode(text.as_bytes(), &mut out);
    out.push(b'"');
    out
}
