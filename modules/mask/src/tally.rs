//! How often each rule was applied, in messages that passed.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

pub struct Tally {
    /// In this batch, by rule; the last is for what is unlisted.
    totals: Vec<u64>,
    /// The rules that were counted in this message, one for each time, up to LOG of them. What goes beyond is in `more`.
    log: Box<[u32; LOG]>,
    logged: usize,
    /// Counts of this message that were moved here from the log, by rule. All 0 as long as `overflown` is false.
    more: Vec<u64>,
    overflown: bool,
}

const LOG: usize = 256;

impl Tally {
    pub fn new(rules: usize) -> Self {
        Self {
            totals: vec![0; rules + 1],
            log: Box::new([0; LOG]),
            logged: 0,
            more: vec![0; rules + 1],
            overflown: false,
        }
    }

    /// The number under which unlisted values are counted.
    pub fn unlisted(&self) -> u32 {
        self.totals.len() as u32 - 1
    }

    /// # Safety
    /// `rule` is below the number of rules, or `unlisted`.
    #[inline(always)]
    pub unsafe fn count(&mut self, rule: u32) {
        // SAFETY: as said; and `logged` is below LOG.
        unsafe {
            *self.totals.get_unchecked_mut(rule as usize) += 1;
            *self.log.get_unchecked_mut(self.logged) = rule;
        }
        self.logged += 1;
        if self.logged == LOG {
            self.overflow();
        }
    }

    #[inline(never)]
    #[cold]
    fn overflow(&mut self) {
        self.log.iter().for_each(|&rule| self.more[rule as usize] += 1);
        self.logged = 0;
        self.overflown = true;
    }

    /// The message is done.
    #[inline(always)]
    pub fn settle(&mut self, passed: bool) {
        if passed && !self.overflown {
            self.logged = 0;
        } else {
            self.settle_on(passed);
        }
    }

    #[inline(never)]
    fn settle_on(&mut self, passed: bool) {
        if !passed {
            self.log[..self.logged].iter().for_each(|&rule| self.totals[rule as usize] -= 1);
            self.totals.iter_mut().zip(&self.more).for_each(|(total, more)| *total -= more);
        }
        self.logged = 0;
        if self.overflown {
            self.more.fill(0);
            self.overflown = false;
        }
    }

    /// The counts of the batch, which are 0 afterwards.
    pub fn take(&mut self) -> impl Iterator<Item = u64> {
        self.totals.iter_mut().map(core::mem::take)
    }
}
