//! Which values become numbers, truth values or null, and which stay text.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Members, Wrong};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
}

pub struct Kinds {
    /// Whether a value of a key that isn't named becomes what it looks like.
    infer: bool,
    /// In the order of the keys.
    named: Vec<(String, Kind)>,
}

impl Kinds {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        let infer = members.optional("values").map_or(Ok(0), |setting| setting.choice(&["text", "infer"]))? == 1;
        let mut named = Vec::new();
        for (key, setting) in members.optional("types").map_or(Ok(Vec::new()), |types| types.entries())? {
            let kind = [Kind::Text, Kind::Number, Kind::Boolean][setting.choice(&["text", "number", "boolean"])?];
            named.push((key.into(), kind));
        }
        named.sort_unstable_by(|one: &(String, Kind), other| one.0.cmp(&other.0));
        Ok(Self { infer, named })
    }

    /// Whether the value goes into the JSON as it is written. The error is a refusal's code: it isn't what the policy says it is.
    pub fn is_literal(&self, key: &[u8], value: &[u8], quoted: bool) -> Result<bool, &'static str> {
        match self.named.binary_search_by(|(name, _)| name.as_bytes().cmp(key)) {
            Ok(found) => match self.named[found].1 {
                Kind::Text => Ok(false),
                Kind::Number if is_number(value) => Ok(true),
                Kind::Number => Err("not_a_number"),
                Kind::Boolean if value == b"true" || value == b"false" => Ok(true),
                Kind::Boolean => Err("not_a_boolean"),
            },
            Err(_) => Ok(self.infer && !quoted && (is_number(value) || [&b"true"[..], b"false", b"null"].contains(&value))),
        }
    }
}

/// Whether this is a number as JSON writes it (RFC 8259 section 6).
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text[0] == b'0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let len = digits(fraction);
        if len == 0 {
            return false;
        }
        rest = &fraction[len..];
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        _ => false,
    }
}
