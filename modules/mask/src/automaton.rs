//! All paths as one deterministic automaton (subset construction), so that a message's walk knows one node at a time.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Reverse;

use maskgate_guest::Wrong;
use maskgate_guest::json::pointer;

use crate::node::{NO_RULE, Node, Verdict};
use crate::path::{Segment, specificity};
use crate::rules::{Rule, Unlisted};
use crate::treatment::Treatment;

const STATES: usize = 4096;
const TRANSITIONS: usize = 1 << 16;
/// Places in paths that all states hold together: bounds the memory that building takes.
const PLACES: usize = 1 << 20;

/// A path, and how many of its segments are matched.
type Spot = (u32, u32);

/// What makes two nodes the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// Nothing can match any more.
    Done { stays: Stays },
    /// This rule treats the value whole.
    Treated { rule: u32 },
    /// Sorted, without repeats. `rule`: the one that keeps this very value.
    Open { spots: Vec<Spot>, stays: Stays, rule: u32 },
}

/// What becomes of a value that no rule treats: the nearest rule on it or above it that keeps or scans says so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stays {
    /// There is none.
    No,
    Kept,
    /// It stays but for what this rule finds in it.
    Scanned {
        rule: u32,
    },
}

struct Builder<'a> {
    rules: &'a [Rule],
    /// The paths of all rules, and the rule of each.
    paths: Vec<(&'a [Segment], u32)>,
    numbers: BTreeMap<State, usize>,
    states: Vec<State>,
    places: usize,
}

/// The nodes; the first is the whole message's.
pub fn build(rules: &[Rule], unlisted: Unlisted) -> Result<Box<[Node]>, Wrong> {
    let paths: Vec<_> =
        rules.iter().zip(0..).flat_map(|(rule, i)| rule.paths.iter().map(move |path| (path.as_slice(), i))).collect();
    let all = (0..paths.len() as u32).map(|path| (path, 0)).collect();
    let mut builder = Builder { rules, paths, numbers: BTreeMap::new(), states: Vec::new(), places: 0 };
    builder.number(all, if unlisted == Unlisted::Keep { Stays::Kept } else { Stays::No })?;
    let mut links = Vec::new();
    let mut transitions = 0;
    while let Some(state) = builder.states.get(links.len()).cloned() {
        let link = builder.link(&state)?;
        transitions += link.keys.len();
        if transitions > TRANSITIONS {
            return Err(too_many(&format!("{TRANSITIONS} keys")));
        }
        links.push(link);
    }
    Ok(connect(&builder.states, &links))
}

fn too_many(what: &str) -> Wrong {
    Wrong::new(format!(
        "rules: the paths together need more than {what}; fewer `**` and `*` with keys behind them need fewer"
    ))
}

/// Where a state leads, by number.
#[derive(Default)]
struct Link<'a> {
    keys: Vec<(&'a str, usize)>,
    other: usize,
    open: bool,
    arrays: bool,
}

impl<'a> Builder<'a> {
    /// The number of the state that has these spots.
    fn number(&mut self, spots: BTreeSet<Spot>, stays: Stays) -> Result<usize, Wrong> {
        let state = self.state(self.close(spots), stays);
        if let Some(number) = self.numbers.get(&state) {
            return Ok(*number);
        }
        if let State::Open { spots, .. } = &state {
            self.places += spots.len();
        }
        if self.states.len() == STATES || self.places > PLACES {
            return Err(too_many(&format!("{STATES} states")));
        }
        self.numbers.insert(state.clone(), self.states.len());
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    fn segment(&self, (path, at): Spot) -> Option<&'a Segment> {
        self.paths[path as usize].0.get(at as usize)
    }

    /// With every spot that no segment has to be matched for: `**` stands for no level too.
    fn close(&self, spots: BTreeSet<Spot>) -> BTreeSet<Spot> {
        let beyond: Vec<Spot> = spots
            .iter()
            .filter(|spot| self.segment(**spot) == Some(&Segment::Deep))
            .map(|&(path, at)| (path, at + 1))
            .collect();
        spots.into_iter().chain(beyond).collect() // `**` never follows `**`: once is enough
    }

    fn state(&self, spots: BTreeSet<Spot>, above: Stays) -> State {
        let ended = spots.iter().filter(|spot| self.segment(**spot).is_none()).map(|&(path, _)| path);
        let best = ended.max_by(|&one, &other| {
            let ((one, rule), (other, other_rule)) = (self.paths[one as usize], self.paths[other as usize]);
            let strictness = |rule: u32| (self.rules[rule as usize].strictness, Reverse(rule));
            specificity(one, other).then_with(|| strictness(rule).cmp(&strictness(other_rule)))
        });
        let rule = best.map_or(NO_RULE, |path| self.paths[path as usize].1);
        let (stays, rule) = match self.rules.get(rule as usize).map(|rule| &rule.treatment) {
            Some(Treatment::Keep) => (Stays::Kept, rule),
            Some(Treatment::Scan(_)) => (Stays::Scanned { rule }, NO_RULE),
            Some(_) => return State::Treated { rule },
            None if spots.is_empty() => return State::Done { stays: above },
            None => (above, NO_RULE),
        };
        State::Open { spots: spots.into_iter().collect(), stays, rule }
    }

    fn link(&mut self, state: &State) -> Result<Link<'a>, Wrong> {
        let mut link = Link::default();
        let (spots, stays) = match state {
            State::Open { spots, stays, .. } => (&spots[..], *stays),
            State::Done { stays } => (&[][..], *stays),
            State::Treated { .. } => return Ok(link),
        };
        let mut by_key = BTreeMap::<&'a str, Vec<Spot>>::new();
        let mut any = BTreeSet::new();
        for &(path, at) in spots {
            match self.segment((path, at)) {
                Some(Segment::Key(key)) => by_key.entry(key).or_default().push((path, at + 1)),
                Some(Segment::Any) => drop(any.insert((path, at + 1))),
                Some(Segment::Deep) => drop(any.insert((path, at))),
                None => continue,
            }
            link.open = true;
        }
        let scanned = matches!(stays, Stays::Scanned { .. });
        link.open |= scanned; // there is text to be found in all that is in it
        if !link.open {
            return Ok(link);
        }
        link.arrays = scanned || !any.is_empty() || by_key.keys().any(|key| pointer::index(key).is_some());
        for (key, spots) in by_key {
            let number = self.number(any.iter().copied().chain(spots).collect(), stays)?;
            link.keys.push((key, number));
        }
        link.other = self.number(any, stays)?;
        Ok(link)
    }
}

fn connect(states: &[State], links: &[Link]) -> Box<[Node]> {
    let mut nodes: Box<[Node]> = states.iter().map(node).collect();
    let first = nodes.as_ptr();
    let place = |number: usize| first.wrapping_add(number);
    for (node, link) in nodes.iter_mut().zip(links).filter(|(_, link)| link.open) {
        node.into_object = true;
        node.into_array = link.arrays;
        node.other = place(link.other);
        node.set_children(&link.keys.iter().map(|&(key, number)| (key, place(number))).collect::<Vec<_>>());
        node.indexes =
            link.keys.iter().filter_map(|&(key, number)| Some((pointer::index(key)?, place(number)))).collect();
        node.indexes.sort_unstable();
    }
    nodes
}

fn node(state: &State) -> Node {
    let (stays, rule) = match *state {
        State::Treated { rule } => return Node::new(Verdict::Treat, rule),
        State::Done { stays } => (stays, NO_RULE),
        State::Open { stays, rule, .. } => (stays, rule),
    };
    match stays {
        Stays::No => Node::new(Verdict::Unlisted, rule),
        Stays::Kept => Node::new(Verdict::Keep, rule),
        Stays::Scanned { rule } => Node::new(Verdict::Scan, rule),
    }
}
