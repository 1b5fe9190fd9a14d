//! All matches of a pattern in a text.

use alloc::string::String;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input, MatchKind};

use crate::{automaton, parse};

/// Bytes that may be read for each byte of the text. Where a match ends is only sure some way behind it, and the search for the
/// next goes back there: with patterns made for it, again and again over all that is left.
const WORK: usize = 8;

/// Finds where the matches of a pattern begin and end.
pub struct Search {
    forward: DFA,
    backward: DFA,
    forward_cache: Cache,
    backward_cache: Cache,
}

impl Search {
    /// The error says what is wrong with the pattern, and at which of its characters.
    pub fn new(text: &str) -> Result<Self, String> {
        let tree = parse::parse(text)?;
        let forward = automaton(&tree, thompson::Config::new(), DFA::config())?;
        let backward =
            automaton(&tree, thompson::Config::new().reverse(true), DFA::config().match_kind(MatchKind::All))?;
        let (forward_cache, backward_cache) = (forward.create_cache(), backward.create_cache());
        Ok(Self { forward, backward, forward_cache, backward_cache })
    }

    /// Gives `found` the start and end of each match that isn't empty, the leftmost first, none over another; of those that
    /// begin at one place the one that an engine that tries alternatives in their order finds. Takes a time linear in the text:
    /// where a pattern would need more, the rest of the text is taken for a match.
    pub fn each(&mut self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let mut work = text.len().saturating_mul(WORK).saturating_add(1024);
        let mut at = 0;
        while at < text.len() {
            let Some(end) = self.end(text, at, &mut work) else { return };
            if work == 0 {
                return found(at, text.len());
            }
            let start = self.start(text, at, end);
            if start < end {
                found(start, end);
                at = end;
            } else {
                // An empty match: on by a character.
                at = end.max(at) + 1;
                while at < text.len() && text[at] & 0xc0 == 0x80 {
                    at += 1;
                }
            }
        }
    }

    /// Where the leftmost match from `at` on ends. Takes what is read off `work`, and stops when there is none left.
    fn end(&mut self, text: &[u8], at: usize, work: &mut usize) -> Option<usize> {
        let (dfa, cache) = (&self.forward, &mut self.forward_cache);
        let mut state = dfa.start_state_forward(cache, &Input::new(text).range(at..)).ok()?;
        let mut end = None;
        for (place, &byte) in text.iter().enumerate().skip(at) {
            *work -= 1;
            if *work == 0 {
                return Some(at);
            }
            state = step(dfa, cache, state, byte);
            if state.is_tagged() {
                // A match is seen one byte late.
                if state.is_match() {
                    end = Some(place);
                } else if state.is_dead() {
                    return end;
                }
            }
        }
        match dfa.next_eoi_state(cache, state) {
            Ok(last) if last.is_match() => Some(text.len()),
            _ => end,
        }
    }

    /// Where the match that ends at `end` begins, not before `at`.
    fn start(&mut self, text: &[u8], at: usize, end: usize) -> usize {
        let (dfa, cache) = (&self.backward, &mut self.backward_cache);
        let input = Input::new(text).range(at..end).anchored(Anchored::Yes);
        let Ok(mut state) = dfa.start_state_reverse(cache, &input) else { return at };
        let mut start = end;
        for place in (at..end).rev() {
            state = step(dfa, cache, state, text[place]);
            if state.is_tagged() {
                if state.is_match() {
                    start = place + 1;
                } else if state.is_dead() {
                    return start;
                }
            }
        }
        let last = match at.checked_sub(1) {
            Some(before) => step(dfa, cache, state, text[before]),
            None => dfa.next_eoi_state(cache, state).unwrap_or(state),
        };
        if last.is_match() { at } else { start }
    }
}

/// The next state. The cache clears itself when it is full and never gives up (`Config::minimum_cache_clear_count`).
fn step(dfa: &DFA, cache: &mut Cache, state: LazyStateID, byte: u8) -> LazyStateID {
    dfa.next_state(cache, state, byte).unwrap_or(state)
}
