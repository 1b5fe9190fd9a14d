//! What is confidential in a URL (RFC 3986): its user information, and parameters whose name says that they hold a credential.
//! What is reported is that alone, not the URL: who reads the masked text still sees where it led.

use crate::Entity::Url;
use crate::byte::{at, before};
use crate::scan::Findings;

/// Names of parameters, without `-` and `_`, in lower case.
const NAMES: &[&[u8]] = &[
    b"token",
    b"accesstoken",
    b"idtoken",
    b"refreshtoken",
    b"authtoken",
    b"sessiontoken",
    b"csrftoken",
    b"auth",
    b"authorization",
    b"authkey",
    b"key",
    b"apikey",
    b"accesskey",
    b"secretkey",
    b"secret",
    b"clientsecret",
    b"appsecret",
    b"sig",
    b"signature",
    b"xamzsignature",
    b"xamzsecuritytoken",
    b"xamzcredential",
    b"xgoogsignature",
    b"xgoogcredential",
    b"awsaccesskeyid",
    b"password",
    b"passwd",
    b"pwd",
    b"pass",
    b"passphrase",
    b"session",
    b"sessionid",
    b"sid",
    b"phpsessid",
    b"jsessionid",
    b"jwt",
    b"hmac",
    b"otp",
    b"ticket",
    b"credential",
    b"credentials",
    b"samlresponse",
    b"assertion",
    b"code",
    b"resettoken",
    b"invite",
    b"hash",
];

/// Of those the ones that often name something else: their value has to look random.
const WEAK: &[&[u8]] =
    &[b"key", b"code", b"auth", b"session", b"sid", b"ticket", b"pass", b"invite", b"hash", b"sig", b"credential"];

/// Bytes of a parameter's name that are read.
const NAME: usize = 32;

/// At the `:` of a `://`. Where the URL ends, and where the `@` behind its user information stands, if it has that.
pub fn find(text: &[u8], place: usize, findings: &mut Findings) -> (usize, Option<usize>) {
    let start = place + 3;
    let len = text[start..].iter().take_while(|byte| !ends(**byte)).count();
    let mut end = start + len;
    while end > start && b".,;:!?)]}'*".contains(&text[end - 1]) {
        end -= 1;
    }
    let authority = start + text[start..end].iter().take_while(|byte| !b"/?#".contains(byte)).count();
    let user = text[start..authority].iter().rposition(|&byte| byte == b'@').filter(|&user| user > 0);
    if let Some(user) = user {
        let information = &text[start..start + user];
        let password = information.iter().position(|&byte| byte == b':').is_some_and(|colon| colon + 1 < user);
        findings.add(Url, start, start + user, if password { 90 } else { 60 });
    }
    parameters(text, authority, end, findings);
    (end, user.map(|user| start + user))
}

fn ends(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'<' | b'>' | b'`' | b'\\' | b'^' | b'|' | 0x7f)
}

fn parameters(text: &[u8], start: usize, end: usize, findings: &mut Findings) {
    let mut name = start;
    let mut place = start;
    while place < end {
        let byte = text[place];
        if matches!(byte, b'?' | b'&' | b'#' | b';' | b'/') {
            name = place + 1;
        } else if byte == b'=' && name > start && b"?&#;".contains(&before(text, name)) {
            let value = place + 1;
            let len = text[value..end].iter().take_while(|byte| !b"&#;".contains(byte)).count();
            if let Some(confidence) = risky(&text[name..place], &text[value..value + len]) {
                findings.add(Url, value, value + len, confidence);
            }
            place = value + len;
            continue;
        }
        place += 1;
    }
}

fn risky(name: &[u8], value: &[u8]) -> Option<i32> {
    let mut plain = [0; NAME];
    let mut len = 0;
    for byte in name.iter().filter(|byte| !matches!(byte, b'-' | b'_')) {
        *plain.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    let plain = &plain[..len];
    if value.is_empty() || !NAMES.contains(&plain) {
        return None;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mixed = digits > 0 && digits < value.len();
    Some(match WEAK.contains(&plain) {
        true if value.len() >= 16 && mixed => 75,
        true if value.len() >= 8 && mixed => 60,
        true => 30,
        false if value.len() < 4 => 45,
        false => 85,
    })
}

/// Whether a `://` stands at the `:` at `place`, behind the letter of a scheme.
pub fn begins(text: &[u8], place: usize) -> bool {
    at(text, place + 1) == b'/' && at(text, place + 2) == b'/' && before(text, place).is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn user_information_and_parameters() {
        for (text, expected) in [
            ("see https://jane:s3cret@example.org/x.", &["jane:s3cret"][..]),
            ("postgres://app:p%40ss@db:5432/x", &["app:p%40ss"]),
            ("ftp://anna@files.example", &["anna"]),
            ("https://x.example/cb?state=1&access_token=ya29abc&x=2#id_token=zzzz", &["ya29abc", "zzzz"]),
            ("(https://x.example/?api-key=0123456789abcdef)", &["0123456789abcdef"]),
            ("https://b.example/o?X-Amz-Signature=fe5f80a1&X-Amz-Date=1", &["fe5f80a1"]),
            ("https://x.example/?sig=aB3%2FdE5fGh1jKl0m&sv=2022", &["aB3%2FdE5fGh1jKl0m"]),
        ] {
            assert_eq!(found("url", text), expected, "{text}");
        }
        for text in [
            "https://example.org/a@b",
            "https://example.org/?page=2&sort_key=name&key=name",
            "://",
            "http://",
            "https://@x",
        ] {
            assert_eq!(found("url", text), [""; 0], "{text}");
        }
    }
}
