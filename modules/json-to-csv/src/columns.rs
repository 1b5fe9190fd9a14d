//! The columns of a record: what they are called, and where in a message their values are.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::json::value::Value;
use maskgate_guest::{Setting, Wrong};
use maskgate_pick::{Paths, keys};

pub struct Column {
    pub name: String,
    /// The path of its values, by number.
    pub path: usize,
}

/// Reads `columns`: in each item a name and a pointer, or a pointer alone, whose last key is the name.
pub fn read(setting: &Setting, paths: &mut Paths) -> Result<Vec<Column>, Wrong> {
    let mut columns: Vec<Column> = Vec::new();
    for item in setting.items()? {
        let column = column(&item, paths)?;
        if column.name.contains(['\r', '\n']) {
            return Err(item.wrong("has a line end in its name"));
        }
        if columns.iter().any(|other| other.name == column.name) {
            return Err(item.wrong("has the name of another column"));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(setting.wrong("must have a column"));
    }
    Ok(columns)
}

fn column(item: &Setting, paths: &mut Paths) -> Result<Column, Wrong> {
    if let Value::String(pointer) = item.value() {
        let keys = keys(pointer).map_err(|what| item.wrong(what))?;
        let name = keys.last().ok_or_else(|| item.wrong("the whole message needs a name: {name, from}"))?;
        return Ok(Column { name: name.to_string(), path: paths.add(&keys) });
    }
    let members = item.members(&["name", "from"])?;
    let from = members.required("from")?;
    let path = paths.add(&keys(from.string()?).map_err(|what| from.wrong(what))?);
    Ok(Column { name: members.required("name")?.string()?.to_string(), path })
}
