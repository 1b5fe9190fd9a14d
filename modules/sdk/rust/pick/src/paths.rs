//! The pointers that are looked for, as a tree of keys.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use maskgate_guest::json::{DEPTH, pointer};

/// A place that pointers name or go through. The first of a tree is the whole message.
#[derive(Default)]
pub(crate) struct Place {
    /// The number of the path that ends here.
    pub number: Option<usize>,
    /// In the order of their keys' bytes.
    pub children: Vec<Child>,
}

pub(crate) struct Child {
    pub key: String,
    /// The item of an array that the key names.
    pub index: Option<u32>,
    pub place: usize,
}

/// Paths to look for. Each has a number, by which its value is asked for.
pub struct Paths {
    pub(crate) places: Vec<Place>,
    pub(crate) count: usize,
}

impl Paths {
    pub fn new() -> Self {
        Self { places: vec![Place::default()], count: 0 }
    }

    /// The number of the path with these keys; no keys are the whole message. The same path has the same number.
    pub fn add(&mut self, keys: &[String]) -> usize {
        let mut at = 0;
        for key in keys {
            at = match self.places[at].children.binary_search_by(|child| child.key.as_bytes().cmp(key.as_bytes())) {
                Ok(found) => self.places[at].children[found].place,
                Err(gap) => {
                    let place = self.places.len();
                    self.places.push(Place::default());
                    let child = Child { key: key.clone(), index: pointer::index(key), place };
                    self.places[at].children.insert(gap, child);
                    place
                }
            };
        }
        let count = &mut self.count;
        *self.places[at].number.get_or_insert_with(|| {
            *count += 1;
            *count - 1
        })
    }
}

impl Default for Paths {
    fn default() -> Self {
        Self::new()
    }
}

/// The keys of a pointer. The error says what is wrong with it.
pub fn keys(text: &str) -> Result<Vec<String>, String> {
    let tokens = pointer::tokens(text).ok_or_else(|| format!("`{text}` must be empty or begin with `/`"))?;
    if tokens.len() > DEPTH {
        return Err(format!("`{text}` is deeper than any message may be"));
    }
    let keys = tokens.into_iter().map(|token| pointer::unescape(token, false)).collect::<Option<Vec<_>>>();
    keys.ok_or_else(|| format!("`{text}` has a `~` that isn't one of `~0` (~), `~1` (/)"))
}
