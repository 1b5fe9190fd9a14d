//! Numbers and bytes, as their logical types say.

use alloc::vec::Vec;

use maskgate_avro::{Binary, Logical};
use maskgate_convert::{Encoding, Writer, big, number, time};
use maskgate_guest::{Full, Refusal, json::text};

/// An int or a long, which stands at `at`.
#[inline(always)]
pub fn integer(value: i64, logical: Logical, at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    if logical == Logical::None {
        return writer.value(|json| number::signed(value, json));
    }
    moment(value, logical, at, writer)
}

#[inline(never)]
fn moment(value: i64, logical: Logical, at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    let out_of_range = || Refusal::at("time_out_of_range", at);
    match logical {
        Logical::Time { digits } => {
            let (second, nanos) = split(value, digits);
            let second = u64::try_from(second).ok().filter(|&second| second < 86_400).ok_or_else(out_of_range)?;
            quoted(writer, |json| time::write_time(second, nanos, fraction(nanos), json))
        }
        Logical::Moment { digits, zoned } => {
            let (seconds, nanos) = split(value, digits);
            if !time::is_writable(seconds) {
                return Err(out_of_range());
            }
            quoted(writer, |json| match zoned {
                true => time::write_moment(seconds, nanos, json),
                false => time::write_moment_with(seconds, nanos, fraction(nanos), json),
            })
        }
        Logical::Date if value.checked_mul(86_400).is_some_and(time::is_writable) => {
            quoted(writer, |json| time::write_date(value, json))
        }
        Logical::Date => Err(out_of_range()),
        _ => writer.value(|json| number::signed(value, json)),
    }
}

/// Seconds, and nanoseconds behind them, of parts of which 10^digits make a second.
fn split(value: i64, digits: u32) -> (i64, u32) {
    let parts = 10i64.pow(digits);
    (value.div_euclid(parts), value.rem_euclid(parts) as u32 * 10u32.pow(9 - digits))
}

/// Digits of a second's fraction: none, or those of milli-, micro- or nanoseconds.
fn fraction(nanos: u32) -> usize {
    match nanos {
        0 => 0,
        nanos if nanos.is_multiple_of(1_000_000) => 3,
        nanos if nanos.is_multiple_of(1_000) => 6,
        _ => 9,
    }
}

/// Bytes or a fixed value, which stands at `at`.
pub fn bytes(content: &[u8], logical: Logical, binary: Binary, at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    match (logical, binary) {
        (Logical::Decimal { precision, scale }, _) => decimal(content, precision as usize, scale as usize, at, writer),
        (Logical::Uuid, _) => quoted(writer, |json| uuid(content, json)),
        (Logical::Duration, _) => duration(content, at, writer),
        (_, Binary::Encoded(encoding)) => quoted(writer, |json| encoding.encode(content, json)),
        (_, Binary::Latin1) => quoted(writer, |json| latin1(content, json)),
    }
}

/// A big-endian integer in two's complement × 10^-scale, with as many digits behind the point as the scale says.
fn decimal(content: &[u8], precision: usize, scale: usize, at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    let Some(&first) = content.first() else { return Err(Refusal::at("invalid_decimal", at)) };
    let negative = first >= 0x80;
    let sign = if negative { 0xff } else { 0 };
    let extended = content.iter().take_while(|&&byte| byte == sign).count();
    if content.len() - extended > big::BYTES {
        return Err(Refusal::at("number_too_long", at));
    }
    let mut magnitude = Vec::new();
    magnitude.try_reserve(content.len() - extended + 1).map_err(|_| Full)?;
    magnitude.extend(content[extended..].iter().map(|byte| byte ^ sign));
    if negative {
        big::increment(&mut magnitude);
    }
    if magnitude.len() > big::BYTES {
        return Err(Refusal::at("number_too_long", at));
    }
    let mut digits = Vec::new();
    big::digits(&magnitude, &mut digits)?;
    if digits.len() > precision {
        return Err(Refusal::at("invalid_decimal", at));
    }
    writer.value(|json| {
        json.try_reserve(digits.len() + scale + 3).map_err(|_| Full)?;
        if negative {
            json.push(b'-');
        }
        let (whole, part) = digits.split_at(digits.len().saturating_sub(scale));
        json.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
        if scale > 0 {
            json.push(b'.');
            json.extend((part.len()..scale).map(|_| b'0'));
            json.extend_from_slice(part);
        }
        Ok(())
    })
}

/// Sixteen bytes as RFC 9562 writes them.
fn uuid(content: &[u8], json: &mut Vec<u8>) -> Result<(), Full> {
    json.try_reserve(40).map_err(|_| Full)?;
    for (number, byte) in content.iter().enumerate() {
        if matches!(number, 4 | 6 | 8 | 10) {
            json.push(b'-');
        }
        Encoding::Hex.encode(&[*byte], json)?;
    }
    Ok(())
}

fn duration(content: &[u8], at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    writer.object(at)?;
    let (parts, _) = content.as_chunks::<4>();
    for (key, part) in ["\"months\":", ",\"days\":", ",\"millis\":"].into_iter().zip(parts) {
        writer.literal(key.as_bytes())?;
        writer.value(|json| number::unsigned(u64::from(u32::from_le_bytes(*part)), json))?;
    }
    writer.close()
}

fn latin1(content: &[u8], json: &mut Vec<u8>) -> Result<(), Full> {
    json.try_reserve(content.len() * 6).map_err(|_| Full)?;
    for &byte in content {
        match byte {
            0x80.. => json.extend_from_slice(&[0xc0 | byte >> 6, 0x80 | byte & 0x3f]),
            _ => text::encode(&[byte], json),
        }
    }
    Ok(())
}

fn quoted(writer: &mut Writer, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Full>) -> Result<(), Refusal> {
    writer.value(|json| {
        json.try_reserve(1).map_err(|_| Full)?;
        json.push(b'"');
        write(json)?;
        json.try_reserve(1).map_err(|_| Full)?;
        json.push(b'"');
        Ok(())
    })
}
