//! JSON Pointer (RFC 6901).

use alloc::string::String;
use alloc::vec::Vec;

/// The reference tokens of a pointer as they are written, still escaped. None if it neither is empty nor begins with `/`.
pub fn tokens(pointer: &str) -> Option<Vec<&str>> {
    match pointer.strip_prefix('/') {
        Some(rest) => Some(rest.split('/').collect()),
        None if pointer.is_empty() => Some(Vec::new()),
        None => None,
    }
}

/// A token's key: `~0` is `~`, `~1` is `/`, and, where `star` is set, `~2` is `*` (which RFC 6901 doesn't have).
/// None if a `~` has anything else behind it.
pub fn unescape(token: &str, star: bool) -> Option<String> {
    let mut key = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        key.push(match character {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                Some('2') if star => '*',
                _ => return None,
            },
            other => other,
        });
    }
    Some(key)
}

/// The array index that a key writes: decimal, no leading zero. None if it is none.
pub fn index(key: &str) -> Option<u32> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_digit()) || (key.len() > 1 && key.starts_with('0')) {
        return None;
    }
    key.parse().ok()
}
