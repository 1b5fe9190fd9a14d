//! The expressions of filters (RFC 9535 sections 2.3.5 and 2.4), well-typed.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use maskgate_pattern::Pattern;

use crate::parse::segments;
use crate::query::{Expression, Operand, Query, Sign, Test};
use crate::text::Text;

/// Filters and parentheses within each other: the parser and the evaluation call themselves once for each.
const NESTING: usize = 32;

/// Longer ones first.
const SIGNS: [(&str, Sign); 6] = [
    ("==", Sign::Equal),
    ("!=", Sign::Unequal),
    ("<=", Sign::LessOrEqual),
    (">=", Sign::GreaterOrEqual),
    ("<", Sign::Less),
    (">", Sign::Greater),
];

/// What stands alone or on one side of a comparison.
enum Term {
    Query(Query),
    Value(Operand),
    Test(Test),
}

pub fn test(text: &mut Text, nesting: usize) -> Result<Test, String> {
    if nesting == NESTING {
        return text.wrong("filters and parentheses are nested too deeply");
    }
    let alternatives = joined(text, "||", |text| {
        let parts = joined(text, "&&", |text| basic(text, nesting + 1))?;
        Ok(single(parts, Test::All))
    })?;
    Ok(single(alternatives, Test::Any))
}

fn joined(
    text: &mut Text,
    by: &str,
    mut read: impl FnMut(&mut Text) -> Result<Test, String>,
) -> Result<Vec<Test>, String> {
    let mut parts = Vec::new();
    loop {
        parts.push(read(text)?);
        let place = text.place();
        text.white();
        if !text.take(by) {
            text.back_to(place);
            return Ok(parts);
        }
        text.white();
    }
}

fn single(mut parts: Vec<Test>, several: impl Fn(Vec<Test>) -> Test) -> Test {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}

fn basic(text: &mut Text, nesting: usize) -> Result<Test, String> {
    let not = text.take("!");
    if not {
        text.white();
    }
    if text.take("(") {
        text.white();
        let inner = test(text, nesting)?;
        text.white();
        if !text.take(")") {
            return text.wrong("`)` is expected");
        }
        return Ok(negated(not, inner));
    }
    let place = text.place();
    let left = term(text, nesting)?;
    if !not {
        let before = text.place();
        text.white();
        if let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| text.take(sign)) {
            text.white();
            let left = comparable(text, left)?;
            let right = term(text, nesting)?;
            return Ok(Test::Compare(*sign, left, comparable(text, right)?));
        }
        text.back_to(before);
    }
    match left {
        Term::Query(query) => Ok(negated(not, Test::Exists(query))),
        Term::Test(test) => Ok(negated(not, test)),
        Term::Value(_) => {
            text.back_to(place);
            text.wrong("is a value, and not a condition: compare it")
        }
    }
}

fn negated(not: bool, test: Test) -> Test {
    if not { Test::Not(Box::new(test)) } else { test }
}

fn comparable(text: &Text, term: Term) -> Result<Operand, String> {
    match term {
        Term::Value(operand) => Ok(operand),
        Term::Query(query) if query.is_singular() => Ok(Operand::Single(query)),
        Term::Query(_) => text.wrong("what is compared must be one value: names and indexes alone"),
        Term::Test(_) => text.wrong("match and search give true or false, which nothing can be compared with"),
    }
}

fn term(text: &mut Text, nesting: usize) -> Result<Term, String> {
    match text.peek() {
        Some('@') => {
            text.take("@");
            Ok(Term::Query(Query { absolute: false, segments: segments(text, nesting)? }))
        }
        Some('$') => {
            text.take("$");
            Ok(Term::Query(Query { absolute: true, segments: segments(text, nesting)? }))
        }
        Some('\'' | '"') => Ok(Term::Value(Operand::Text(text.string()?))),
        Some('-' | '0'..='9') => Ok(Term::Value(Operand::Number(text.number()?))),
        _ => word(text, nesting),
    }
}

fn word(text: &mut Text, nesting: usize) -> Result<Term, String> {
    let place = text.place();
    let word = text.word();
    if text.take("(") {
        return function(text, word, place, nesting);
    }
    match word {
        "true" => Ok(Term::Value(Operand::Bool(true))),
        "false" => Ok(Term::Value(Operand::Bool(false))),
        "null" => Ok(Term::Value(Operand::Null)),
        _ => {
            text.back_to(place);
            text.wrong("a condition is expected: `@…`, `$…`, a literal, a function, `!` or `(`")
        }
    }
}

fn function<'a>(text: &mut Text<'a>, name: &str, place: &'a str, nesting: usize) -> Result<Term, String> {
    if nesting == NESTING {
        return text.wrong("functions are nested too deeply");
    }
    let term = match name {
        "length" => Term::Value(Operand::Length(Box::new(value(text, nesting)?))),
        "count" => Term::Value(Operand::Count(nodes(text, nesting)?)),
        "value" => Term::Value(Operand::Value(nodes(text, nesting)?)),
        "match" | "search" => {
            let whole = name == "match";
            let subject = value(text, nesting)?;
            text.white();
            if !text.take(",") {
                return text.wrong("a second argument is expected");
            }
            let pattern = match value(text, nesting)? {
                Operand::Text(pattern) => match compiled(&pattern, whole) {
                    Ok(pattern) => Expression::Fixed(Box::new(RefCell::new(pattern))),
                    // The RFC has such a pattern match nothing, which nobody means.
                    Err(what) => return text.wrong(&format!("the pattern {what}")),
                },
                other => Expression::Given(other),
            };
            Term::Test(Test::Matches { whole, text: subject, pattern })
        }
        _ => {
            text.back_to(place);
            return text.wrong("there is no such function: length, count, match, search, value");
        }
    };
    text.white();
    if !text.take(")") {
        return text.wrong("`)` is expected");
    }
    Ok(term)
}

/// An argument that has a value.
fn value(text: &mut Text, nesting: usize) -> Result<Operand, String> {
    text.white();
    let term = term(text, nesting + 1)?;
    comparable(text, term)
}

/// An argument that is nodes.
fn nodes(text: &mut Text, nesting: usize) -> Result<Query, String> {
    text.white();
    match term(text, nesting + 1)? {
        Term::Query(query) => Ok(query),
        _ => text.wrong("this function takes a query: `@…` or `$…`"),
    }
}

/// A pattern of I-Regexp (RFC 9485). `.` is any character but a line feed and a carriage return.
pub fn compiled(pattern: &str, whole: bool) -> Result<Pattern, String> {
    Pattern::new(pattern)?;
    let mut text = String::from(if whole { "^(?:" } else { "(?:" });
    let (mut escaped, mut class) = (false, false);
    for character in pattern.chars() {
        match character {
            '.' if !escaped && !class => text.push_str("[^\n\r]"),
            _ => text.push(character),
        }
        class = !escaped && character == '[' || class && (escaped || character != ']');
        escaped = !escaped && character == '\\';
    }
    text.push_str(if whole { ")$" } else { ")" });
    Pattern::new(&text)
}
