//! The extension type -1: a moment in 4, 8 or 12 bytes.

use maskgate_convert::{Writer, time};
use maskgate_guest::{Full, Refusal};

pub const TYPE: i8 = -1;

const NANOS: u32 = 1_000_000_000;

/// Writes the moment as RFC 3339 does. `at`: where the extension begins.
pub fn write(data: &[u8], at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    let (seconds, nanos) = match *data {
        [a, b, c, d] => (i64::from(u32::from_be_bytes([a, b, c, d])), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            ((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32)
        }
        [a, b, c, d, ref rest @ ..] if let Ok(seconds) = rest.try_into() => {
            (i64::from_be_bytes(seconds), u32::from_be_bytes([a, b, c, d]))
        }
        _ => return Err(Refusal::at("invalid_msgpack", at)),
    };
    if nanos >= NANOS {
        return Err(Refusal::at("invalid_msgpack", at));
    }
    if !time::is_writable(seconds) {
        return Err(Refusal::at("time_out_of_range", at));
    }
    writer.value(|json| {
        json.try_reserve(1).map_err(|_| Full)?;
        json.push(b'"');
        time::write_moment(seconds, nanos, json)?;
        json.try_reserve(1).map_err(|_| Full)?;
        json.push(b'"');
        Ok(())
    })
}
