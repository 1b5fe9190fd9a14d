//! Addresses of mail: the dot-atom form of RFC 5322 section 3.4.1 as it is used, with letters of all scripts (RFC 6531,
//! RFC 5890), quoted local parts and address literals.

use crate::Entity::Email;
use crate::byte::{at, before, begins, character, in_a_name, is_unspaced, joins, last_character};
use crate::scan::Findings;

/// Bytes that are read of a local part, twice what RFC 5321 section 4.5.3.1.1 allows, and of a domain.
const LOCAL: usize = 128;
const DOMAIN: usize = 255;

/// Endings of files that are no top level domains: `icon@2x.png` is no address.
const FILES: &[&[u8]] = &[
    b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"ico", b"css", b"js", b"json", b"html", b"xml", b"yaml", b"yml",
    b"txt", b"csv", b"pdf", b"exe", b"dll", b"min", b"lock", b"tar", b"tgz",
];

/// ASCII in a local part, a bit each.
const IN_LOCAL: u128 = {
    let (mut set, mut byte) = (0, 0);
    let signs = b"._-+'%!#$*^~=";
    while byte < signs.len() {
        set |= 1 << signs[byte];
        byte += 1;
    }
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            set |= 1 << byte;
        }
        byte += 1;
    }
    set
};

/// At the `@` at `place`.
pub fn find(text: &[u8], place: usize, findings: &mut Findings) {
    address(text, place, place + 1, 95, findings);
}

/// At the `%` at `place`: `%40` is an `@` where a URL has it in a parameter.
pub fn find_encoded(text: &[u8], place: usize, findings: &mut Findings) {
    if at(text, place + 1) == b'4' && at(text, place + 2) == b'0' {
        address(text, place, place + 3, 85, findings);
    }
}

/// With the local part before `local_end` and the domain from `domain` on.
fn address(text: &[u8], local_end: usize, domain: usize, confidence: i32, findings: &mut Findings) {
    let Some(start) = local(text, local_end) else { return };
    if at(text, domain) == b'[' {
        if let Some(end) = literal(text, domain) {
            findings.add(Email, start, end, confidence - 10);
        }
        return;
    }
    let Some((end, cut)) = domain_end(text, domain) else { return };
    let user_of_git = at(text, end) == b':' && &text[start..local_end] == b"git";
    findings.add(Email, start, end, confidence - 25 * i32::from(cut) - 65 * i32::from(user_of_git));
}

/// Where the local part that ends at `end` begins.
fn local(text: &[u8], end: usize) -> Option<usize> {
    if before(text, end) == b'"' {
        let first = end.saturating_sub(LOCAL);
        let open = text[first..end - 1].iter().rposition(|&byte| byte == b'"' || byte == b'\n')? + first;
        return (text[open] == b'"' && open + 2 < end).then_some(open);
    }
    let mut start = end;
    let mut plus = false;
    let mut equals = None;
    while start > 0 && end - start < LOCAL {
        match text[start - 1] {
            b'+' => plus = true,
            b'=' if equals.is_none() => equals = Some(start),
            byte if byte >= 0x80 => {
                let (character, len) = last_character(text, start);
                // Scripts that are written without spaces may stand right before an address.
                if !in_a_name(character) || (is_unspaced(character) && at(text, start).is_ascii() && start < end) {
                    break;
                }
                start -= len;
                continue;
            }
            byte if IN_LOCAL >> byte & 1 == 1 => {}
            _ => break,
        }
        start -= 1;
    }
    // `to=jane@…` names a parameter, `bounce+jane=…@…` is one address (variable envelope return paths).
    if let Some(behind) = equals
        && !plus
    {
        start = behind;
    }
    while start < end && !(joins(text[start]) || text[start] >= 0x80) {
        start += 1;
    }
    (start < end).then_some(start)
}

/// Where the domain that begins at `start` ends, and whether it goes on there with something that no domain has.
fn domain_end(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut place = start;
    let mut ends = None;
    let mut labels = 0;
    let mut numbers = 0;
    loop {
        let label = place;
        place = label_end(text, label, start + DOMAIN);
        if place == label {
            break;
        }
        labels += 1;
        numbers += usize::from(text[label..place].iter().all(u8::is_ascii_digit));
        // A version behind a name: `left-pad@1.3.0-rc.beta`.
        if labels == 2 && numbers == 2 {
            return None;
        }
        if labels > 1
            && let Some(end) = top_level(text, label, place)
        {
            ends = Some(end);
        }
        if at(text, place) != b'.' {
            break;
        }
        place += 1;
    }
    ends.map(|end| (end, joins(at(text, end)) || (at(text, end) == b'.' && joins(at(text, end + 1)))))
}

/// Where a label ends: letters, digits, and hyphens within.
fn label_end(text: &[u8], start: usize, limit: usize) -> usize {
    let mut place = start;
    let mut end = start;
    while place < limit {
        let byte = at(text, place);
        if byte >= 0x80 {
            let (character, len) = character(text, place);
            if !in_a_name(character) {
                break;
            }
            place += len;
        } else if byte.is_ascii_alphanumeric() {
            place += 1;
        } else if byte == b'-' && place > start {
            place += 1;
            continue;
        } else {
            break;
        }
        end = place;
    }
    end
}

/// Where the label ends as a top level domain, if it can be one: letters, two at least, of ASCII or of another script.
fn top_level(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let label = &text[start..end];
    if begins(text, start, b"xn--") {
        return Some(end);
    }
    let letters = label.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters >= 2 && (letters == label.len() || label[letters] >= 0x80) {
        // A script without spaces goes on right behind it.
        let file = FILES.iter().any(|file| label[..letters].eq_ignore_ascii_case(file));
        return (!file).then_some(start + letters);
    }
    (letters == 0 && label[0] >= 0x80).then_some(end)
}

/// Behind an address literal (RFC 5321 section 4.1.3) at `start`.
fn literal(text: &[u8], start: usize) -> Option<usize> {
    let len = text[start..].iter().take(64).position(|&byte| byte == b']')?;
    let inside = &text[start + 1..start + len];
    let allowed = |&byte: &u8| byte.is_ascii_hexdigit() || b".:IPv".contains(&byte);
    (inside.len() > 2 && inside.iter().all(allowed)).then_some(start + len + 1)
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn addresses_as_they_are_written() {
        for (text, expected) in [
            ("mail jane.doe+tag@mail.example.org, please.", "jane.doe+tag@mail.example.org"),
            ("<o'brien@example.ie>", "o'brien@example.ie"),
            ("'quoted@example.ie'", "quoted@example.ie"),
            ("to=jane@example.org&x=1", "jane@example.org"),
            ("bounces+7-jane=example.org@lists.example.com", "bounces+7-jane=example.org@lists.example.com"),
            ("Schreib an jörg.müller@bücher.example!", "jörg.müller@bücher.example"),
            ("пишите: иван@почта.рф.", "иван@почта.рф"),
            ("请联系zhang@example.cn获取", "zhang@example.cn"),
            ("邮箱：张伟@例子.中国。", "张伟@例子.中国"),
            ("“jane@example.org”", "jane@example.org"),
            ("jane@xn--bcher-kva.xn--p1ai", "jane@xn--bcher-kva.xn--p1ai"),
            ("\"john doe\"@example.org", "\"john doe\"@example.org"),
            ("root@[192.0.2.1] wrote", "root@[192.0.2.1]"),
            ("GET /?mail=jane%40example.com&b", "jane%40example.com"),
            ("JANE@EXAMPLE.COM.", "JANE@EXAMPLE.COM"),
            ("a@b.co", "a@b.co"),
        ] {
            assert_eq!(found("email", text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "icon@2x.png",
            "left-pad@1.3.0-rc.beta",
            "user@localhost",
            "@jane.doe",
            "jane@",
            "a @ b.com",
            "medium.com/@jane.doe",
            "git clone git@example.com:team/x.git",
            "x@y.z",
            "@@@@",
            "price @ 3.50",
        ] {
            assert_eq!(found("email", text), [""; 0], "{text}");
        }
    }
}
