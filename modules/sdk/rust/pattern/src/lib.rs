//! Regular expressions as JSON Schema writes them: ECMA-262's, with its `u` flag and no other. Matching takes time linear in
//! the text; what can't be matched so (look-around, back references) is refused.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `lib` | a pattern, and whether a text has a match of it |
//! | `search` | all matches of a pattern in a text |
//! | `parse` | the syntax (ECMA-262 section 22.2.1) |
//! | `class` | sets of characters: `[…]`, `\d`, `\s`, `\w` and the escapes of single characters |
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod class;
mod parse;
mod search;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Input, hybrid};
use regex_syntax::hir::Hir;

pub use search::Search;

/// Bytes that a pattern may take once it is compiled: `{1000}` of something large is more.
const SIZE: usize = 1 << 20;

/// Bytes of the states that are kept while matching; when they are used up it goes on with none, as fast as it began.
const STATES: usize = 1 << 20;

pub struct Pattern {
    automaton: DFA,
    cache: Cache,
}

impl Pattern {
    /// The error says what is wrong with the pattern, and at which of its characters.
    pub fn new(text: &str) -> Result<Self, String> {
        let tree = parse::parse(text)?;
        let automaton = automaton(&tree, Config::new(), DFA::config())?;
        let cache = automaton.create_cache();
        Ok(Self { automaton, cache })
    }

    /// Whether the text (UTF-8) has a match, anywhere. None: it couldn't be told, which no pattern is known to lead to.
    pub fn matches(&mut self, text: &[u8]) -> Option<bool> {
        let found = self.automaton.try_search_fwd(&mut self.cache, &Input::new(text).earliest(true));
        found.ok().map(|found| found.is_some())
    }
}

fn automaton(tree: &Hir, states: Config, config: hybrid::dfa::Config) -> Result<DFA, String> {
    let states = Compiler::new()
        .configure(states.nfa_size_limit(Some(SIZE)).which_captures(WhichCaptures::None))
        .build_from_hir(tree)
        .map_err(|_| format!("needs more than {SIZE} bytes once it is compiled"))?;
    let config = config.cache_capacity(STATES).skip_cache_capacity_check(true);
    DFA::builder().configure(config).build_from_nfa(states).map_err(|_| String::from("is too large"))
}
