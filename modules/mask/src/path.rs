//! Paths: JSON Pointers with wildcards.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use maskgate_guest::json::{DEPTH, pointer};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// This key; an array's index where it is decimal.
    Key(String),
    /// `*`: any one member or item.
    Any,
    /// `**`: any number of levels, none too.
    Deep,
}

/// Reads a path. The error says what is wrong with it.
pub fn parse(path: &str) -> Result<Vec<Segment>, &'static str> {
    let tokens = pointer::tokens(path).ok_or("must be empty or begin with `/`")?;
    if tokens.len() > DEPTH {
        return Err("is deeper than any message may be");
    }
    let mut segments = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            "*" => segments.push(Segment::Any),
            "**" if segments.last() == Some(&Segment::Deep) => {} // `/**/**` is `/**`
            "**" => segments.push(Segment::Deep),
            _ => segments.push(Segment::Key(key(token)?)),
        }
    }
    Ok(segments)
}

fn key(token: &str) -> Result<String, &'static str> {
    if !token.contains('~') {
        return Ok(token.to_string());
    }
    pointer::unescape(token, true).ok_or("has a `~` that isn't one of `~0` (~), `~1` (/), `~2` (*)")
}

/// Which of two paths that match one value is the more specific: `Greater` when it is `one`. Segment by segment from the
/// root, a key beats `*`, `*` beats the path's end, and that beats `**`.
pub fn specificity(one: &[Segment], other: &[Segment]) -> Ordering {
    let rank = |path: &[Segment], at: usize| match path.get(at) {
        Some(Segment::Key(_)) => 3,
        Some(Segment::Any) => 2,
        None => 1,
        Some(Segment::Deep) => 0,
    };
    (0..one.len().max(other.len()))
        .map(|at| rank(one, at).cmp(&rank(other, at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
