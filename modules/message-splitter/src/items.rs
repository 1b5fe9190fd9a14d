//! An array's items, found in a text whose grammar has been checked.

/// The items of an array, each as it is written, without the white space around it.
pub fn items(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inner = array.get(1..array.len().saturating_sub(1)).unwrap_or_default();
    let mut rest = inner.trim_ascii();
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = end(rest);
        let item = rest[..end].trim_ascii_end();
        rest = rest.get(end + 1..).unwrap_or_default().trim_ascii_start();
        Some(item)
    })
}

/// Where the first comma is that stands in no string and no container; the end if there is none.
fn end(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b',' if depth == 0 => return at,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => at = closing(text, at),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The closing quote of the string whose opening quote is at `at`.
fn closing(text: &[u8], mut at: usize) -> usize {
    loop {
        at += 1;
        match text.get(at) {
            Some(b'\\') => at += 1,
            Some(b'"') | None => return at,
            Some(_) => {}
        }
    }
}
