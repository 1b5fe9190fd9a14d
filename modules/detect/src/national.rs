//! Telephone numbers as they are written within a country: what their groups say.

use crate::digits::{Digits, Group, Link};
use crate::plan;
use crate::telephone::{extension, linked};

/// How sure groups are that no country has for its own.
const ANY: i32 = 20;

/// How many groups a national number has that begins here, and how sure that is.
pub fn find(text: &[u8], digits: &Digits) -> Option<(usize, i32)> {
    let groups = digits.groups();
    let within = digits.left() == Link::Space;
    // In a row of numbers only what has a form of its own can begin one.
    if within && digits.digits()[0] != 0 && !matches!(groups[0].len(), 1 | 3 | 5 | 9..=11) {
        return None;
    }
    let mut best: Option<(usize, i32)> = None;
    let mut total = 0;
    for count in 1..=groups.len() {
        total += groups[count - 1].len();
        if total > 13 || !linked(&groups[count - 1], count - 1) {
            break;
        }
        let right = digits.right(count);
        let end = groups[count - 1].end;
        if total < 7 || (matches!(right, Link::Joined | Link::Other) && extension(text, end) == end) {
            continue;
        }
        // A hyphen, a dot or a slash binds: what goes on with one isn't all of it.
        let link = digits.link(count);
        if matches!(right, Link::Hyphen | Link::Dot | Link::Slash) && link != Some(Link::Space) {
            continue;
        }
        let Some(mut sure) = shape(digits, count, total, link) else { continue };
        if sure <= ANY && (right == Link::Space || within) {
            continue;
        }
        // Numbers before it: part of a row of numbers, or one of several telephone numbers.
        if within && link == Some(Link::Space) {
            sure -= 10;
        }
        if best.is_none_or(|(_, before)| sure >= before) {
            best = Some((count, sure));
        }
    }
    best
}

/// How sure it is that the first `count` groups, of `total` digits, are a number. None: they are something else.
fn shape(digits: &Digits, count: usize, total: usize, link: Option<Link>) -> Option<i32> {
    let groups = &digits.groups()[..count];
    let number = &digits.digits()[..total];
    if another(digits, groups, link) {
        return None;
    }
    if number[0] == 0 && number[1] != 0 {
        return trunk(number, groups, link);
    }
    let lengths = |lengths: &[usize]| lengths.len() == count && digits.lengths(lengths);
    let american = if number[0] == 1 { &number[1..] } else { number };
    let (start, shaped) = if lengths(&[3, 3, 4]) || lengths(&[3, 7]) { (0, true) } else { (1, lengths(&[1, 3, 3, 4])) };
    if shaped && plan::north_american(american) {
        return Some(match groups[start + 1].link {
            Link::Parenthesis => 80,
            Link::Hyphen | Link::Dot => 66,
            Link::Space if count > 2 => 55,
            _ => 40,
        });
    }
    if lengths(&[5, 5]) && (6..=9).contains(&number[0]) {
        return Some(60);
    }
    if count == 1 {
        return match total {
            10 if number[0] >= 6 || plan::north_american(number) => Some(30),
            7..=10 if number[0] >= 2 => Some(ANY),
            11 if number[0] == 1 && plan::north_american(american) => Some(ANY),
            _ => None,
        };
    }
    if lengths(&[3, 4]) && link == Some(Link::Hyphen) {
        return Some(30);
    }
    let nine =
        total == 9 && number[0] >= 5 && (lengths(&[3, 3, 3]) || lengths(&[3, 2, 2, 2]) || lengths(&[2, 3, 2, 2]));
    Some(if nine {
        40
    } else if total <= 11 && groups.iter().all(|group| group.len() >= 2) {
        ANY
    } else {
        return None;
    })
}

/// With the trunk prefix 0.
fn trunk(number: &[u8], groups: &[Group], link: Option<Link>) -> Option<i32> {
    let total = number.len();
    let first = groups[0].len();
    if groups.len() == 1 {
        return match total {
            10 if matches!(number[1], 6 | 7) => Some(50),
            10..=12 if plan::mobile(number) => Some(56),
            9..=12 => Some(30),
            _ => None,
        };
    }
    let pairs = total == 10 && groups.len() == 5 && groups.iter().all(|group| group.len() == 2);
    if pairs && matches!(link, Some(Link::Space | Link::Dot | Link::Hyphen)) {
        return Some(85);
    }
    let area = groups[1].link;
    let short = groups[1..].iter().any(|group| group.len() < 2);
    if short || total < 7 || first > 6 || link == Some(Link::Dot) && groups.len() == 2 {
        return None;
    }
    let bound = match area {
        Link::Parenthesis => 20,
        Link::Slash => 15,
        Link::Hyphen => 8,
        _ => 0,
    };
    Some(match first {
        2..=6 if plan::british(number) || plan::mobile(number) => 62 + bound,
        3..=6 if total >= 8 => 55 + bound,
        1 if total == 11 && number[1] >= 6 => 50,
        2 if (9..=11).contains(&total) => 52 + bound,
        _ => 25,
    })
}

/// Whether the groups are those of a date, of an address in a network, of a number with decimals or thousands.
fn another(digits: &Digits, groups: &[Group], link: Option<Link>) -> bool {
    let lengths: [usize; 4] = core::array::from_fn(|i| groups.get(i).map_or(0, Group::len));
    let written = matches!(link, Some(Link::Dot | Link::Hyphen | Link::Slash | Link::Space)) || groups.len() > 3;
    let date = match lengths {
        [4, 1..=2, 1..=2, _] => digits.digits()[0] == 1 || digits.digits()[0] == 2,
        [1..=2, 1..=2, 4, _] => written && groups.len() < 5,
        [2, 2, 2, 0] => true,
        _ => false,
    };
    let years = groups.len() == 2 && lengths[0] == 4 && lengths[1] == 4 && matches!(digits.digits()[0], 1 | 2);
    let address = link == Some(Link::Dot) && groups.len() == 4 && groups.iter().all(|group| group.len() <= 3);
    let decimal = link == Some(Link::Dot) && groups.len() == 2;
    let thousands = matches!(link, Some(Link::Dot | Link::Space))
        && lengths[0] <= 3
        && groups[1..].iter().all(|group| group.len() == 3)
        && lengths[0] < 3
        && groups.len() > 1;
    date || years || address || decimal || (thousands && digits.digits()[0] != 0)
}
