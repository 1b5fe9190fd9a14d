//! Treatments that make a value less exact, as the configuration writes them.

use alloc::vec::Vec;

use maskgate_generalise::{
    As, By, Date, Edges, Fixed, Form, Format, Invalid, Network, Noise, Part, Shift, Steps, Truncate,
};
use maskgate_guest::json::value::Value;
use maskgate_guest::{Members, Setting, Wrong};
use maskgate_pick::keys;

use crate::entity::Wanted;
use crate::generalised::{Generalised, Shifted};
use crate::keyed;
use crate::settings::{KEPT_MOST, kept, mask};

const PARTS: [(&str, Part); 6] = [
    ("year", Part::Year),
    ("quarter", Part::Quarter),
    ("month", Part::Month),
    ("week", Part::Week),
    ("day", Part::Day),
    ("hour", Part::Hour),
];
const FORMS: [(&str, Form); 2] = [("short", Form::Short), ("same", Form::Same)];
const RANGES: [(&str, As); 2] = [("range", As::Range), ("lower", As::Lower)];
const FORMATS: [(&str, Format); 5] = [
    ("iso", Format::Iso),
    ("dmy", Format::Dmy),
    ("mdy", Format::Mdy),
    ("epoch_s", Format::EpochSeconds),
    ("epoch_ms", Format::EpochMilliseconds),
];

/// `entities`: where paths are added that have to be looked up.
pub fn read(kind: &str, setting: &Setting, entities: &mut Wanted) -> Result<Generalised, Wrong> {
    Ok(match kind {
        "fixed" => {
            let members = setting.members(&["kind", "length", "mask", "keep_first", "keep_last"])?;
            let length = members.optional("length").map_or(Ok(8), |setting| setting.integer(1..=4096))?;
            let ends = (kept(&members, "keep_first")?, kept(&members, "keep_last")?);
            Generalised::Fixed(told(setting, Fixed::new(length, mask(&members)?, ends.0, ends.1))?)
        }
        "truncate" => {
            let keep = setting.members(&["kind", "keep"])?.required("keep")?.integer(0..=KEPT_MOST)?;
            Generalised::Truncate(Truncate { keep: keep as usize })
        }
        "bucket" => bucket(setting)?,
        "date" => date(setting)?,
        "ip_prefix" => {
            let members = setting.members(&["kind", "v4", "v6"])?;
            let bits = |name, default, most| {
                members.optional(name).map_or(Ok(default), |setting: Setting| setting.integer(0..=most))
            };
            let (v4, v6) = (bits("v4", 24, 32)?, bits("v6", 48, 128)?);
            Generalised::Network(told(setting, Network::new(v4 as u8, v6 as u8))?)
        }
        "noise" => noise(setting)?,
        _ => shift_date(setting, entities)?,
    })
}

fn bucket(setting: &Setting) -> Result<Generalised, Wrong> {
    let members = setting.members(&["kind", "size", "offset", "as", "edges", "labels"])?;
    match (members.optional("size"), members.optional("edges")) {
        (Some(size), None) => {
            let members = setting.members(&["kind", "size", "offset", "as"])?;
            let offset = members.optional("offset");
            let offset = offset.as_ref().map_or(Ok("0"), decimal)?;
            let form = chosen(&members, "as", &RANGES)?.unwrap_or(As::Range);
            let steps = Steps::new(decimal(&size)?.as_bytes(), offset.as_bytes(), form);
            Ok(Generalised::Steps(told(setting, steps)?))
        }
        (None, Some(edges)) => {
            let members = setting.members(&["kind", "edges", "labels"])?;
            let items = edges.items()?;
            let edges = items.iter().map(|edge| decimal(edge).map(str::as_bytes)).collect::<Result<Vec<_>, _>>()?;
            let labels = match members.optional("labels") {
                Some(labels) => Some(labels.items()?.iter().map(Setting::string).collect::<Result<Vec<_>, _>>()?),
                None => None,
            };
            Ok(Generalised::Edges(told(setting, Edges::new(&edges, labels.as_deref()))?))
        }
        _ => Err(setting.wrong("needs the key `size` or the key `edges`, and not both")),
    }
}

fn date(setting: &Setting) -> Result<Generalised, Wrong> {
    let members = setting.members(&["kind", "keep", "form", "format"])?;
    let Some(keep) = chosen(&members, "keep", &PARTS)? else { return Err(setting.wrong("needs the key `keep`")) };
    let form = chosen(&members, "form", &FORMS)?.unwrap_or(Form::Short);
    Ok(Generalised::Date(Date { format: format(&members)?, keep, form }))
}

fn format(members: &Members) -> Result<Format, Wrong> {
    Ok(chosen(members, "format", &FORMATS)?.unwrap_or(Format::Iso))
}

fn noise(setting: &Setting) -> Result<Generalised, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "by", "percent"])?;
    let (domain, secret) = (keyed::domain(&members)?, keyed::secret(&members)?);
    let noise = match (members.optional("by"), members.optional("percent")) {
        (Some(by), None) => Noise::new(&secret, domain, By::Amount(decimal(&by)?.as_bytes())),
        (None, Some(percent)) => Noise::new(&secret, domain, By::Percent(decimal(&percent)?.as_bytes())),
        _ => return Err(setting.wrong("needs the key `by` or the key `percent`, and not both")),
    };
    Ok(Generalised::Noise(told(setting, noise)?))
}

fn shift_date(setting: &Setting, entities: &mut Wanted) -> Result<Generalised, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "days", "entity", "format"])?;
    let (domain, secret) = (keyed::domain(&members)?, keyed::secret(&members)?);
    let days = members.required("days")?.integer(1..=36_500)?;
    let entity = members.required("entity")?;
    let keys = keys(entity.string()?).map_err(|what| entity.wrong(what))?;
    let shift = told(setting, Shift::new(&secret, domain, days, format(&members)?))?;
    Ok(Generalised::Shift(Shifted { shift, entity: entities.add(keys), last: (Vec::new(), 0) }))
}

/// A number, or a text that holds one: for those that a policy's author wants to be read exactly.
fn decimal<'a>(setting: &Setting<'a>) -> Result<&'a str, Wrong> {
    match setting.value() {
        Value::Number(text) | Value::String(text) => Ok(text),
        _ => Err(setting.wrong("must be a number, or a text that holds one")),
    }
}

fn chosen<T: Copy>(members: &Members, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Wrong> {
    let Some(setting) = members.optional(name) else { return Ok(None) };
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    Ok(Some(choices[setting.choice(&names)?].1))
}

/// What is wrong, at the key that is.
fn told<T>(setting: &Setting, made: Result<T, Invalid>) -> Result<T, Wrong> {
    made.map_err(|Invalid { key, text }| match setting.member(key) {
        Ok(Some(at)) => at.wrong(text),
        _ => setting.wrong(alloc::format!("`{key}` {text}")),
    })
}
