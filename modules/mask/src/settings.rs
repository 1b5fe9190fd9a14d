//! A treatment as the configuration writes it.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use maskgate_generalise::Partial;
use maskgate_guest::{Members, Setting, Wrong};

use crate::entity::Wanted;
use crate::generalised::Generalised;
use crate::maker::Maker;
use crate::partial::Ends;
use crate::pseudonym::Pseudonym;
use crate::shuffle::Shuffle;
use crate::treatment::{KINDS, Treatment};
use crate::{keyed, less_exact};

/// Characters at most that may stay at an end.
pub const KEPT_MOST: u32 = 1 << 20;

/// Reads a treatment. Its strictness is its kind's place in `KINDS`. `entities`: where it adds what it has to look up.
pub fn treatment(setting: &Setting, entities: &mut Wanted) -> Result<(Treatment, usize), Wrong> {
    let Some(kind) = setting.member("kind")? else { return Err(setting.wrong("needs the key `kind`")) };
    let mut kinds = KINDS.to_vec();
    kinds.retain(|kind| *kind != "scan"); // a rule of its own kind
    let kind = kinds[kind.choice(&kinds)?];
    let treatment = match kind {
        "keep" => setting.members(&["kind"]).map(|_| Treatment::Keep)?,
        "redact" => setting.members(&["kind"]).map(|_| Treatment::redact())?,
        "text" => Treatment::text(setting.members(&["kind", "text"])?.required("text")?.string()?),
        "nullify" => setting.members(&["kind"]).map(|_| Treatment::nullify())?,
        "drop" => setting.members(&["kind"]).map(|_| Treatment::Drop)?,
        _ => Treatment::Make(maker(kind, setting, entities)?),
    };
    Ok((treatment, strictness(kind)))
}

/// A kind's place in `KINDS`.
pub fn strictness(kind: &str) -> usize {
    KINDS.iter().position(|other| *other == kind).unwrap_or(KINDS.len())
}

fn maker(kind: &str, setting: &Setting, entities: &mut Wanted) -> Result<Maker, Wrong> {
    match kind {
        "partial" => partial(setting),
        "hmac" => hmac(setting),
        "shuffle" => shuffle(setting),
        "ff1" => keyed::ff1(setting),
        "siv" => keyed::siv(setting),
        "reveal" => keyed::reveal(setting),
        "name" => keyed::name(setting),
        "email" => keyed::email(setting),
        "choose" => keyed::choose(setting),
        _ => Ok(Maker::Generalised(Box::new(less_exact::read(kind, setting, entities)?))),
    }
}

fn partial(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "keep_first", "keep_last", "mask", "keep_domain", "keep_separators"])?;
    let (first, last) = (kept(&members, "keep_first")?, kept(&members, "keep_last")?);
    let (domain, separators) = (flag(&members, "keep_domain", false)?, flag(&members, "keep_separators", false)?);
    let mask = mask(&members)?;
    Ok(match domain || separators {
        false => Maker::Ends(Ends::new(first, last, mask)),
        true => Maker::Generalised(Box::new(Generalised::Partial(Partial::new(first, last, mask, domain, separators)))),
    })
}

fn hmac(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "bytes", "prefix", "key_id"])?;
    let domain = keyed::domain(&members)?;
    let bytes = members.optional("bytes").map_or(Ok(16), |setting| setting.integer(8..=32))?;
    let prefix = members.optional("prefix").map_or(Ok(""), |setting| setting.string())?;
    let secret = keyed::secret(&members)?;
    let id = members.optional("key_id").map(|setting| keyed::key_id(&setting)).transpose()?;
    let prefix = id.map_or(prefix.into(), |id| format!("{prefix}{id}."));
    Ok(Maker::Pseudonym(Box::new(Pseudonym::new(&secret, domain, bytes as usize, &prefix))))
}

fn shuffle(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "least"])?;
    let domain = keyed::domain(&members)?;
    let least = members.optional("least").map_or(Ok(10), |setting| setting.integer(2..=u32::MAX))?;
    let secret: Vec<u8> = keyed::secret(&members)?;
    Ok(Maker::Shuffle(Box::new(Shuffle::new(&secret, domain, least as usize))))
}

/// How many characters stay at an end.
pub fn kept(members: &Members, name: &str) -> Result<u32, Wrong> {
    members.optional(name).map_or(Ok(0), |setting| setting.integer(0..=KEPT_MOST))
}

pub fn flag(members: &Members, name: &str, default: bool) -> Result<bool, Wrong> {
    members.optional(name).map_or(Ok(default), |setting| setting.boolean())
}

pub fn mask(members: &Members) -> Result<char, Wrong> {
    let Some(setting) = members.optional("mask") else { return Ok('*') };
    let mut characters = setting.string()?.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(setting.wrong("must be one character")),
    }
}
