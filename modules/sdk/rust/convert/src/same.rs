//! Keys that come more than once.

use alloc::vec::Vec;

use maskgate_guest::Full;

/// Which entries have the same key; its memory is used again.
#[derive(Default)]
pub struct Same {
    /// By key, and by their places.
    order: Vec<u32>,
    /// For each entry the next with its key, and whether it is the first.
    next: Vec<Option<u32>>,
    first: Vec<bool>,
    again: Option<usize>,
}

impl Same {
    pub fn find<'a, E>(&mut self, entries: &'a [E], key: impl Fn(&'a E) -> &'a [u8]) -> Result<(), Full> {
        let count = entries.len();
        self.order.clear();
        self.next.clear();
        self.first.clear();
        self.order.try_reserve(count).map_err(|_| Full)?;
        self.next.try_reserve(count).map_err(|_| Full)?;
        self.first.try_reserve(count).map_err(|_| Full)?;
        self.order.extend(0..count as u32);
        self.next.resize(count, None);
        self.first.resize(count, true);
        self.again = None;
        self.order.sort_unstable_by(|one, other| {
            key(&entries[*one as usize]).cmp(key(&entries[*other as usize])).then(one.cmp(other))
        });
        for pair in self.order.windows(2) {
            let (one, other) = (pair[0] as usize, pair[1] as usize);
            if key(&entries[one]) == key(&entries[other]) {
                self.next[one] = Some(pair[1]);
                self.first[other] = false;
                self.again = Some(self.again.map_or(other, |again| again.min(other)));
            }
        }
        Ok(())
    }

    /// The first entry whose key has come before.
    pub fn again(&self) -> Option<usize> {
        self.again
    }

    pub fn is_first(&self, entry: usize) -> bool {
        self.first[entry]
    }

    /// The next entry with the same key.
    pub fn next(&self, entry: usize) -> Option<usize> {
        self.next[entry].map(|next| next as usize)
    }

    /// The last entry with the same key.
    pub fn last(&self, entry: usize) -> usize {
        let mut last = entry;
        while let Some(next) = self.next(last) {
            last = next;
        }
        last
    }
}
