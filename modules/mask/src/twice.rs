//! A batch that is walked twice: the values of rules that shuffle have to be known before one is written.

use maskgate_guest::{Batch, Outcome, Output};

use crate::maker::Maker;
use crate::shuffle::Shuffle;
use crate::treatment::Treatment;
use crate::walk::Walk;

impl Walk {
    /// Walks all messages of a batch before any is written, so that the rules that shuffle know their values.
    #[inline(never)]
    pub fn collect(&mut self, batch: &Batch) {
        self.each_shuffle(Shuffle::collect);
        let mut output = Output::new(); // what is written there goes nowhere
        batch.each(|message| {
            output.clear();
            let result = self.masked(message, &mut output);
            self.tally.settle(false);
            self.settle_shuffles(result == Ok(Outcome::Pass));
        });
        self.each_shuffle(Shuffle::draw);
    }

    #[inline(never)]
    pub(crate) fn settle_shuffles(&mut self, passed: bool) {
        self.each_shuffle(|shuffle| shuffle.settle(passed));
    }

    fn each_shuffle(&mut self, mut act: impl FnMut(&mut Shuffle)) {
        for &rule in &self.shuffles {
            if let Treatment::Make(Maker::Shuffle(shuffle)) = &mut self.treatments[rule] {
                act(shuffle);
            }
        }
    }
}
