//! Keys that are texts: the one that is the same, or the longest that a text begins with.

use alloc::vec::Vec;

struct Key {
    start: u32,
    len: u32,
    row: u32,
}

pub struct Texts {
    characters: Vec<u8>,
    /// In the order of their characters, once they are sorted.
    keys: Vec<Key>,
    /// Whether a key may be but the beginning of a text.
    prefix: bool,
    /// Whether case, spaces and hyphens don't count.
    postcode: bool,
    looked_up: Vec<u8>,
}

impl Texts {
    pub fn new(postcode: bool) -> Self {
        Self { characters: Vec::new(), keys: Vec::new(), prefix: false, postcode, looked_up: Vec::new() }
    }

    pub fn add(&mut self, key: &[u8], row: u32) -> Result<(), &'static str> {
        const FULL: &str = "doesn't fit into the sandbox's memory";
        self.characters.try_reserve(key.len()).map_err(|_| FULL)?;
        self.keys.try_reserve(1).map_err(|_| FULL)?;
        let start = self.characters.len();
        normalized(key, self.postcode, &mut self.characters);
        let len = self.characters.len() - start;
        if len == 0 {
            return Err("has an empty key");
        }
        self.keys.push(Key { start: start as u32, len: len as u32, row });
        Ok(())
    }

    /// All keys, to look up. The error is the row of a key that is there twice.
    pub fn sorted(mut self, prefix: bool) -> Result<Self, u32> {
        let Self { characters, keys, .. } = &mut self;
        let text = |key: &Key| &characters[key.start as usize..(key.start + key.len) as usize];
        keys.sort_unstable_by(|one, other| text(one).cmp(text(other)).then(one.row.cmp(&other.row)));
        match keys.windows(2).find(|pair| text(&pair[0]) == text(&pair[1])) {
            Some(pair) => Err(pair[1].row),
            None => Ok(Self { prefix, ..self }),
        }
    }

    pub fn row(&mut self, text: &[u8]) -> Option<u32> {
        let Self { characters, keys, looked_up, .. } = self;
        looked_up.clear();
        normalized(text, self.postcode, looked_up);
        let mut sought: &[u8] = looked_up;
        let characters = |key: &Key| &characters[key.start as usize..(key.start + key.len) as usize];
        loop {
            // The last key that doesn't come behind what is sought: itself, the longest of its beginnings, or neither.
            let behind = keys.partition_point(|key| characters(key) <= sought);
            let key = &keys[behind.checked_sub(1)?];
            let common = characters(key).iter().zip(sought).take_while(|(one, other)| one == other).count();
            if common == key.len as usize && (self.prefix || common == sought.len()) {
                return Some(key.row);
            }
            if !self.prefix || common == 0 {
                return None;
            }
            sought = &sought[..common]; // any beginning of it that is a key is a beginning of this
        }
    }
}

fn normalized(text: &[u8], postcode: bool, out: &mut Vec<u8>) {
    if postcode {
        out.extend(text.iter().filter(|&&byte| byte != b' ' && byte != b'-').map(u8::to_ascii_uppercase));
    } else {
        out.extend_from_slice(text);
    }
}
