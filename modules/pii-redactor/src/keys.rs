//! The keys of the objects that are open. Two keys may become the same when both are replaced, and which of the two values is
//! meant could then not be told: such a message is refused.

use alloc::vec::Vec;

/// FNV-1a, 64 bits. Keys whose hashes are the same by chance, or made to be, count as the same.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

#[derive(Default)]
pub struct Keys {
    /// For each open container where its keys begin.
    open: Vec<usize>,
    /// Hash and offset in the message.
    keys: Vec<(u64, usize)>,
    /// The offset of the first key found that was there before.
    pub twice: Option<usize>,
}

impl Keys {
    pub fn open(&mut self) {
        self.open.push(self.keys.len());
    }

    /// `parts`: the key's characters.
    pub fn add<'a>(&mut self, offset: usize, parts: impl Iterator<Item = &'a [u8]>) {
        let hash = parts.flatten().fold(SEED, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        self.keys.push((hash, offset));
    }

    pub fn close(&mut self) {
        let from = self.open.pop().unwrap_or(0);
        self.keys[from..].sort_unstable();
        let twice = self.keys[from..].windows(2).find(|two| two[0].0 == two[1].0).map(|two| two[1].1);
        self.twice = self.twice.or(twice);
        self.keys.truncate(from);
    }
}
