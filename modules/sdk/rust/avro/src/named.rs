//! Names of types: full ones, with their namespace.

use alloc::format;
use alloc::string::{String, ToString};

/// Bytes of a full name at most.
const LENGTH: usize = 1024;

const PRIMITIVE: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

pub fn is_primitive(name: &str) -> bool {
    PRIMITIVE.contains(&name)
}

/// Whether a name, of a field or a symbol too, is one: a letter or `_`, then letters, digits and `_`.
pub fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let (first, all) = (name.bytes().next(), name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit()));
    name.len() <= LENGTH && first.is_some_and(letter) && all
}

/// The full name of a type that is defined: `name` with `namespace`, else with the one around it.
pub fn full(name: &str, namespace: Option<&str>, around: &str) -> Result<String, String> {
    let full = match namespace {
        _ if name.contains('.') => name.to_string(),
        Some("") => name.to_string(),
        Some(namespace) => format!("{namespace}.{name}"),
        None if around.is_empty() => name.to_string(),
        None => format!("{around}.{name}"),
    };
    if full.len() > LENGTH || !full.split('.').all(is_name) {
        return Err(format!("must be a name of letters, digits and _, at most {LENGTH} of them with its namespace"));
    }
    if is_primitive(simple(&full)) {
        return Err(format!("`{}` is the name of a primitive type", simple(&full)));
    }
    Ok(full)
}

/// The namespace of a full name; empty where it has none.
pub fn namespace(full: &str) -> &str {
    full.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

fn simple(full: &str) -> &str {
    full.rsplit_once('.').map_or(full, |(_, name)| name)
}
