//! How often each rule was applied, in messages that passed.

use alloc::vec;
use alloc::vec::Vec;

pub struct Tally {
    /// In this batch, by rule; the last is for what is unlisted.
    totals: Vec<u64>,
    /// In this message.
    hits: Vec<u32>,
    /// The rules whose hits aren't 0: few, while rules may be many.
    touched: Vec<u32>,
}

impl Tally {
    pub fn new(rules: usize) -> Self {
        Self { totals: vec![0; rules + 1], hits: vec![0; rules + 1], touched: Vec::with_capacity(rules + 1) }
    }

    /// The number under which unlisted values are counted.
    pub fn unlisted(&self) -> u32 {
        self.totals.len() as u32 - 1
    }

    #[inline(always)]
    pub fn count(&mut self, rule: u32) {
        if let Some(hits) = self.hits.get_mut(rule as usize) {
            if *hits == 0 {
                self.touched.push(rule);
            }
            *hits += 1;
        }
    }

    /// The message is done. What it was counts where it `passed`, and otherwise was never done.
    #[inline(always)]
    pub fn settle(&mut self, passed: bool) {
        while let Some(rule) = self.touched.pop() {
            let hits = core::mem::take(&mut self.hits[rule as usize]);
            self.totals[rule as usize] += if passed { u64::from(hits) } else { 0 };
        }
    }

    /// The counts of the batch, which are 0 afterwards.
    pub fn take(&mut self) -> impl Iterator<Item = u64> {
        self.totals.iter_mut().map(core::mem::take)
    }
}
