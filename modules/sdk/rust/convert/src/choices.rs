//! Settings that several conversions have, by the same names.

use maskgate_guest::{Full, Members, Refusal, Wrong};

use crate::encoding::Encoding;
use crate::number::double;
use crate::writer::Writer;

/// What becomes of a key that isn't text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    Refuse,
    /// Integers become their digits.
    Text,
}

impl Keys {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        Ok(if choice(members, "keys", &["refuse", "text"])? == 0 { Self::Refuse } else { Self::Text })
    }
}

/// What becomes of NaN and the infinities, which JSON doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonfinite {
    Refuse,
    Null,
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`
    Text,
}

impl Nonfinite {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        Ok([Self::Refuse, Self::Null, Self::Text][choice(members, "nonfinite", &["refuse", "null", "text"])?])
    }

    /// Writes any double, which stands at `at`. Counts in `replaced` those that aren't finite.
    pub fn write(self, number: f64, at: usize, writer: &mut Writer, replaced: &mut u64) -> Result<(), Refusal> {
        if number.is_finite() {
            return writer.value(|json| double(number, json));
        }
        *replaced += 1;
        match self {
            Self::Refuse => Err(Refusal::at("not_finite", at)),
            Self::Null => writer.literal(b"null"),
            Self::Text if number.is_nan() => writer.literal(b"\"NaN\""),
            Self::Text if number > 0.0 => writer.literal(b"\"Infinity\""),
            Self::Text => writer.literal(b"\"-Infinity\""),
        }
    }
}

/// How bytes become text, by `binary`. None: they are refused.
pub fn binary(members: &Members, default: Encoding) -> Result<Option<Encoding>, Wrong> {
    Ok(match members.optional("binary") {
        Some(setting) => match setting.choice(&["base64", "base64url", "hex", "refuse"])? {
            0 => Some(Encoding::Base64),
            1 => Some(Encoding::Base64url),
            2 => Some(Encoding::Hex),
            _ => None,
        },
        None => Some(default),
    })
}

/// Writes bytes, which stand at `at`, as text.
pub fn bytes(encoding: Option<Encoding>, bytes: &[u8], at: usize, writer: &mut Writer) -> Result<(), Refusal> {
    let encoding = encoding.ok_or_else(|| Refusal::at("binary_value", at))?;
    writer.value(|json| {
        json.try_reserve(2).map_err(|_| Full)?;
        json.push(b'"');
        encoding.encode(bytes, json)?;
        json.push(b'"');
        Ok(())
    })
}

/// Whether a message may hold several values, by `several`, each of which then becomes a message.
pub fn several(members: &Members) -> Result<bool, Wrong> {
    Ok(choice(members, "several", &["refuse", "split"])? == 1)
}

/// The place of a setting among its choices; 0 where it isn't there.
pub fn choice(members: &Members, name: &str, choices: &[&str]) -> Result<usize, Wrong> {
    members.optional(name).map_or(Ok(0), |setting| setting.choice(choices))
}
