//! An address with places for values of the message: `https://host/path/{/pointer}?query={/pointer}`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_pick::{Found, Paths, keys};

/// Bytes of a value, percent-encoded.
const VALUE: usize = 2048;

pub struct Template {
    head: String,
    /// Each value's path, and the text behind it.
    parts: Vec<(usize, String)>,
}

impl Template {
    /// The error says what is wrong with the address.
    pub fn read(url: &str, paths: &mut Paths) -> Result<Self, String> {
        let mut pieces = url.split('{');
        let head = pieces.next().unwrap_or_default().to_owned();
        let rest = head.strip_prefix("https://").or_else(|| head.strip_prefix("http://"));
        if !rest.is_some_and(|rest| rest.find('/').is_some_and(|end| end > 0)) {
            return Err("must begin with https:// and a host, and a path before the first place for a value".into());
        }
        let parts: Vec<(usize, String)> = pieces
            .map(|piece| {
                let (pointer, behind) = piece.split_once('}').ok_or("has a { without a }")?;
                Ok((paths.add(&keys(pointer)?), behind.to_owned()))
            })
            .collect::<Result<_, String>>()?;
        let literal = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#}\"<>\\^`|".contains(&byte));
        if !literal(&head) || !parts.iter().all(|(_, behind)| literal(behind)) {
            return Err("has a character that no address has; write it percent-encoded".into());
        }
        Ok(Self { head, parts })
    }

    /// The address for a message. None: it lacks a value, or has one that can't stand there.
    pub fn filled(&self, found: &Found) -> Option<String> {
        let mut url = self.head.clone();
        for (path, behind) in &self.parts {
            encode(found.value(*path)?, &mut url)?;
            url.push_str(behind);
        }
        // Of what a value makes of a path nothing may lead elsewhere: `.` and `..` need no encoding and would.
        let path = url.split('?').next().unwrap_or_default();
        let steps = path.split('/').any(|segment| segment == "." || segment == "..");
        (!steps).then_some(url)
    }
}

/// Adds a text, a number or a truth value percent-encoded (RFC 3986, 2.1): all but the unreserved characters.
fn encode(value: &[u8], url: &mut String) -> Option<()> {
    let mut decoded = Vec::new();
    let characters = match value {
        [b'"', inner @ .., b'"'] => {
            text::decode(inner, &mut decoded);
            &decoded[..]
        }
        [b'{' | b'[' | b'n', ..] => return None,
        other => other,
    };
    if characters.is_empty() || characters.len() > VALUE {
        return None;
    }
    for &byte in characters {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            for half in [byte >> 4, byte & 15] {
                url.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
    }
    Some(())
}
