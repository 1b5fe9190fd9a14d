//! The values of a rule in one batch change places.

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::maker::Unmade;
use crate::pseudonym::keyed;

/// First every message is walked and the values are collected, then every message is walked again and they are written in
/// another order: the cycle that Sattolo's algorithm ("An algorithm to generate a random cyclic permutation", 1986) makes with
/// numbers drawn from HMAC-SHA-256(secret, domain, 0x00, each value's length and the value). So no value stays where it was, and the
/// same batch is shuffled the same way.
pub struct Shuffle {
    keyed: Hmac<Sha256>,
    /// Values that there have to be.
    least: usize,
    collecting: bool,
    /// The values' JSON texts, one behind the other, and where each ends.
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Values before each message, and in the end before the one behind the last.
    before: Vec<usize>,
    /// Which value is written in place of each.
    order: Vec<usize>,
    /// The message that is walked, and the values of it that were written.
    message: usize,
    written: usize,
}

impl Shuffle {
    /// `least`: 2 or more.
    pub fn new(secret: &[u8], domain: &str, least: usize) -> Self {
        Self {
            keyed: keyed(secret, domain),
            least,
            collecting: false,
            values: Vec::new(),
            ends: Vec::new(),
            before: Vec::new(),
            order: Vec::new(),
            message: 0,
            written: 0,
        }
    }

    /// Begins a batch: its messages are walked to collect values.
    pub fn collect(&mut self) {
        self.collecting = true;
        self.values.clear();
        self.ends.clear();
        self.before.clear();
        self.before.push(0);
        self.order.clear();
    }

    /// A message was walked. The values of one that doesn't pass take no part.
    pub fn settle(&mut self, passed: bool) {
        if !self.collecting {
            self.message += 1;
            self.written = 0;
            return;
        }
        let before = self.before.last().copied().unwrap_or(0);
        if !passed {
            self.ends.truncate(before);
            self.values.truncate(self.ends.last().copied().unwrap_or(0));
        }
        self.before.push(self.ends.len());
    }

    /// All messages are collected: the order is drawn, and they are walked again.
    pub fn draw(&mut self) {
        self.collecting = false;
        self.message = 0;
        self.written = 0;
        if self.ends.len() < self.least {
            return; // and so there is no order
        }
        let mut keyed = self.keyed.clone();
        for number in 0..self.ends.len() {
            let value = self.value(number);
            keyed.update(&(value.len() as u64).to_le_bytes());
            keyed.update(value);
        }
        let mut numbers = Numbers::new(&keyed.finalize().into_bytes());
        self.order.extend(0..self.ends.len());
        for last in (1..self.order.len()).rev() {
            self.order.swap(last, numbers.below(last));
        }
    }

    /// Adds the JSON that takes a value's place: a scalar other than null.
    pub fn write(&mut self, value: &[u8], out: &mut Vec<u8>) -> Result<(), Unmade> {
        if self.collecting {
            if self.values.try_reserve(value.len()).is_ok() {
                self.values.extend_from_slice(value);
                self.ends.push(self.values.len());
            }
            return Err(Unmade::Unreadable);
        }
        let (from, to) = match self.before.get(self.message..) {
            Some([from, to, ..]) => (*from, *to),
            _ => (0, 0),
        };
        let number = from + self.written;
        self.written += 1;
        match self.order.get(number) {
            Some(&other) if number < to && out.try_reserve(self.value(other).len()).is_ok() => {
                out.extend_from_slice(self.value(other));
            }
            _ => return Err(Unmade::Unreadable), // too few of them, or no memory for them
        }
        Ok(())
    }

    fn value(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[number]]
    }
}

/// Numbers drawn from HMAC-SHA-256(seed, 0), HMAC-SHA-256(seed, 1) and so on.
struct Numbers {
    keyed: Option<Hmac<Sha256>>,
    block: [u8; 32],
    counter: u64,
    used: usize,
}

impl Numbers {
    fn new(seed: &[u8]) -> Self {
        Self { keyed: Hmac::<Sha256>::new_from_slice(seed).ok(), block: [0; 32], counter: 0, used: 32 }
    }

    /// From 0 to below `limit`; of 2^64 draws one falls otherwise than evenly, for as many limits as memory allows.
    fn below(&mut self, limit: usize) -> usize {
        if self.used == self.block.len() {
            if let Some(mut keyed) = self.keyed.clone() {
                keyed.update(&self.counter.to_le_bytes());
                self.block = keyed.finalize().into_bytes().into();
            }
            self.counter += 1;
            self.used = 0;
        }
        let mut drawn = [0; 8];
        drawn.copy_from_slice(&self.block[self.used..self.used + 8]);
        self.used += 8;
        ((u128::from(u64::from_le_bytes(drawn)) * limit as u128) >> 64) as usize
    }
}
