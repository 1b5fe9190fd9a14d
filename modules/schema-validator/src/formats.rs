//! The formats that can be asserted. Each is what its RFC's grammar says, and no more.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    DateTime,
    Date,
    Time,
    Email,
    Uuid,
    Ipv4,
    Ipv6,
    Uri,
}

impl Format {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date-time" => Self::DateTime,
            "date" => Self::Date,
            "time" => Self::Time,
            "email" => Self::Email,
            "uuid" => Self::Uuid,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "uri" => Self::Uri,
            _ => return None,
        })
    }

    pub fn has(self, text: &[u8]) -> bool {
        match self {
            Self::DateTime => matches!(text.get(10), Some(b'T' | b't')) && is_date(&text[..10]) && is_time(&text[11..]),
            Self::Date => is_date(text),
            Self::Time => is_time(text),
            Self::Email => is_email(text),
            Self::Uuid => is_uuid(text),
            Self::Ipv4 => is_ipv4(text),
            Self::Ipv6 => is_ipv6(text),
            Self::Uri => is_uri(text),
        }
    }
}

/// The number that two digits write.
fn two(digits: &[u8]) -> Option<u32> {
    match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0')),
        _ => None,
    }
}

/// full-date of RFC 3339 section 5.6.
fn is_date(text: &[u8]) -> bool {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = *text else { return false };
    let read = || Some((two(&[a, b])? * 100 + two(&[c, d])?, two(&[e, f])?, two(&[g, h])?));
    let Some((year, month, day)) = read() else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// full-time of RFC 3339 section 5.6. A leap second is the last of a day in UTC.
fn is_time(text: &[u8]) -> bool {
    let [a, b, b':', c, d, b':', e, f, rest @ ..] = text else { return false };
    let (Some(hour), Some(minute), Some(second)) = (two(&[*a, *b]), two(&[*c, *d]), two(&[*e, *f])) else {
        return false;
    };
    let zone = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &rest[digits..]
        }
        rest => rest,
    };
    let offset = match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => match (two(&[*a, *b]), two(&[*c, *d])) {
            (Some(hours @ 0..24), Some(minutes @ 0..60)) => {
                let minutes = hours * 60 + minutes;
                Some(if *sign == b'+' { 1440 - minutes } else { minutes })
            }
            _ => None,
        },
        _ => None,
    };
    let Some(offset) = offset else { return false };
    let leap = second == 60 && (hour * 60 + minute + offset) % 1440 == 1439;
    hour < 24 && minute < 60 && (second < 60 || leap)
}

/// Mailbox of RFC 5321 section 4.1.2.
fn is_email(text: &[u8]) -> bool {
    let Some(at) = text.iter().rposition(|&byte| byte == b'@') else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let local = match local {
        [b'"', inner @ .., b'"'] => is_quoted(inner),
        _ => local.split(|&byte| byte == b'.').all(|atom| !atom.is_empty() && atom.iter().all(is_atom)),
    };
    local
        && text.len() <= 254
        && at <= 64
        && match domain {
            [b'[', b'I', b'P', b'v', b'6', b':', inner @ .., b']'] => is_ipv6(inner),
            [b'[', inner @ .., b']'] => is_ipv4(inner),
            _ => domain.len() <= 253 && domain.split(|&byte| byte == b'.').all(is_label),
        }
}

fn is_atom(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(byte)
}

fn is_quoted(inner: &[u8]) -> bool {
    let mut escaped = false;
    for &byte in inner {
        match byte {
            b' '..=b'~' if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return false,
            b' '..=b'~' => {}
            _ => return false,
        }
    }
    !escaped
}

/// A name of RFC 1123 section 2.1.
fn is_label(label: &[u8]) -> bool {
    let inner = label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    inner && (1..=63).contains(&label.len()) && !label.starts_with(b"-") && !label.ends_with(b"-")
}

/// RFC 9562 section 4.
fn is_uuid(text: &[u8]) -> bool {
    let dashes = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, &u8)| if dashes.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.iter().enumerate().all(fits)
}

/// dotted-quad of RFC 2673 section 3.2, without leading zeros.
fn is_ipv4(text: &[u8]) -> bool {
    let part = |part: &[u8]| {
        let digits = part.iter().all(u8::is_ascii_digit) && (1..=3).contains(&part.len());
        let number = part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')));
        digits && number < 256 && (part.len() == 1 || part[0] != b'0')
    };
    text.split(|&byte| byte == b'.').count() == 4 && text.split(|&byte| byte == b'.').all(part)
}

/// RFC 4291 section 2.2, without a zone.
fn is_ipv6(text: &[u8]) -> bool {
    if text.len() > 45 {
        return false;
    }
    let groups = |text: &[u8], last: bool| -> Option<usize> {
        if text.is_empty() {
            return Some(0);
        }
        let count = text.split(|&byte| byte == b':').count();
        text.split(|&byte| byte == b':').enumerate().try_fold(0, |sum, (at, group)| {
            let hex = (1..=4).contains(&group.len()) && group.iter().all(u8::is_ascii_hexdigit);
            if hex { Some(sum + 1) } else { (last && at + 1 == count && is_ipv4(group)).then_some(sum + 2) }
        })
    };
    match text.windows(2).position(|pair| pair == b"::") {
        None => groups(text, true) == Some(8),
        Some(at) => {
            let (before, after) = (groups(&text[..at], false), groups(&text[at + 2..], true));
            matches!((before, after), (Some(before), Some(after)) if before + after <= 7)
        }
    }
}

/// URI of RFC 3986 section 3: with a scheme, a fragment or none.
fn is_uri(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|&byte| byte == b':') else { return false };
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let named = scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    if !named || !scheme.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let (rest, fragment) = split(rest, b'#');
    let (rest, query) = split(rest, b'?');
    let path = match rest.strip_prefix(b"//") {
        Some(rest) => {
            let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
            if !is_authority(&rest[..end]) {
                return false;
            }
            &rest[end..]
        }
        None => rest,
    };
    is_made_of(path, b":@/") && is_made_of(query, b":@/?") && is_made_of(fragment, b":@/?")
}

/// What stands before the first `byte`, and what stands behind it.
fn split(text: &[u8], byte: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|&other| other == byte) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

fn is_authority(text: &[u8]) -> bool {
    let (user, host) = match text.iter().rposition(|&byte| byte == b'@') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (&text[..0], text),
    };
    let (host, port) = match host {
        [b'[', ..] => match host.iter().position(|&byte| byte == b']') {
            Some(end) => (&host[..=end], &host[end + 1..]),
            None => return false,
        },
        _ => host.split_at(host.iter().position(|&byte| byte == b':').unwrap_or(host.len())),
    };
    let port = matches!(port, []) || matches!(port, [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit));
    let host = match host {
        [b'[', b'v' | b'V', inner @ .., b']'] => {
            let (version, address) = split(inner, b'.');
            !version.is_empty()
                && version.iter().all(u8::is_ascii_hexdigit)
                && !address.is_empty()
                && !address.contains(&b'%')
                && is_made_of(address, b":")
        }
        [b'[', inner @ .., b']'] => is_ipv6(inner),
        _ => is_made_of(host, b""),
    };
    host && port && is_made_of(user, b":")
}

/// Whether it has but unreserved characters, sub-delims, percent escapes, and those of `more`.
fn is_made_of(text: &[u8], more: &[u8]) -> bool {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (b'%', [one, other, after @ ..]) if one.is_ascii_hexdigit() && other.is_ascii_hexdigit() => after,
            (b'%', _) => return false,
            _ if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte) || more.contains(byte) => after,
            _ => return false,
        };
    }
    true
}
