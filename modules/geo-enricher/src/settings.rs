//! The configuration.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong, files};
use maskgate_pick::{Existing, Member, Paths, keys};

use crate::table::{Columns, Table};

/// How the table's keys are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Ip,
    Exact,
    Prefix,
}

/// What becomes of a message for which there is nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Omit,
    Null,
    Refuse,
}

pub struct Settings {
    /// The path of the value that is looked up, by number.
    pub field: usize,
    pub member: Member,
    pub existing: Existing,
    pub missing: Missing,
}

const KEYS: [&str; 9] = ["file", "field", "match", "normalize", "columns", "numbers", "into", "existing", "missing"];

pub fn read(configuration: &Setting) -> Result<(Settings, Table, Paths), Wrong> {
    let members = configuration.members(&KEYS)?;
    let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
    let names = |name| members.optional(name).map(|setting| names(&setting)).transpose();
    let mut paths = Paths::new();
    let field = members.required("field")?;
    let into = members.required("into")?;
    let settings = Settings {
        field: paths.add(&keys(field.string()?).map_err(|what| field.wrong(what))?),
        member: Member::new(into.string()?, &mut paths).map_err(|what| into.wrong(what))?,
        existing: Existing::choice(choice("existing", &Existing::CHOICES)?),
        missing: [Missing::Omit, Missing::Null, Missing::Refuse][choice("missing", &["omit", "null", "refuse"])?],
    };
    let matching = [Match::Ip, Match::Exact, Match::Prefix][choice("match", &["ip", "exact", "prefix"])?];
    let postcode = choice("normalize", &["none", "postcode"])? == 1;
    if let Some(normalize) = members.optional("normalize").filter(|_| postcode && matching == Match::Ip) {
        return Err(normalize.wrong("is for `match: exact` and `match: prefix`"));
    }
    let columns = Columns { taken: names("columns")?, numbers: names("numbers")?.unwrap_or_default() };
    let file = members.required("file")?;
    let path = file.string()?;
    if !path.starts_with('/') || path.ends_with('/') {
        return Err(file.wrong("must be the absolute path of a file"));
    }
    let table = Table::read(files::read(path)?, matching, postcode, columns).map_err(|what| file.wrong(what))?;
    Ok((settings, table, paths))
}

fn names(setting: &Setting) -> Result<Vec<String>, Wrong> {
    let mut names: Vec<String> = Vec::new();
    for item in setting.items()? {
        let name = item.string()?;
        if names.iter().any(|other| other == name) {
            return Err(item.wrong("is there twice"));
        }
        names.push(name.into());
    }
    Ok(names)
}
