//! Texts, bytes and times. Each refusal is at `at`, where the value begins in the message.

use alloc::vec::Vec;

use maskgate_avro::{Binary, Logical, varint};
use maskgate_convert::{Encoding, Number, time as clock};
use maskgate_guest::{Full, Refusal};
use maskgate_tape::{Kind, Values};

/// Bytes or text, with their length before them.
pub fn bytes(content: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(content.len() + varint::LONGEST).map_err(|_| Full)?;
    varint::write(content.len() as i64, out);
    out.extend_from_slice(content);
    Ok(())
}

/// Adds the bytes that a text stands for.
pub fn binary(text: &[u8], binary: Binary, at: usize, room: &mut Vec<u8>) -> Result<(), Refusal> {
    room.try_reserve(text.len()).map_err(|_| Full)?;
    let done = match binary {
        Binary::Encoded(encoding) => encoding.decode(text, room),
        Binary::Latin1 => latin1(text, room),
    };
    done.ok_or_else(|| Refusal::at("invalid_binary", at))
}

/// The numbers of characters up to U+00FF.
fn latin1(text: &[u8], room: &mut Vec<u8>) -> Option<()> {
    for character in core::str::from_utf8(text).ok()?.chars() {
        room.push(u8::try_from(u32::from(character)).ok()?);
    }
    Some(())
}

/// Days or parts of a second, of a text as RFC 3339 has it.
pub fn time(text: &[u8], logical: Logical, at: usize) -> Result<i64, Refusal> {
    let found = match logical {
        Logical::Date => clock::read_date(text),
        Logical::Time { digits } => clock::read_time(text).and_then(|(second, nanos)| parts(second, nanos, digits)),
        Logical::Moment { digits, zoned } => {
            clock::read_moment(text, zoned).and_then(|(second, nanos)| parts(second, nanos, digits))
        }
        _ => None,
    };
    found.ok_or_else(|| Refusal::at("invalid_time", at))
}

/// So many parts of a second that 10^digits make one, if that is exact.
fn parts(second: i64, nanos: u32, digits: u32) -> Option<i64> {
    let part = 10u32.pow(9 - digits);
    let exact = nanos.is_multiple_of(part).then_some(i64::from(nanos / part))?;
    // A second before 1970 times 10^9 can be beyond 64 bits where it and its parts are not.
    i64::try_from(i128::from(second) * i128::from(10i64.pow(digits)) + i128::from(exact)).ok()
}

/// The sixteen bytes of a UUID as RFC 9562 writes it, in either case.
pub fn uuid(text: &[u8], at: usize, room: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut read = || {
        let [a @ .., b'-', _, _, _, _, b'-', _, _, _, _, b'-', _, _, _, _, b'-', _, _, _, _, _, _, _, _, _, _, _, _] =
            text
        else {
            return None;
        };
        Encoding::Hex.decode(a, room).filter(|()| a.len() == 8)?;
        for part in [9..13, 14..18, 19..23, 24..36] {
            Encoding::Hex.decode(&text[part], room)?;
        }
        Some(())
    };
    read().ok_or_else(|| Refusal::at("invalid_uuid", at))
}

/// `{"months":1,"days":2,"millis":3}`, in any order.
pub fn duration(values: &Values, value: usize, room: &mut Vec<u8>) -> Result<(), Refusal> {
    let wrong = |value| Refusal::at("wrong_type", values.offset(value));
    if values.count(value) != 3 {
        return Err(wrong(value));
    }
    room.try_reserve(12).map_err(|_| Full)?;
    for name in [&b"months"[..], b"days", b"millis"] {
        let member = values.inner(value).find(|&member| values.key(member) == name).ok_or_else(|| wrong(value))?;
        let number = match values.kind(member) {
            Kind::Number => Number::read(values.json(member)),
            _ => return Err(wrong(member)),
        };
        match number {
            Number::Unsigned(number) => match u32::try_from(number) {
                Ok(number) => room.extend_from_slice(&number.to_le_bytes()),
                Err(_) => return Err(Refusal::at("number_out_of_range", values.offset(member))),
            },
            _ => return Err(wrong(member)),
        }
    }
    Ok(())
}
