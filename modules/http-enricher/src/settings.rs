//! The configuration.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong, secret};
use maskgate_pick::{Existing, Member, Paths, keys};

use crate::content::Content;
use crate::template::Template;

/// What becomes of a message about which the host has nothing.
#[derive(Clone, Copy)]
pub enum Missing {
    Omit,
    Null,
    Refuse,
}

/// What becomes of a message about which there is no answer.
#[derive(Clone, Copy)]
pub enum Failed {
    Refuse,
    Null,
    Omit,
}

pub struct Settings {
    pub url: Template,
    pub headers: Vec<(String, String)>,
    pub send: Option<Content>,
    pub member: Member,
    pub existing: Existing,
    pub missing: Missing,
    pub failed: Failed,
}

const KEYS: [&str; 8] = ["url", "headers", "send", "select", "into", "existing", "missing", "failed"];

/// The settings, what has to be found in a message, and what in an answer.
pub fn read(configuration: &Setting) -> Result<(Settings, Paths, Paths), Wrong> {
    let members = configuration.members(&KEYS)?;
    let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
    let mut paths = Paths::new();
    let url = members.required("url")?;
    let into = members.required("into")?;
    let mut headers = Vec::new();
    for (name, value) in members.optional("headers").map_or(Ok(Vec::new()), |setting| setting.entries())? {
        headers.push((name.into(), header(&value)?));
    }
    let send = members.optional("send").map(|setting| Content::read(&setting, &mut paths)).transpose()?;
    if send.is_some() && !headers.iter().any(|(name, _): &(String, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let settings = Settings {
        url: Template::read(url.string()?, &mut paths).map_err(|what| url.wrong(what))?,
        headers,
        send,
        member: Member::new(into.string()?, &mut paths).map_err(|what| into.wrong(what))?,
        existing: Existing::choice(choice("existing", &Existing::CHOICES)?),
        missing: [Missing::Omit, Missing::Null, Missing::Refuse][choice("missing", &["omit", "null", "refuse"])?],
        failed: [Failed::Refuse, Failed::Null, Failed::Omit][choice("failed", &["refuse", "null", "omit"])?],
    };
    let mut answer = Paths::new();
    match members.optional("select") {
        Some(select) => answer.add(&keys(select.string()?).map_err(|what| select.wrong(what))?),
        None => answer.add(&[]),
    };
    Ok((settings, paths, answer))
}

/// A header's text, or the secret that it names with what goes before it.
fn header(setting: &Setting) -> Result<String, Wrong> {
    if let Ok(text) = setting.string() {
        return Ok(text.into());
    }
    let members = setting.members(&["secret", "prefix"])?;
    let mut text: String = members.optional("prefix").map_or(Ok(""), |prefix| prefix.string())?.into();
    let named = members.required("secret")?;
    let value = secret(named.string()?).map_err(|wrong| named.wrong(wrong.text()))?;
    text.push_str(core::str::from_utf8(&value).map_err(|_| named.wrong("the secret is no text"))?.trim_end());
    Ok(text)
}
