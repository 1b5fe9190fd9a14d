//! Passwords, keys and tokens that a word before them names: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`.

use crate::Entity::Secret;
use crate::byte::{at, before, begins};
use crate::scan::Findings;

/// Whether `word` (lower case) stands before `end`, in lower or upper case.
fn ends_with(text: &[u8], end: usize, word: &[u8]) -> bool {
    end >= word.len() && begins(text, end - word.len(), word)
}

/// Words before `=` or `:` that name a password, and those that name a key or a token.
const PASSWORDS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"passcode",
    b"pass",
    b"passwort",
    b"kennwort",
    b"passe",
    b"contrase\xc3\xb1a",
    b"contrasena",
    b"senha",
    b"wachtwoord",
    b"haslo",
    b"parola",
    b"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
    b"\xe5\xaf\x86\xe7\xa0\x81",
];
const KEYS: &[&[u8]] = &[
    b"token",
    b"secret",
    b"apikey",
    b"api_key",
    b"api-key",
    b"api key",
    b"access_key",
    b"access-key",
    b"access key",
    b"accesskey",
    b"secret_key",
    b"secret-key",
    b"secret key",
    b"secretkey",
    b"private_key",
    b"private-key",
    b"private key",
    b"auth_key",
    b"authkey",
    b"encryption_key",
    b"signing_key",
    b"account_key",
    b"accountkey",
    b"sharedaccesskey",
    b"credential",
    b"credentials",
    b"authorization",
    b"bearer",
    b"session_id",
    b"sessionid",
    b"client_secret",
    b"x-api-key",
    b"api token",
    b"schl\xc3\xbcssel",
    b"cl\xc3\xa9",
];

/// The ASCII that a word of the two lists ends with, a bit each.
const LAST: u128 = {
    let (mut set, mut list) = (0, 0);
    while list < 2 {
        let words = if list == 0 { PASSWORDS } else { KEYS };
        let mut number = 0;
        while number < words.len() {
            let last = words[number][words[number].len() - 1];
            if last < 0x80 {
                set |= 1 << last;
            }
            number += 1;
        }
        list += 1;
    }
    set
};

/// Values that hold a place and are no secret.
const PLACES: &[&[u8]] = &[
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"required",
    b"optional",
    b"string",
    b"redacted",
    b"hidden",
    b"changed",
    b"reset",
    b"expired",
    b"invalid",
    b"incorrect",
    b"missing",
    b"wrong",
    b"empty",
    b"unset",
];

/// Bytes among which the quote that closes a value has to be.
const QUOTED: usize = 1024;

/// At a `=` or a `:`: a password, a key or a token that a word before it names. Where its value ends: what stands before
/// that needs not be looked at again.
pub fn find(text: &[u8], place: usize, findings: &mut Findings) -> usize {
    let name = trimmed(text, place);
    if LAST.checked_shr(u32::from(before(text, name) | 0x20)).is_some_and(|set| set & 1 == 0) {
        return place;
    }
    let password = PASSWORDS.iter().any(|word| ends_with(text, name, word));
    if !password && !KEYS.iter().any(|word| ends_with(text, name, word)) {
        return place;
    }
    let mut start = place + 1;
    // `:=`, `==`, `=>`, then space and a quote.
    while start < place + 4 && matches!(at(text, start), b'=' | b'>' | b' ' | b'\t') {
        start += 1;
    }
    let quote = at(text, start);
    let closed = matches!(quote, b'"' | b'\'' | b'`')
        .then(|| {
            text[start + 1..].iter().take(QUOTED).take_while(|byte| **byte >= b' ').position(|byte| *byte == quote)
        })
        .flatten();
    start += usize::from(matches!(quote, b'"' | b'\'' | b'`'));
    let mut end = match closed {
        Some(len) => start + len,
        None => start,
    };
    for scheme in [&b"bearer "[..], b"basic ", b"token "] {
        if begins(text, start, scheme) && (closed.is_none() || start + scheme.len() <= end) {
            start += scheme.len();
        }
    }
    if closed.is_none() {
        let stops = |byte: u8| byte <= b' ' || b"\"'`,;&<>)}]|".contains(&byte);
        end = start + text[start.min(text.len())..].iter().take_while(|byte| !stops(**byte)).count();
        while end > start && matches!(text[end - 1], b'.' | b'!' | b'?' | b':') {
            end -= 1;
        }
    }
    if start >= end {
        return place;
    }
    let value = &text[start..end];
    let assigned = text[place] == b'=' || closed.is_some();
    findings.add(Secret, start, end, if password { as_password(value, assigned) } else { as_key(value) });
    end
}

/// At the `w` of a password: what a sentence says that it is, if that has more than one kind of characters.
pub fn find_spoken(text: &[u8], place: usize, findings: &mut Findings) {
    if place < 4 || !begins(text, place - 4, b"passwor") || !matches!(at(text, place + 3) | 32, b'd' | b't') {
        return;
    }
    let mut start = place + 4;
    let mut said = false;
    for word in [&b" for "[..], b" is ", b" was ", b" ist ", b" war ", b" lautet ", b" now ", b" still ", b" set to "] {
        if begins(text, start, word) {
            start += word.len() - 1;
            said = word != b" for ";
        }
    }
    start += usize::from(at(text, start) == b' ');
    start += usize::from(matches!(at(text, start), b'"' | b'\'' | b'`'));
    let stops = |byte: u8| byte <= b' ' || b"\"'`,;<>()".contains(&byte);
    let mut end = start + text[start.min(text.len())..].iter().take(64).take_while(|byte| !stops(**byte)).count();
    while end > start && matches!(text[end - 1], b'.' | b'!' | b'?' | b':') {
        end -= 1;
    }
    if !said || end < start + 6 || placeholder(&text[start..end]) {
        return;
    }
    let (first, rest) = (text[start], &text[start + 1..end]);
    let upper = rest.iter().any(u8::is_ascii_uppercase)
        && (first.is_ascii_lowercase() || rest.iter().any(u8::is_ascii_lowercase));
    let digit = rest.iter().any(u8::is_ascii_digit) && text[start..end].iter().any(u8::is_ascii_alphabetic);
    if digit || upper {
        findings.add(Secret, start, end, 70);
    }
}

/// Before a `=` or `:` at `place`: where the name ends, without space and quotes.
fn trimmed(text: &[u8], place: usize) -> usize {
    let mut end = place;
    while end > 0 && place - end < 3 && matches!(text[end - 1], b' ' | b'"' | b'\'' | b'`' | b']') {
        end -= 1;
    }
    end
}

fn placeholder(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_'))
        || PLACES.iter().any(|place| value.eq_ignore_ascii_case(place))
        || matches!(value[0], b'<' | b'{' | b'[')
        || value.starts_with(b"${")
        || value.starts_with(b"$(")
        || value.starts_with(b"//")
}

fn as_password(value: &[u8], assigned: bool) -> i32 {
    if value.len() < 4 || placeholder(value) {
        return 0;
    }
    let letters = value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    match (assigned, letters) {
        (true, _) => 80,
        (false, false) => 75,
        // `password: please` is a sentence; `Password: CorrectHorse` may be one.
        (false, true) => {
            if value[1..].iter().any(u8::is_ascii_uppercase) {
                60
            } else {
                30
            }
        }
    }
}

fn as_key(value: &[u8]) -> i32 {
    if value.len() < 8 || placeholder(value) {
        return 0;
    }
    let digit = value.iter().any(u8::is_ascii_digit);
    let letter = value.iter().any(u8::is_ascii_alphabetic);
    match (digit && letter, value.len()) {
        (true, 16..) => 82,
        (true, _) => 65,
        (false, 20..) => 55,
        (false, _) => 25,
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn what_a_word_names() {
        for (text, expected) in [
            ("password=hunter2&x=1", "hunter2"),
            ("Passwort: Geheim!23", "Geheim!23"),
            ("{\"api_key\": \"0123456789abcdef\"}", "0123456789abcdef"),
            ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
            ("PGPASSWORD='a b c d'", "a b c d"),
            ("client_secret := 8f14e45fceea167a.", "8f14e45fceea167a"),
        ] {
            assert_eq!(found("secret", text), [expected], "{text}");
        }
        for (text, expected) in [
            ("my password is hunter2", "hunter2"),
            ("the Password was 'correctHorse'.", "correctHorse"),
            ("Mein Passwort lautet Geheim!23, danke", "Geheim!23"),
        ] {
            assert_eq!(found("secret", text), [expected], "{text}");
        }
        for text in [
            "my password is wrong again",
            "the password is Expired",
            "password was reset 2024",
            "the password is in the safe",
            "password: please choose",
            "token: string",
            "password=****",
            "secret: ${SECRET}",
            "tokens: 1024",
            "a=b",
            "Password:",
        ] {
            assert_eq!(found("secret", text), [""; 0], "{text}");
        }
    }
}
