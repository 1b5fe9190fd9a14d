//! Addresses in networks: IPv4 (RFC 791, dotted), IPv6 (RFC 4291 section 2.2) and MAC (EUI-48, EUI-64).

use crate::Entity::{Ipv4, Ipv6, Mac};
use crate::byte::{at, before, joins, stands_alone};
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

/// Words before versions and sections, which may have four numbers as well.
const OTHERS: &Words = &Words::new(
    "version* versión* versão versione versie wersj* sürüm* ver release build firmware upgrade* v section* chapter clause paragraph \
    kapitel abschnitt article figure oid § §§",
);
const HOSTS: &Words = &Words::new("ip ipv4 addr* host* server* client* node* peer* gateway* from dns");
const HARDWARE: &Words = &Words::new("mac hardware physical ethernet bssid hwaddr wifi wlan adapter station");

/// The longest text of an IPv6 address: eight groups, or six and four decimal numbers.
const LONGEST: usize = 45;

pub fn v4(text: &[u8], digits: &Digits, findings: &mut Findings) {
    if digits.groups().len() < 4
        || digits.link(4) != Some(Link::Dot)
        || digits.groups()[..4].iter().any(|group| group.len() > 3)
    {
        return;
    }
    if matches!(digits.left(), Link::Joined | Link::Dot) || matches!(digits.right(4), Link::Joined | Link::Dot) {
        return;
    }
    let mut single = true;
    for group in &digits.groups()[..4] {
        let part = &text[group.start..group.end];
        let value = part.iter().fold(0, |value, &digit| value * 10 + u32::from(digit - b'0'));
        if value > 255 || (part.len() > 1 && part[0] == b'0') {
            return;
        }
        single &= part.len() == 1;
    }
    let (start, end) = (digits.start(), digits.end(4));
    let mut confidence = if single { 60 } else { 85 };
    if near::before(text, start, OTHERS) {
        confidence -= 60;
    } else if digits.left() == Link::Code && !near::before(text, start, HOSTS) {
        // `library-1.22.3.4` is a version, `https://10.1.2.3/` isn't.
        confidence -= if before(text, start) == b'-' { 40 } else { 20 };
    }
    findings.add(Ipv4, start, end, confidence);
}

/// At a `:`: what it is part of, if it is the first of that.
pub fn at_colon(text: &[u8], place: usize, findings: &mut Findings) {
    let start = word_start(text, place, 4);
    let goes_on = match before(text, start) {
        b':' => (start == place && at(text, place + 1) != b':') || !labelled(text, start - 1),
        b'.' => start > 1 && joins(text[start - 2]),
        byte => joins(byte),
    };
    if goes_on {
        return;
    }
    if pairs(text, start, place, b':', findings) || !(findings.wants(Ipv6)) {
        return;
    }
    let limit = text.len().min(start + LONGEST + 1);
    let len =
        text[start..limit].iter().take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    let mut end = start + len;
    while end > start && (text[end - 1] == b'.' || (text[end - 1] == b':' && !text[start..end].ends_with(b"::"))) {
        end -= 1;
    }
    if joins(at(text, end)) || (at(text, end) == b':' && at(text, end + 1) == b':') {
        return;
    }
    let found = &text[start..end];
    if let Some(groups) = v6(found) {
        let digits = found.iter().filter(|byte| byte.is_ascii_digit()).count();
        let confidence = match groups {
            8 => 92,
            0 => 10,
            3.. => 85,
            _ if digits == 0 => 25,
            _ if found.len() >= 6 || found == b"::1" => 70,
            _ => 40,
        };
        findings.add(Ipv6, start, end, confidence);
    }
}

/// Whether the `:` at a place stands behind a name, `addr:` or `ipv6:`, or behind nothing: not behind a group of an address.
fn labelled(text: &[u8], place: usize) -> bool {
    let start = word_start(text, place, 5);
    let digits = text[start..place].iter().filter(|byte| byte.is_ascii_digit()).count();
    before(text, place) != b':' && (start == place || (digits < 2 && joins(before(text, start))))
}

/// At a `-`.
pub fn at_hyphen(text: &[u8], place: usize, findings: &mut Findings) {
    let start = word_start(text, place, 2);
    if place - start == 2 && before(text, start) != b'-' && !joins(before(text, start)) {
        pairs(text, start, place, b'-', findings);
    }
}

/// At a `.`: `0011.2233.4455`.
pub fn at_dot(text: &[u8], place: usize, findings: &mut Findings) {
    let (Some(start), end) = (place.checked_sub(4), place + 10) else { return };
    let Some(found) = text.get(start..end) else { return };
    let form =
        found.iter().enumerate().all(|(i, byte)| if i % 5 == 4 { *byte == b'.' } else { byte.is_ascii_hexdigit() });
    let more = before(text, start) == b'.' || (at(text, end) == b'.' && joins(at(text, end + 1)));
    if form && !more && stands_alone(text, start, end) {
        let letters = found.iter().any(u8::is_ascii_alphabetic);
        let named = near::any(text, start, end, HARDWARE);
        findings.add(Mac, start, end, if letters { 75 } else { 30 } + 30 * i32::from(named));
    }
}

/// Six or eight pairs of hexadecimal digits, `separator` between them; the first separator is at `place`. Whether there are.
fn pairs(text: &[u8], start: usize, place: usize, separator: u8, findings: &mut Findings) -> bool {
    if place - start != 2 {
        return false;
    }
    let hex = |place: usize| at(text, place).is_ascii_hexdigit();
    let (mut end, mut count) = (place, 1);
    while count < 9 && at(text, end) == separator && hex(end + 1) && hex(end + 2) {
        end += 3;
        count += 1;
    }
    if !(count == 6 || count == 8) || joins(at(text, end)) || (at(text, end) == separator && joins(at(text, end + 1))) {
        return false;
    }
    let letters = text[start..end].iter().any(u8::is_ascii_alphabetic);
    let confidence = if letters { 92 } else { 60 } + 30 * i32::from(near::any(text, start, end, HARDWARE));
    findings.add(Mac, start, end, confidence);
    findings.wants(Mac)
}

/// Where the at most `most` hexadecimal digits before a place begin.
fn word_start(text: &[u8], place: usize, most: usize) -> usize {
    let digits =
        text[place.saturating_sub(most)..place].iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
    place - digits
}

/// How many groups an IPv6 address has that are written out (its last four bytes in decimal count as two). None: it isn't one.
fn v6(address: &[u8]) -> Option<usize> {
    let (mut groups, mut gap, mut place) = (0, false, 0);
    if address.starts_with(b"::") {
        (gap, place) = (true, 2);
    }
    while place < address.len() {
        let rest = &address[place..];
        let len = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if rest.get(len) == Some(&b'.') {
            return (v4_tail(rest) && fits(groups + 2, gap)).then_some(groups + 2);
        }
        if !(1..=4).contains(&len) {
            return None;
        }
        groups += 1;
        place += len;
        if place == address.len() {
            break;
        }
        place += 1;
        if address.get(place) == Some(&b':') {
            if gap {
                return None;
            }
            gap = true;
            place += 1;
        } else if place == address.len() {
            return None;
        }
    }
    fits(groups, gap).then_some(groups)
}

/// `::` stands for a group at least.
fn fits(groups: usize, gap: bool) -> bool {
    if gap { groups < 8 } else { groups == 8 }
}

fn v4_tail(text: &[u8]) -> bool {
    let parts = || text.split(|&byte| byte == b'.');
    let number = |part: &[u8]| part.iter().fold(0, |value, &digit| value * 10 + u32::from(digit.wrapping_sub(b'0')));
    parts().count() == 4
        && parts()
            .all(|part| (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit) && number(part) < 256)
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn ipv4() {
        for (text, expected) in [
            ("from 203.0.113.7:8080", "203.0.113.7"),
            ("10.0.0.0/8", "10.0.0.0"),
            ("x=192.168.1.255;", "192.168.1.255"),
            ("8.8.8.8.", "8.8.8.8"),
            ("ip-10.20.30.40", "10.20.30.40"),
            ("hosts/10.20.30.40", "10.20.30.40"),
            ("_10.20.30.40_", "10.20.30.40"),
        ] {
            assert_eq!(found("ipv4", text), [expected], "{text}");
        }
        for text in [
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3",
            "v1.2.3.4",
            "version 1.22.3.4",
            "01.2.3.4",
            "1.2.3.4a",
            "section 2.1.3.4",
            "library-1.22.3.4.jar",
        ] {
            assert_eq!(found("ipv4", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn ipv6_in_all_forms_of_rfc_4291() {
        for text in [
            "2001:db8:0:0:8:800:200C:417A",
            "FF01:0:0:0:0:0:0:101",
            "2001:DB8::8:800:200C:417A",
            "FF01::101",
            "::1",
            "0:0:0:0:0:0:13.1.68.3",
            "::FFFF:129.144.52.38",
            "::13.1.68.3",
            "fe80::1ff:fe23:4567:890a",
            "2001:db8::",
            "1:2:3:4:5:6:7::",
        ] {
            assert_eq!(found("ipv6", &format!("at [{text}]:80")), [text], "{text}");
            assert_eq!(found("ipv6", &format!("{text}.")), [text], "{text}");
        }
        for text in [
            "addr:2001:db8::5",
            "ipv6:2001:db8::5",
            ":2001:db8::5",
            "...2001:db8::5",
            "v6:2001:db8::5",
            "n\":\"2001:db8::5",
        ] {
            assert_eq!(found("ipv6", text), ["2001:db8::5"], "{text}");
        }
        assert_eq!(found("ipv6", "addr:::ffff:192.0.2.1"), ["::ffff:192.0.2.1"]);
        assert_eq!(found("ipv6", "fe80::1%eth0/64, 2001:db8::5: down"), ["fe80::1", "2001:db8::5"]);
        for text in [
            "10:30:00",
            "std::vec",
            "a::b",
            "::",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1::2::3",
            "12345::1",
            "2001:db8:::1",
            "g::1",
            "::1.2.3",
            "::256.1.1.1",
            "x2001:db8::1",
            "2001:db8::1x",
            "00:11:22:33:44:55",
            "{a:1,b:2}",
        ] {
            assert_eq!(found("ipv6", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn mac() {
        for text in
            ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "00:1a:2b:ff:fe:3c:4d:5e", "aa-bb-cc-dd-ee-ff"]
        {
            assert_eq!(found("mac", &format!("on {text}, up")), [text], "{text}");
            assert_eq!(found("mac", &format!("mac:{text}")), [text], "{text}");
        }
        for text in [
            "00:1a:2b:3c:4d",
            "00:1a:2b:3c:4d:5e:6f",
            "0:1a:2b:3c:4d:5e",
            "x00:1a:2b:3c:4d:5e",
            "1234.5678.9012",
            "00-1a:2b-3c-4d-5e",
        ] {
            assert_eq!(found("mac", text), [""; 0], "{text}");
        }
    }
}
