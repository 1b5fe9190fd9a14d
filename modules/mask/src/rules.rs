//! The configuration: what it may say, and the errors that name the place.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong, secret};

use crate::path::{self, Segment};
use crate::treatment::Treatment;

/// The counter of dropped values that no rule lists. No rule may be called so.
pub const UNLISTED: &str = "unlisted";

/// Bytes that a secret for HMAC must have: half of SHA-256's output (RFC 2104 section 3 advises against fewer than all).
const SECRET_LEAST: usize = 16;

const SCALARS: u32 = 1 << 20;

/// What happens to a value that no path matches, on it or above it, and that isn't on the way to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    Keep,
    Drop,
    Refuse,
}

pub struct Rule {
    pub name: String,
    pub paths: Vec<Vec<Segment>>,
    pub treatment: Treatment,
}

pub struct Rules {
    pub unlisted: Unlisted,
    pub rules: Vec<Rule>,
}

pub fn read(configuration: &Setting) -> Result<Rules, Wrong> {
    let members = configuration.members(&["unlisted", "rules"])?;
    let unlisted = match members.required("unlisted")?.choice(&["keep", "drop", "refuse"])? {
        0 => Unlisted::Keep,
        1 => Unlisted::Drop,
        _ => Unlisted::Refuse,
    };
    let (mut names, mut seen, mut rules) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
    for setting in members.required("rules")?.items()? {
        let rule = rule(&setting, &mut seen)?;
        if !names.insert(rule.name.clone()) {
            return Err(setting.wrong(format!("a rule before it has the name `{}` too", rule.name)));
        }
        rules.push(rule);
    }
    Ok(Rules { unlisted, rules })
}

/// `seen`: the paths so far, and where each stands.
fn rule(setting: &Setting, seen: &mut BTreeMap<Vec<Segment>, String>) -> Result<Rule, Wrong> {
    let members = setting.members(&["name", "paths", "treatment"])?;
    let name = members.required("name")?;
    if ["", UNLISTED].contains(&name.string()?) {
        return Err(name.wrong(format!("must not be empty or `{UNLISTED}`")));
    }
    let mut paths = Vec::new();
    for item in members.required("paths")?.items()? {
        let text = item.string()?;
        let segments = path::parse(text).map_err(|what| item.wrong(format!("`{text}` {what}")))?;
        if let Some(before) = seen.insert(segments.clone(), name.string()?.to_string()) {
            return Err(item.wrong(format!("`{text}` stands in the rule `{before}` too")));
        }
        paths.push(segments);
    }
    Ok(Rule { name: name.string()?.to_string(), paths, treatment: treatment(&members.required("treatment")?)? })
}

fn treatment(setting: &Setting) -> Result<Treatment, Wrong> {
    const ALL: &[&str] = &["kind", "text", "keep_first", "keep_last", "mask", "secret", "domain", "bytes", "prefix"];
    let kind = setting.members(ALL)?.required("kind")?;
    Ok(match kind.choice(&["keep", "redact", "text", "partial", "hmac", "nullify", "drop"])? {
        0 => setting.members(&["kind"]).map(|_| Treatment::Keep)?,
        1 => setting.members(&["kind"]).map(|_| Treatment::redact())?,
        2 => Treatment::text(setting.members(&["kind", "text"])?.required("text")?.string()?),
        3 => partial(setting)?,
        4 => hmac(setting)?,
        5 => setting.members(&["kind"]).map(|_| Treatment::nullify())?,
        _ => setting.members(&["kind"]).map(|_| Treatment::Drop)?,
    })
}

fn partial(setting: &Setting) -> Result<Treatment, Wrong> {
    let members = setting.members(&["kind", "keep_first", "keep_last", "mask"])?;
    let count = |name| members.optional(name).map_or(Ok(0), |setting: Setting| setting.integer(0..=SCALARS));
    let mut mask = '*';
    if let Some(setting) = members.optional("mask") {
        let mut characters = setting.string()?.chars();
        mask = match (characters.next(), characters.next()) {
            (Some(character), None) => character,
            _ => return Err(setting.wrong("must be one character")),
        };
    }
    Ok(Treatment::partial(count("keep_first")?, count("keep_last")?, mask))
}

fn hmac(setting: &Setting) -> Result<Treatment, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "bytes", "prefix"])?;
    let domain = members.required("domain")?;
    if domain.string()?.contains('\0') {
        return Err(domain.wrong("must not have the character U+0000, which stands between domain and value"));
    }
    let bytes = members.optional("bytes").map_or(Ok(16), |setting| setting.integer(8..=32))?;
    let prefix = members.optional("prefix").map_or(Ok(""), |setting| setting.string())?;
    let name = members.required("secret")?;
    let key = secret(name.string()?).map_err(|wrong| name.wrong(wrong.text()))?;
    if key.len() < SECRET_LEAST {
        return Err(name.wrong(format!("`{}` has fewer than {SECRET_LEAST} bytes", name.string()?)));
    }
    Ok(Treatment::hmac(&key, domain.string()?, bytes as usize, prefix))
}
