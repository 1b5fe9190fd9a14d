//! A text's characters as JSON writes them between quotes.

use alloc::vec::Vec;
use core::arch::wasm32::v128_load;

use maskgate_guest::Full;
use maskgate_guest::json::{bytes::stops, text};

/// Adds `characters` (UTF-8) to a JSON string.
#[inline(always)]
pub fn escape(characters: &[u8], json: &mut Vec<u8>) -> Result<(), Full> {
    json.try_reserve(characters.len() + 2).map_err(|_| Full)?;
    let clean = plain(characters);
    json.extend_from_slice(&characters[..clean]);
    if clean < characters.len() { escape_on(&characters[clean..], json) } else { Ok(()) }
}

/// The same from a character on that needs an escape.
#[inline(never)]
fn escape_on(characters: &[u8], json: &mut Vec<u8>) -> Result<(), Full> {
    let mut rest = characters;
    while let [first, after @ ..] = rest {
        json.try_reserve(rest.len() + 6).map_err(|_| Full)?;
        text::encode(core::slice::from_ref(first), json);
        let clean = plain(after);
        json.extend_from_slice(&after[..clean]);
        rest = &after[clean..];
    }
    Ok(())
}

/// How many bytes stand before the first that needs an escape.
#[inline(always)]
fn plain(characters: &[u8]) -> usize {
    let (blocks, _) = characters.as_chunks::<16>();
    for (number, block) in blocks.iter().enumerate() {
        // SAFETY: a block has sixteen bytes.
        let found = stops(unsafe { v128_load(block.as_ptr().cast()) });
        if found != 0 {
            return number * 16 + found.trailing_zeros() as usize;
        }
    }
    let done = blocks.len() * 16;
    let last = &characters[done..];
    done + last.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\').unwrap_or(last.len())
}
