//! A metric.

use alloc::string::String;

use maskgate_decimal::Decimal;
use maskgate_guest::{Refusal, Setting, Wrong};
use maskgate_pick::{Found, Paths, keys};
use maskgate_predicate::{Predicate, Room};

/// The name that the report has for itself.
const OWN: &str = "skipped";

enum Kind {
    /// Messages.
    Count,
    /// The number at a path, times 10 to a power.
    Sum(usize, u32),
    /// The items or members of what is at a path.
    Items(usize),
}

pub struct Rule {
    pub name: String,
    kind: Kind,
    when: Option<Predicate>,
}

pub fn read(setting: &Setting, paths: &mut Paths) -> Result<Rule, Wrong> {
    let members = setting.members(&["name", "kind", "value", "scale", "when"])?;
    let name = members.required("name")?;
    let text = name.string()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !begins || text.len() > 63 || !text.bytes().all(fits) {
        return Err(name.wrong(
            "must be letters, digits, `_`, `.`, `:` and `-`, at most 63, and begin with one of the first three",
        ));
    }
    if text == OWN {
        return Err(name.wrong("is a name that the report has already"));
    }
    let kind = members.optional("kind").map_or(Ok(0), |found| found.choice(&["count", "sum", "items"]))?;
    let path = match members.optional("value") {
        Some(value) if kind == 0 => return Err(value.wrong("is for the kinds sum and items")),
        Some(value) => paths.add(&keys(value.string()?).map_err(|what| value.wrong(what))?),
        None if kind == 0 => 0,
        None => return Err(setting.wrong("needs the key `value`")),
    };
    let scale = match members.optional("scale") {
        Some(scale) if kind != 1 => return Err(scale.wrong("is for the kind sum")),
        Some(scale) => scale.integer(0..=9)?,
        None => 0,
    };
    let when = match members.optional("when") {
        Some(when) => Some(Predicate::read(when.string()?, paths).map_err(|what| when.wrong(what))?),
        None => None,
    };
    let kind = match kind {
        0 => Kind::Count,
        1 => Kind::Sum(path, scale),
        _ => Kind::Items(path),
    };
    Ok(Rule { name: text.into(), kind, when })
}

impl Rule {
    /// What a message adds to the metric.
    pub fn adds(&self, found: &Found, room: &mut Room) -> Result<u64, Refusal> {
        if let Some(when) = &self.when
            && !when.holds(found, room).map_err(|error| Refusal::at("not_comparable", error.offset))?
        {
            return Ok(0);
        }
        match self.kind {
            Kind::Count => Ok(1),
            Kind::Sum(path, scale) => {
                let Some(span) = found.span(path) else { return Ok(0) };
                let value = found.bytes(span);
                let number = matches!(value, [b'-' | b'0'..=b'9', ..]).then(|| Decimal::read(value)).flatten();
                number.and_then(|number| number.scaled(scale)).ok_or_else(|| Refusal::at("not_a_number", span.start))
            }
            Kind::Items(path) => {
                let Some(span) = found.span(path) else { return Ok(0) };
                count(found.bytes(span)).ok_or_else(|| Refusal::at("not_a_list", span.start))
            }
        }
    }
}

/// Items or members of a container whose grammar has been checked. None for anything else.
fn count(json: &[u8]) -> Option<u64> {
    let ([b'[', inner @ .., b']'] | [b'{', inner @ .., b'}']) = json else { return None };
    if inner.trim_ascii().is_empty() {
        return Some(0);
    }
    let (mut commas, mut depth, mut string, mut escaped) = (0, 0usize, false, false);
    for byte in inner {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true, // only within strings
            b'"' => string = !string,
            _ if string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    Some(commas + 1)
}
