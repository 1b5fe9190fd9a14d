//! The text of a predicate as tokens.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::value::{Value, parse};
use maskgate_guest::json::{DEPTH, pointer};

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// Its keys.
    Pointer(Vec<String>),
    Literal(Value),
    /// A name: letters, digits and `_`.
    Word(&'a str),
    /// `( ) [ ] ,` or an operator.
    Sign(&'a str),
    End,
}

/// A token, and what stands before it: its place is told from that.
pub struct Placed<'a> {
    pub token: Token<'a>,
    pub before: &'a str,
}

/// Longer ones first.
const SIGNS: [&str; 11] = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","];

/// What ends a pointer, where it isn't between quotes.
const AFTER_POINTER: &str = " \t\r\n()[],=!<>\"";

/// All tokens, `End` last.
pub fn tokens(text: &str) -> Result<Vec<Placed<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let before = &text[..text.len() - rest.len()];
        let (token, len) = token(rest).map_err(|what| wrong(before, &what))?;
        let end = token == Token::End;
        tokens.push(Placed { token, before });
        if end {
            return Ok(tokens);
        }
        rest = &rest[len..];
    }
}

/// `what`, with the place behind `before`. Lines and columns (of characters) count from 1.
pub fn wrong(before: &str, what: &str) -> String {
    let line = before.split('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {what}")
}

fn token(rest: &str) -> Result<(Token<'_>, usize), String> {
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(&rest[..sign.len()]), sign.len()));
    }
    match first {
        '/' => self::path(rest),
        '"' => {
            let len = quoted(rest)?;
            Ok((Token::Literal(Value::String(string(&rest[..len])?)), len))
        }
        '-' | '0'..='9' => {
            let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
            let len = rest.find(|c| !inside(c)).unwrap_or(rest.len());
            match parse(&rest.as_bytes()[..len]) {
                Ok(number @ Value::Number(_)) => Ok((Token::Literal(number), len)),
                _ => Err(format!("`{}` is no number as JSON writes it", &rest[..len])),
            }
        }
        'A'..='Z' | 'a'..='z' | '_' => {
            let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            Ok(match &rest[..len] {
                "null" => (Token::Literal(Value::Null), len),
                "true" => (Token::Literal(Value::Bool(true)), len),
                "false" => (Token::Literal(Value::Bool(false)), len),
                word => (Token::Word(word), len),
            })
        }
        '=' => Err("a comparison is written `==`".into()),
        '\'' => Err("a text stands between double quotes".into()),
        other => Err(format!("`{other}` begins nothing that a predicate has")),
    }
}

/// A pointer: `/` and a key, as often as there are levels. A key is written as RFC 6901 has it, or as a JSON string.
fn path(text: &str) -> Result<(Token<'_>, usize), String> {
    let mut keys = Vec::new();
    let mut at = 0;
    while text[at..].starts_with('/') {
        at += 1;
        let rest = &text[at..];
        let len = if rest.starts_with('"') {
            let len = quoted(rest)?;
            keys.push(string(&rest[..len])?);
            len
        } else {
            let len = rest.find(|c| c == '/' || AFTER_POINTER.contains(c)).unwrap_or(rest.len());
            keys.push(key(&rest[..len])?);
            len
        };
        at += len;
    }
    if keys.len() > DEPTH {
        return Err("the pointer is deeper than any message may be".into());
    }
    Ok((Token::Pointer(keys), at))
}

fn key(token: &str) -> Result<String, String> {
    if token == "*" || token == "**" {
        return Err(format!(
            "a predicate reads one value, `{token}` means several; a key of that name is `\"{token}\"`"
        ));
    }
    pointer::unescape(token, false).ok_or_else(|| format!("`{token}` has a `~` that isn't one of `~0` (~), `~1` (/)"))
}

/// Bytes of the JSON string at the head of `text`, its quotes with it.
fn quoted(text: &str) -> Result<usize, String> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err("the text has no closing quote".into())
}

fn string(json: &str) -> Result<String, String> {
    match parse(json.as_bytes()) {
        Ok(Value::String(text)) => Ok(text),
        _ => Err("the text is no JSON string: an escape or a control character that JSON doesn't have".into()),
    }
}
