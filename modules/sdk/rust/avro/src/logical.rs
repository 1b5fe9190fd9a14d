//! Logical types: what an attribute says of the type that it annotates. One that is unknown, or isn't for the type, says
//! nothing, as the specification wants it; a decimal that can't be is an error.

use alloc::format;
use alloc::string::String;

use maskgate_json::value::Value;

/// Digits of a decimal at most: what `maskgate_convert::big` works with.
const PRECISION: u32 = 2466;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logical {
    None,
    /// Days since 1970-01-01.
    Date,
    /// Parts of a second since midnight: 10^digits make one.
    Time {
        digits: u32,
    },
    /// Parts of a second since 1970-01-01T00:00:00, in UTC if `zoned`.
    Moment {
        digits: u32,
        zoned: bool,
    },
    /// A big-endian integer in two's complement × 10^-scale.
    Decimal {
        precision: u32,
        scale: u32,
    },
    /// Sixteen bytes.
    Uuid,
    /// Months, days and milliseconds: three little-endian integers of 32 bits.
    Duration,
}

/// What `logicalType` says of a type; `size` in bytes, of a fixed one.
pub fn read<'a>(
    attribute: impl Fn(&str) -> Option<&'a Value>,
    of: &str,
    size: Option<usize>,
) -> Result<Logical, String> {
    let Some(Value::String(name)) = attribute("logicalType") else { return Ok(Logical::None) };
    Ok(match (of, name.as_str()) {
        ("int", "date") => Logical::Date,
        ("int", "time-millis") => Logical::Time { digits: 3 },
        ("long", "time-micros") => Logical::Time { digits: 6 },
        ("long", "timestamp-millis") => Logical::Moment { digits: 3, zoned: true },
        ("long", "timestamp-micros") => Logical::Moment { digits: 6, zoned: true },
        ("long", "timestamp-nanos") => Logical::Moment { digits: 9, zoned: true },
        ("long", "local-timestamp-millis") => Logical::Moment { digits: 3, zoned: false },
        ("long", "local-timestamp-micros") => Logical::Moment { digits: 6, zoned: false },
        ("long", "local-timestamp-nanos") => Logical::Moment { digits: 9, zoned: false },
        ("bytes" | "fixed", "decimal") => decimal(attribute, size)?,
        ("fixed", "uuid") if size == Some(16) => Logical::Uuid,
        ("fixed", "duration") if size == Some(12) => Logical::Duration,
        _ => Logical::None,
    })
}

fn decimal<'a>(attribute: impl Fn(&str) -> Option<&'a Value>, size: Option<usize>) -> Result<Logical, String> {
    let number = |name: &str, least: u32| match attribute(name) {
        Some(Value::Number(digits)) => match digits.parse::<u32>() {
            Ok(number) if number >= least && number <= PRECISION => Ok(Some(number)),
            _ => Err(format!("the {name} of a decimal must be an integer from {least} to {PRECISION}")),
        },
        Some(_) => Err(format!("the {name} of a decimal must be an integer from {least} to {PRECISION}")),
        None => Ok(None),
    };
    let precision = number("precision", 1)?.ok_or("a decimal needs a precision")?;
    let scale = number("scale", 0)?.unwrap_or(0);
    if scale > precision {
        return Err("the scale of a decimal must not be more than its precision".into());
    }
    // n bytes hold floor(log10(2^(8n - 1) - 1)) digits; 0.30102999… is log10(2).
    let most = size.map(|size| (size as u64 * 8).saturating_sub(1).saturating_mul(301_029_995_663) / 1_000_000_000_000);
    if most.is_some_and(|most| u64::from(precision) > most) {
        return Err("the precision of a decimal is more than its bytes hold".into());
    }
    Ok(Logical::Decimal { precision, scale })
}
