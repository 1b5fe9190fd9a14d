mod bucket;
mod characters;
mod date;
mod hostile;
mod network;
mod noise;
mod random;
mod shift;

use maskgate_generalise::Value;

const SECRET: &[u8] = b"0123456789abcdef";

/// What is written for the value; None if it can't be read. What `out` had before must stay.
fn written(value: Value, write: impl FnOnce(Value, &mut Vec<u8>) -> bool) -> Option<String> {
    let mut out = b"before".to_vec();
    let read = write(value, &mut out);
    let text = String::from_utf8(out.split_off(6)).expect("UTF-8");
    assert_eq!(out, b"before");
    assert!(read || text.is_empty(), "{text}");
    read.then_some(text)
}

fn string(text: &str) -> Value<'_> {
    Value::String(text.as_bytes())
}

fn number(text: &str) -> Value<'_> {
    Value::Number(text.as_bytes())
}

/// Texts that are of no use to any treatment that reads something, and must not be more than that.
const NONSENSE: &[&str] =
    &["", " ", "x", "-", "+1", "NaN", "0x10", "١٢", "1,5", "null", "\0", "é", "😀", "1 ", " 1", "٢٠٢٤-٠٥-١٧"];
