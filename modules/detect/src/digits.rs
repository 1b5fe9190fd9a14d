//! Digits in groups, as people write long numbers: `4111 1111 1111 1111`, `030/123456`, `(212) 555-0123`.

use crate::byte::{at, before, hyphen, joins, space};

/// Groups that are read, and digits in all of them.
const GROUPS: usize = 9;
const DIGITS: usize = 40;

/// What stands between two groups, or between a group and the digit before or behind all that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nothing that links digits.
    None,
    /// A letter or an underscore: the digits are part of a word. Also a digit: they go on.
    Joined,
    Space,
    Hyphen,
    Dot,
    Slash,
    /// Parentheses around one of the two, with or without a space.
    Parenthesis,
    /// A comma, a colon, an apostrophe between two digits: decimals, times, thousands.
    Other,
    /// A hyphen, a dot or a slash behind a letter: the digits may be part of a code such as `A-17`.
    Code,
}

#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub start: usize,
    pub end: usize,
    /// What stands before it.
    pub link: Link,
}

impl Group {
    pub fn len(&self) -> usize {
        self.end - self.start
    }
}

pub struct Digits {
    groups: [Group; GROUPS],
    count: usize,
    digits: [u8; DIGITS],
    total: usize,
    /// What stands behind the last group.
    behind: Link,
}

impl Digits {
    pub const fn new() -> Self {
        let group = Group { start: 0, end: 0, link: Link::None };
        Self { groups: [group; GROUPS], count: 0, digits: [0; DIGITS], total: 0, behind: Link::None }
    }

    /// Reads the groups from the digit at `start` on, the first of its run; `left` is what stands before it.
    pub fn read(&mut self, text: &[u8], start: usize, left: Link) {
        (self.count, self.total) = (0, 0);
        let (mut place, mut link) = (start, left);
        loop {
            let from = place;
            while at(text, place).is_ascii_digit() && self.total < DIGITS {
                self.digits[self.total] = at(text, place) - b'0';
                self.total += 1;
                place += 1;
            }
            self.groups[self.count] = Group { start: from, end: place, link };
            self.count += 1;
            let (found, len) = right(text, place, self.total);
            if self.count == GROUPS || len == 0 || matches!(found, Link::Other | Link::Joined) {
                self.behind = found;
                return;
            }
            (link, place) = (found, place + len);
        }
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups[..self.count]
    }

    /// The values of all digits that were read, 0 to 9.
    pub fn digits(&self) -> &[u8] {
        &self.digits[..self.total]
    }

    /// What stands before the first group.
    pub fn left(&self) -> Link {
        self.groups[0].link
    }

    /// Whether nothing before the first group makes it part of a longer number, word or code.
    pub fn apart(&self) -> bool {
        matches!(self.left(), Link::None | Link::Space | Link::Code)
    }

    /// What stands behind the first `count` groups.
    pub fn right(&self, count: usize) -> Link {
        self.groups().get(count).map_or(self.behind, |group| group.link)
    }

    /// The kind of link between the first `count` groups, where it is one and the same. `None` where there is one group.
    pub fn link(&self, count: usize) -> Option<Link> {
        let mut links = self.groups[..count].iter().skip(1).map(|group| group.link);
        let first = links.next().unwrap_or(Link::None);
        links.all(|link| link == first).then_some(first)
    }

    /// Whether the first groups have these lengths.
    pub fn lengths(&self, lengths: &[usize]) -> bool {
        self.count >= lengths.len() && self.groups.iter().zip(lengths).all(|(group, &len)| group.len() == len)
    }

    pub fn start(&self) -> usize {
        self.groups[0].start
    }

    /// Where the first `count` groups end.
    pub fn end(&self, count: usize) -> usize {
        self.groups[count - 1].end
    }
}

/// What stands between the digit at `place` and one before it.
pub fn left(text: &[u8], place: usize) -> Link {
    let byte = before(text, place);
    if joins(byte) {
        return Link::Joined;
    }
    let digit = |len: usize| place >= len && before(text, place - len).is_ascii_digit();
    if matches!(byte, b'-' | b'.' | b'/') && place > 1 && before(text, place - 1).is_ascii_alphabetic() {
        return Link::Code;
    }
    match byte {
        b' ' if digit(1) || (before(text, place - 1) == b' ' && digit(2)) => Link::Space,
        b'-' if digit(1) => Link::Hyphen,
        b'.' if digit(1) => Link::Dot,
        b'/' if digit(1) => Link::Slash,
        b',' | b':' | b'\'' if digit(1) => Link::Other,
        b'(' | b')' if digit(1) || (before(text, place - 1) == b' ' && digit(2)) => Link::Parenthesis,
        b' ' if before(text, place - 1) == b')' && digit(2) => Link::Parenthesis,
        ..0x80 => Link::None,
        0xa0 if digit(2) && space(text, place - 2) == 2 => Link::Space,
        _ if place >= 3 && digit(3) && space(text, place - 3) == 3 => Link::Space,
        _ if place >= 3 && digit(3) && hyphen(text, place - 3) == 3 => Link::Hyphen,
        _ => Link::None,
    }
}

/// What stands between the digit before `place` and the next, and its length. `total` digits have been read: ` / ` is in
/// `030 / 123456`, and between two whole numbers.
#[inline(always)]
fn right(text: &[u8], place: usize, total: usize) -> (Link, usize) {
    let byte = at(text, place);
    if joins(byte) {
        return (Link::Joined, 0);
    }
    let digit = |len: usize| at(text, place + len).is_ascii_digit();
    let len = match byte {
        b'.' | b'/' if digit(1) => return (if byte == b'.' { Link::Dot } else { Link::Slash }, 1),
        b',' | b':' | b'\'' if digit(1) => return (Link::Other, 1),
        b'(' if digit(1) => return (Link::Parenthesis, 1),
        b')' => return parenthesis(text, place),
        b' ' if at(text, place + 1) == b'(' && digit(2) => return (Link::Parenthesis, 2),
        b' ' if at(text, place + 1) == b'-' && at(text, place + 2) == b' ' && digit(3) => return (Link::Hyphen, 3),
        b' ' if total < 6 && at(text, place + 1) == b'/' && at(text, place + 2) == b' ' && digit(3) => {
            return (Link::Slash, 3);
        }
        _ => space(text, place),
    };
    if len > 0 {
        return if digit(len) { (Link::Space, len) } else { (Link::None, 0) };
    }
    let len = hyphen(text, place);
    if len > 0 && digit(len) { (Link::Hyphen, len) } else { (Link::None, 0) }
}

/// Behind a `)` at `place`: a digit, or one behind a space, a hyphen, a slash or a dot.
fn parenthesis(text: &[u8], place: usize) -> (Link, usize) {
    if at(text, place + 1).is_ascii_digit() {
        return (Link::Parenthesis, 1);
    }
    let len = match at(text, place + 1) {
        b'/' | b'.' => 1,
        _ => space(text, place + 1) + hyphen(text, place + 1),
    };
    if len > 0 && at(text, place + 1 + len).is_ascii_digit() { (Link::Parenthesis, 1 + len) } else { (Link::None, 0) }
}
