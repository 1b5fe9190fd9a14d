//! Whether a predicate holds for what was found of a message.

use alloc::vec::Vec;
use core::cmp::Ordering;

use maskgate_decimal::Decimal;
use maskgate_pick::Found;

use crate::compare::{Compared, NotComparable, at, kind, place};
use crate::test::{Kind, List, Match, Operator, Test};

/// Where the characters of texts with escapes go; used again for each message.
#[derive(Default)]
pub struct Room {
    left: Vec<u8>,
    right: Vec<u8>,
}

/// Calls itself once for each test in a test: `NESTING` bounds that.
pub fn holds(test: &Test, found: &Found, room: &mut Room) -> Result<bool, NotComparable> {
    match test {
        Test::All(tests) => {
            for test in tests {
                if !holds(test, found, room)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Test::Any(tests) => {
            for test in tests {
                if holds(test, found, room)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Test::Not(test) => Ok(!holds(test, found, room)?),
        Test::Exists(path) => Ok(found.span(*path).is_some()),
        Test::Is(wanted, path) => Ok(found.value(*path).is_some_and(|value| kind(value) == *wanted)),
        Test::In(path, list) => {
            let Some(value) = found.value(*path) else { return Ok(false) };
            among(&Compared::value(value, &mut room.left), list).ok_or_else(|| at(found.span(*path)))
        }
        Test::Compare(operator, left, right) => {
            let one = Compared::operand(left, found, &mut room.left);
            let other = Compared::operand(right, found, &mut room.right);
            let (Some(one), Some(other)) = (one, other) else { return Ok(false) };
            compare(*operator, &one, &other).ok_or_else(|| place([left, right], found))
        }
        Test::Text(matches, text, sought) => {
            let one = Compared::operand(text, found, &mut room.left);
            let other = Compared::operand(sought, found, &mut room.right);
            let (Some(one), Some(other)) = (one, other) else { return Ok(false) };
            if one.kind != Kind::Text {
                return Err(place([text, sought], found));
            }
            if other.kind != Kind::Text {
                return Err(place([sought, text], found));
            }
            Ok(has(*matches, one.bytes, other.bytes))
        }
        Test::Pattern(path, pattern) => {
            let Some(value) = found.value(*path) else { return Ok(false) };
            let text = Compared::value(value, &mut room.left);
            let matches = match text.kind {
                Kind::Text => pattern.borrow_mut().matches(text.bytes),
                _ => None,
            };
            matches.ok_or_else(|| at(found.span(*path)))
        }
    }
}

fn compare(operator: Operator, one: &Compared, other: &Compared) -> Option<bool> {
    Some(match operator {
        Operator::Equal => one.equals(other)?,
        Operator::NotEqual => !one.equals(other)?,
        Operator::Less => one.order(other)? == Ordering::Less,
        Operator::LessOrEqual => one.order(other)? != Ordering::Greater,
        Operator::Greater => one.order(other)? == Ordering::Greater,
        Operator::GreaterOrEqual => one.order(other)? != Ordering::Less,
    })
}

/// None for a number that isn't read.
fn among(value: &Compared, list: &List) -> Option<bool> {
    Some(match value.kind {
        Kind::Null => list.null,
        Kind::Bool => {
            if value.bytes == b"true" {
                list.yes
            } else {
                list.no
            }
        }
        Kind::Number => {
            let number = Decimal::read(value.bytes)?;
            list.numbers.binary_search_by(|other| Decimal::read(other.as_bytes()).cmp(&Some(number))).is_ok()
        }
        Kind::Text => list.texts.binary_search_by(|other| other.as_bytes().cmp(value.bytes)).is_ok(),
        Kind::Array | Kind::Object => false,
    })
}

fn has(matches: Match, text: &[u8], sought: &[u8]) -> bool {
    match matches {
        Match::StartsWith => text.starts_with(sought),
        Match::EndsWith => text.ends_with(sought),
        // SAFETY: both are the characters of JSON strings of a message that is UTF-8. `str` finds in linear time.
        Match::Contains => unsafe {
            core::str::from_utf8_unchecked(text).contains(core::str::from_utf8_unchecked(sought))
        },
    }
}
