//! Segments and selectors (RFC 9535 sections 2.3 and 2.5).

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::filter;
use crate::query::{Query, Segment, Selector};
use crate::text::Text;

pub fn read(text: &str) -> Result<Query, String> {
    let mut text = Text::new(text);
    if !text.take("$") {
        return text.wrong("a query begins with `$`");
    }
    let segments = segments(&mut text, 0)?;
    if !text.is_at_end() {
        return text.wrong("is no segment: `.name`, `..name`, `[…]` or `..[…]`");
    }
    Ok(Query { absolute: true, segments })
}

/// As many as there are. White space may stand before a segment, and not behind the last.
pub fn segments(text: &mut Text, nesting: usize) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    loop {
        let place = text.place();
        text.white();
        let segment = if text.take("..") {
            Segment { descendant: true, selectors: selectors(text, nesting)? }
        } else if text.take(".") {
            Segment { descendant: false, selectors: vec![short(text)?] }
        } else if text.peek() == Some('[') {
            Segment { descendant: false, selectors: bracketed(text, nesting)? }
        } else {
            text.back_to(place);
            return Ok(segments);
        };
        segments.push(segment);
    }
}

fn selectors(text: &mut Text, nesting: usize) -> Result<Vec<Selector>, String> {
    if text.peek() == Some('[') { bracketed(text, nesting) } else { Ok(vec![short(text)?]) }
}

fn short(text: &mut Text) -> Result<Selector, String> {
    if text.take("*") {
        return Ok(Selector::Wildcard);
    }
    match text.name() {
        Some(name) => Ok(Selector::Name(name.to_string())),
        None => text.wrong("a name or `*` is expected"),
    }
}

fn bracketed(text: &mut Text, nesting: usize) -> Result<Vec<Selector>, String> {
    text.take("[");
    let mut selectors = Vec::new();
    loop {
        text.white();
        selectors.push(selector(text, nesting)?);
        text.white();
        if text.take("]") {
            return Ok(selectors);
        }
        if !text.take(",") {
            return text.wrong("`,` or `]` is expected");
        }
    }
}

fn selector(text: &mut Text, nesting: usize) -> Result<Selector, String> {
    match text.peek() {
        Some('\'' | '"') => Ok(Selector::Name(text.string()?)),
        Some('*') => {
            text.take("*");
            Ok(Selector::Wildcard)
        }
        Some('?') => {
            text.take("?");
            text.white();
            Ok(Selector::Filter(filter::test(text, nesting)?))
        }
        _ => index_or_slice(text),
    }
}

fn index_or_slice(text: &mut Text) -> Result<Selector, String> {
    let start = text.integer()?;
    let place = text.place();
    text.white();
    if !text.take(":") {
        text.back_to(place);
        return match start {
            Some(index) => Ok(Selector::Index(index)),
            None => text.wrong("a selector is expected: a name in quotes, `*`, an index, a slice, or a filter"),
        };
    }
    text.white();
    let end = text.integer()?;
    let mut step = None;
    let place = text.place();
    text.white();
    if text.take(":") {
        let place = text.place();
        text.white();
        step = text.integer()?;
        if step.is_none() {
            text.back_to(place);
        }
    } else {
        text.back_to(place);
    }
    Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
}
