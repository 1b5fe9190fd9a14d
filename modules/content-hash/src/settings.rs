//! The configuration.

use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong};
use maskgate_pick::{Existing, Member, Paths, keys};
use maskgate_tape::Form;

use crate::hash::Hash;

pub struct Settings {
    pub member: Member,
    pub existing: Existing,
    /// Paths of the fields that are hashed, by number; none: the whole message.
    pub fields: Vec<usize>,
    pub missing_is_null: bool,
    pub form: Form,
    pub hash: Hash,
}

const KEYS: [&str; 8] = ["into", "existing", "of", "missing", "form", "secret", "encoding", "prefix"];

/// The settings, and the paths to look for.
pub fn read(configuration: &Setting) -> Result<(Settings, Paths), Wrong> {
    let members = configuration.members(&KEYS)?;
    let mut paths = Paths::new();
    let into = members.required("into")?;
    let member = Member::new(into.string()?, &mut paths).map_err(|what| into.wrong(what))?;
    let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
    let mut fields = Vec::new();
    if let Some(of) = members.optional("of") {
        for field in of.items()? {
            let path = paths.add(&keys(field.string()?).map_err(|what| field.wrong(what))?);
            if fields.contains(&path) {
                return Err(field.wrong("is there twice"));
            }
            fields.push(path);
        }
        if fields.is_empty() {
            return Err(of.wrong("must have a field"));
        }
    }
    let form = if choice("form", &["jcs", "exact"])? == 0 { Form::Jcs } else { Form::Exact };
    let base64 = choice("encoding", &["hex", "base64url"])? == 1;
    let prefix = members.optional("prefix").map_or(Ok(""), |setting| setting.string())?;
    let hash = match members.optional("secret") {
        Some(secret) => Hash::keyed(&secret, prefix, base64)?,
        None => Hash::plain(prefix, base64),
    };
    let settings = Settings {
        member,
        existing: Existing::choice(choice("existing", &Existing::CHOICES)?),
        fields,
        missing_is_null: choice("missing", &["refuse", "null"])? == 1,
        form,
        hash,
    };
    Ok((settings, paths))
}
