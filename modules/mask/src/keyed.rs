//! Treatments that have a key, as the configuration writes them. What is wrong with a key, an alphabet, a domain or a host is
//! found when it is read: nothing of it is left to be found by a message.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::{Members, Setting, Wrong};
use maskgate_reversible::siv::Siv;
use maskgate_reversible::{Alphabet, Ends, Host, Integer, Part, Plausible, Text, Weak};

use crate::encrypted::{FormatPreserving, Sealed};
use crate::maker::Maker;
use crate::plausible::{Invented, What};
use crate::reveal::{Keys, Reveal};
use crate::settings::{flag, kept};

/// Bytes that a secret for HMAC must have: half of SHA-256's output (RFC 2104 section 3 advises against fewer than all).
const SECRET_LEAST: usize = 16;

/// Characters of a key's id at most.
const ID_MOST: usize = 32;

/// The secret that a treatment names, as HMAC needs it.
pub fn secret(members: &Members) -> Result<Vec<u8>, Wrong> {
    let name = members.required("secret")?;
    let key = granted(&name)?;
    if key.len() < SECRET_LEAST {
        return Err(name.wrong(format!("`{}` has fewer than {SECRET_LEAST} bytes", name.string()?)));
    }
    if key.iter().all(|byte| *byte == key[0]) {
        return Err(name.wrong(format!("`{}`: the key is one byte repeated", name.string()?)));
    }
    Ok(key)
}

fn granted(name: &Setting) -> Result<Vec<u8>, Wrong> {
    maskgate_guest::secret(name.string()?).map_err(|wrong| name.wrong(wrong.text()))
}

pub fn domain<'a>(members: &Members<'a>) -> Result<&'a str, Wrong> {
    let domain = members.required("domain")?;
    if domain.string()?.contains('\0') {
        return Err(domain.wrong("must not have the character U+0000, which stands between domain and value"));
    }
    domain.string()
}

/// The id of a key, which stands in what the key made.
pub fn key_id<'a>(setting: &Setting<'a>) -> Result<&'a str, Wrong> {
    let id = setting.string()?;
    check_id(id).map_err(|what| setting.wrong(what))?;
    Ok(id)
}

fn check_id(id: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match (1..=ID_MOST).contains(&id.len()) && id.bytes().all(allowed) {
        true => Ok(()),
        false => Err("must be 1 to 32 letters, digits, `_` and `-`"),
    }
}

/// The key that `setting` names is refused.
fn weak<'a>(setting: &'a Setting) -> impl Fn(Weak) -> Wrong + 'a {
    move |weak| match setting.string() {
        Ok(name) => setting.wrong(format!("`{name}`: {}", weak.text())),
        Err(wrong) => wrong,
    }
}

const FF1: &[&str] =
    &["kind", "secret", "domain", "alphabet", "keep_first", "keep_last", "key_id", "tagged", "of", "keys"];

/// FF1 of text and of integers under one key. `secret`: where the key's name stands.
fn both(members: &Members, secret: &Setting) -> Result<(Text, Integer), Wrong> {
    let domain = members.required("domain")?;
    let ends = || Ok(Ends { first: kept(members, "keep_first")? as usize, last: kept(members, "keep_last")? as usize });
    let alphabet = match members.optional("alphabet") {
        Some(setting) => Alphabet::read(setting.string()?).map_err(|weak| setting.wrong(weak.text())),
        None => Alphabet::read("digits").map_err(|weak| secret.wrong(weak.text())),
    }?;
    let key = granted(secret)?;
    let bytes = domain.string()?.as_bytes();
    Ok((
        Text::new(&key, bytes, alphabet, ends()?).map_err(weak(secret))?,
        Integer::new(&key, bytes, ends()?).map_err(weak(secret))?,
    ))
}

pub fn ff1(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&FF1[..8])?;
    let tagged = flag(&members, "tagged", true)?;
    let id = match members.optional("key_id") {
        Some(id) => Some(key_id(&id)?),
        None if tagged => return Err(setting.wrong("needs the key `key_id`, unless `tagged` is false")),
        None => None,
    };
    let (text, integer) = both(&members, &members.required("secret")?)?;
    Ok(Maker::FormatPreserving(Box::new(FormatPreserving::new(text, integer, id.filter(|_| tagged)))))
}

pub fn siv(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "key_id"])?;
    let id = members.required("key_id")?;
    let siv = sealed(&members, &members.required("secret")?)?;
    Ok(Maker::Sealed(Box::new(Sealed::new(siv, key_id(&id)?))))
}

fn sealed(members: &Members, secret: &Setting) -> Result<Siv, Wrong> {
    let domain = members.required("domain")?.string()?;
    Siv::new(&granted(secret)?, &[domain.as_bytes()]).map_err(weak(secret))
}

pub fn reveal(setting: &Setting) -> Result<Maker, Wrong> {
    let Some(of) = setting.member("of")? else { return Err(setting.wrong("needs the key `of`")) };
    if of.choice(&["ff1", "siv"])? == 1 {
        let members = setting.members(&["kind", "of", "domain", "keys", "key_id"])?;
        let keys = keys(setting, &members, |secret| sealed(&members, secret))?;
        return Ok(Maker::Reveal(Box::new(Reveal::Siv(keys))));
    }
    let known = &["kind", "of", "domain", "alphabet", "keep_first", "keep_last", "tagged", "keys", "key_id"];
    let members = setting.members(known)?;
    let tagged = flag(&members, "tagged", true)?;
    let keys = keys(setting, &members, |secret| both(&members, secret))?;
    if !tagged && keys.untagged.is_none() {
        return Err(setting.wrong("needs the key `key_id` where `tagged` is false"));
    }
    Ok(Maker::Reveal(Box::new(Reveal::Ff1 { keys, tagged })))
}

/// The keys of `keys`, each made by `key` from the secret that is named.
fn keys<K>(setting: &Setting, members: &Members, key: impl Fn(&Setting) -> Result<K, Wrong>) -> Result<Keys<K>, Wrong> {
    let given = members.required("keys")?;
    let mut keys: Vec<(String, K)> = Vec::new();
    for (id, secret) in given.entries()? {
        check_id(id).map_err(|what| secret.wrong(what))?;
        keys.push((id.to_string(), key(&secret)?)); // an id that comes twice isn't read as JSON already
    }
    if keys.is_empty() {
        return Err(given.wrong("must have a key"));
    }
    let untagged = match members.optional("key_id") {
        None => None,
        Some(id) => {
            let name = id.string()?;
            let found = keys.iter().position(|(other, _)| other == name);
            Some(found.ok_or_else(|| setting.wrong(format!("`keys` has no `{name}`, which is the `key_id`")))?)
        }
    };
    Ok(Keys { keys, untagged })
}

pub fn name(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "part"])?;
    let part = match members.optional("part").map_or(Ok(0), |part| part.choice(&["full", "given", "family"]))? {
        0 => Part::Full,
        1 => Part::Given,
        _ => Part::Family,
    };
    invented(&members, What::Name(part))
}

pub fn email(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "host"])?;
    let host = match members.optional("host") {
        Some(host) => Host::new(host.string()?).map_err(|weak| host.wrong(weak.text())),
        None => Host::new("example.com").map_err(|weak| setting.wrong(weak.text())),
    }?;
    invented(&members, What::Email(host))
}

/// Texts that a policy may have to choose from.
const TEXTS: core::ops::RangeInclusive<usize> = 2..=10_000;

pub fn choose(setting: &Setting) -> Result<Maker, Wrong> {
    let members = setting.members(&["kind", "secret", "domain", "from"])?;
    let from = members.required("from")?;
    let mut texts: Vec<String> = Vec::new();
    for item in from.items()? {
        texts.push(item.string()?.into());
    }
    let mut sorted: Vec<&String> = texts.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(from.wrong("has a text twice"));
    }
    if !TEXTS.contains(&texts.len()) {
        return Err(from.wrong(format!("must have {} to {} texts", TEXTS.start(), TEXTS.end())));
    }
    invented(&members, What::Choice(texts))
}

fn invented(members: &Members, what: What) -> Result<Maker, Wrong> {
    let name = members.required("secret")?;
    let plausible = Plausible::new(&granted(&name)?, domain(members)?.as_bytes()).map_err(weak(&name))?;
    Ok(Maker::Invented(Box::new(Invented { plausible, what })))
}
