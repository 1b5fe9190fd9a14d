//! Whom a message is about: values that are looked up before it is walked.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::Message;
use maskgate_guest::json::text;
use maskgate_pick::{Paths, Pick};

/// The values at some paths of one message, by the paths' numbers.
#[derive(Default)]
pub struct Entities {
    /// None where no rule asks for any.
    pick: Option<Pick>,
    values: Vec<Option<Vec<u8>>>,
}

/// Paths to look for, each as its keys; none comes twice.
#[derive(Default)]
pub struct Wanted(Vec<Vec<String>>);

impl Wanted {
    /// The path's number.
    pub fn add(&mut self, keys: Vec<String>) -> usize {
        self.0.iter().position(|known| *known == keys).unwrap_or_else(|| {
            self.0.push(keys);
            self.0.len() - 1
        })
    }
}

impl Entities {
    pub fn new(wanted: &Wanted) -> Self {
        let mut paths = Paths::new();
        let numbers = wanted.0.iter().map(|keys| paths.add(keys));
        let count = numbers.count(); // in their order, since none comes twice
        Self { pick: (count > 0).then(|| Pick::new(paths)), values: alloc::vec![None; count] }
    }

    /// Whether there are any to look up.
    #[inline(always)]
    pub fn wanted(&self) -> bool {
        self.pick.is_some()
    }

    /// Looks them up. A message that can't be read, or has a key twice on the way to one of them, has none.
    #[inline(never)]
    pub fn read(&mut self, message: Message) {
        let Some(pick) = &mut self.pick else { return };
        self.values.fill(None);
        let Ok(found) = pick.message(message) else { return };
        for (number, value) in self.values.iter_mut().enumerate() {
            *value = found.value(number).and_then(characters);
        }
    }

    /// The characters of an entity: of a string that isn't empty, or a number's. None: the message doesn't say.
    pub fn get(&self, number: usize) -> Option<&[u8]> {
        self.values.get(number)?.as_deref()
    }
}

/// Bytes of JSON that an entity has at most.
const LONGEST: usize = 4096;

fn characters(value: &[u8]) -> Option<Vec<u8>> {
    match value {
        b"\"\"" => None,
        _ if value.len() > LONGEST => None,
        [b'"', text @ .., b'"'] => {
            let mut decoded = Vec::with_capacity(text.len());
            text::decode(text, &mut decoded);
            Some(decoded)
        }
        [b'-' | b'0'..=b'9', ..] => Some(value.to_vec()),
        _ => None,
    }
}
