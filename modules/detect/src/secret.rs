//! Keys and tokens that tell by their form what they are.

use crate::Entity::Secret;
use crate::byte::{at, before, joins};
use crate::scan::Findings;

/// Characters of a token.
#[derive(Clone, Copy)]
enum Of {
    Alphanumeric,
    Upper,
    Hex,
    /// base64url, and so letters, digits, `-`, `_`.
    Url,
    /// The same with dots.
    Dotted,
}

impl Of {
    #[inline(always)]
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Url => byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
        }
    }
}

/// What a vendor's tokens begin with, which of the prefix's bytes the text is searched for, what follows it, how many of that
/// at least and at most.
struct Vendor(&'static [u8], usize, Of, usize, usize);

const MANY: usize = usize::MAX;

#[rustfmt::skip]
const VENDORS: &[Vendor] = &[
    Vendor(b"AKIA", 2, Of::Upper, 16, 16), Vendor(b"ASIA", 2, Of::Upper, 16, 16), // Amazon
    Vendor(b"ghp_", 3, Of::Alphanumeric, 36, MANY), Vendor(b"gho_", 3, Of::Alphanumeric, 36, MANY), // GitHub
    Vendor(b"ghu_", 3, Of::Alphanumeric, 36, MANY), Vendor(b"ghs_", 3, Of::Alphanumeric, 36, MANY),
    Vendor(b"ghr_", 3, Of::Alphanumeric, 36, MANY), Vendor(b"github_pat_", 6, Of::Url, 22, MANY),
    Vendor(b"glpat-", 5, Of::Dotted, 20, MANY), Vendor(b"gldt-", 4, Of::Url, 20, MANY), Vendor(b"glrt-", 4, Of::Dotted, 20, MANY), // GitLab
    Vendor(b"glsoat-", 6, Of::Url, 20, MANY), Vendor(b"glcbt-", 5, Of::Url, 20, MANY), Vendor(b"glptt-", 5, Of::Url, 20, MANY),
    Vendor(b"xoxb-", 4, Of::Url, 10, MANY), Vendor(b"xoxp-", 4, Of::Url, 10, MANY), Vendor(b"xoxa-", 4, Of::Url, 10, MANY), // Slack
    Vendor(b"xoxr-", 4, Of::Url, 10, MANY), Vendor(b"xoxs-", 4, Of::Url, 10, MANY), Vendor(b"xoxe-", 4, Of::Url, 10, MANY),
    Vendor(b"xoxe.", 4, Of::Dotted, 10, MANY), Vendor(b"xoxd-", 4, Of::Url, 10, MANY), Vendor(b"xapp-", 4, Of::Url, 10, MANY),
    Vendor(b"sk_live_", 2, Of::Alphanumeric, 10, MANY), Vendor(b"rk_live_", 2, Of::Alphanumeric, 10, MANY), // Stripe
    Vendor(b"sk_test_", 2, Of::Alphanumeric, 10, MANY), Vendor(b"rk_test_", 2, Of::Alphanumeric, 10, MANY),
    Vendor(b"whsec_", 5, Of::Alphanumeric, 16, MANY),
    Vendor(b"AIza", 1, Of::Url, 35, 35), Vendor(b"GOCSPX-", 6, Of::Url, 20, MANY), Vendor(b"ya29.", 4, Of::Dotted, 20, MANY), // Google
    Vendor(b"sk-", 2, Of::Url, 20, MANY), // OpenAI, Anthropic and others
    Vendor(b"npm_", 3, Of::Alphanumeric, 36, MANY), Vendor(b"pypi-", 4, Of::Url, 32, MANY), Vendor(b"rubygems_", 8, Of::Hex, 48, 48), // Packages
    Vendor(b"SG.", 2, Of::Dotted, 32, MANY), Vendor(b"SK", 1, Of::Hex, 32, 32), Vendor(b"key-", 3, Of::Alphanumeric, 32, 32), // SendGrid, Twilio, Mailgun
    Vendor(b"hf_", 2, Of::Alphanumeric, 30, MANY), Vendor(b"hvs.", 3, Of::Url, 24, MANY), Vendor(b"hvb.", 3, Of::Url, 24, MANY), // Hugging Face, Vault
    Vendor(b"dop_v1_", 3, Of::Hex, 64, 64), Vendor(b"dckr_pat_", 4, Of::Url, 20, MANY), // DigitalOcean, Docker
    Vendor(b"shpat_", 5, Of::Hex, 32, 32), Vendor(b"shpss_", 5, Of::Hex, 32, 32), Vendor(b"shpca_", 5, Of::Hex, 32, 32), // Shopify
    Vendor(b"sq0atp-", 6, Of::Url, 22, 22), Vendor(b"sq0csp-", 6, Of::Url, 43, 43), Vendor(b"glsa_", 4, Of::Url, 32, MANY), // Square, Grafana
    Vendor(b"ATATT3x", 1, Of::Url, 40, MANY), Vendor(b"lin_api_", 3, Of::Alphanumeric, 32, MANY), Vendor(b"figd_", 4, Of::Url, 32, MANY),
    Vendor(b"AGE-SECRET-KEY-1", 3, Of::Upper, 58, 58), // age
];

/// The bytes that the text is searched for.
pub const ANCHORS: &[u8] = b"_-.IKJTw:=";

/// At one of the anchors.
pub fn find(text: &[u8], place: usize, findings: &mut Findings) {
    let anchor = text[place];
    if anchor == b'J' {
        return web_token(text, place, findings);
    }
    let before_it = match anchor {
        b'_' => const { previous(b'_') },
        b'-' => const { previous(b'-') },
        b'.' => const { previous(b'.') },
        b'I' => const { previous(b'I') },
        b'K' => const { previous(b'K') },
        _ => const { previous(b'T') },
    };
    if before_it.checked_shr(u32::from(before(text, place))).is_none_or(|set| set & 1 == 0) {
        return;
    }
    for Vendor(prefix, offset, of, least, most) in VENDORS {
        if prefix[*offset] != anchor || *offset > place {
            continue;
        }
        let start = place - offset;
        if (*offset > 0 && text[place - 1] != prefix[offset - 1])
            || !text[start..].starts_with(prefix)
            || !begun(text, start, *of)
        {
            continue;
        }
        let from = start + prefix.len();
        let len = text[from..].iter().take_while(|byte| of.has(**byte)).count();
        let mut end = from + len;
        while end > from && matches!(text[end - 1], b'.' | b'-') {
            end -= 1;
        }
        if end - from >= *least
            && (*most == MANY || (end - from == *most && !joins(at(text, end))))
            && varied(&text[from..end], *of)
        {
            findings.add(Secret, start, end, 95);
            return;
        }
    }
}

/// The bytes that stand before an anchor in some vendor's prefix, one bit each.
const fn previous(anchor: u8) -> u128 {
    let (mut set, mut number) = (0, 0);
    while number < VENDORS.len() {
        let Vendor(prefix, offset, ..) = VENDORS[number];
        if prefix[offset] == anchor {
            set |= 1 << prefix[offset - 1];
        }
        number += 1;
    }
    set
}

/// Whether nothing of a longer word stands before, or a single `_`, `-` or `.` alone. So each byte is read as part of two tokens
/// at most.
fn begun(text: &[u8], start: usize, of: Of) -> bool {
    let byte = before(text, start);
    !joins(byte) && !(of.has(byte) && start > 1 && of.has(text[start - 2]))
}

/// Not `sk-xxxxxxxx…` and not `sk-this-is-how-words-look-like`.
fn varied(token: &[u8], of: Of) -> bool {
    let digits = token.iter().any(u8::is_ascii_digit);
    let cases = token.iter().any(u8::is_ascii_uppercase) && token.iter().any(u8::is_ascii_lowercase);
    (digits || cases || matches!(of, Of::Upper)) && token.iter().any(|byte| *byte != token[0])
}

/// At the `J` of `eyJ`, with which a JSON object begins in base64url: a JSON Web Token (RFC 7519), two or three parts and
/// more (RFC 7516).
fn web_token(text: &[u8], place: usize, findings: &mut Findings) {
    let Some(start) = place.checked_sub(2) else { return };
    if !text[start..].starts_with(b"eyJ") || !begun(text, start, Of::Dotted) {
        return;
    }
    let len = text[start..].iter().take_while(|byte| Of::Dotted.has(**byte)).count();
    let mut end = start + len;
    while end > start && text[end - 1] == b'.' {
        end -= 1;
    }
    let mut parts = text[start..end].split(|&byte| byte == b'.');
    let header = parts.next().map_or(0, <[u8]>::len);
    let payload = parts.next().map_or(0, <[u8]>::len);
    if header >= 12 && payload >= 8 {
        findings.add(Secret, start, end, 97);
    }
}

/// At a `-`: a private key (RFC 7468 and others), from its first line to its last, or as far as it goes.
pub fn private_key(text: &[u8], place: usize, findings: &mut Findings) {
    if before(text, place) == b'-' || !text[place..].starts_with(b"-----BEGIN ") {
        return;
    }
    let label = place + 11;
    let len = text[label..]
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ')
        .count();
    let name = &text[label..label + len];
    let private = name.windows(11).any(|part| part == b"PRIVATE KEY");
    if !private || !text[label + len..].starts_with(b"-----") {
        return;
    }
    let body = label + len + 5;
    let of_body = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\\ \t\r\n:,.".contains(byte);
    // `Proc-Type`, `DEK-Info` and `AES-256-CBC` have hyphens in them; five are the end.
    let mut end = body;
    while end < text.len() {
        if of_body(&text[end]) || (text[end] == b'-' && !text[end..].starts_with(b"-----")) {
            end += 1;
        } else {
            break;
        }
    }
    if text[end..].starts_with(b"-----END ") {
        let rest = &text[end + 9..];
        let name = rest
            .iter()
            .take(64)
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ')
            .count();
        end += 9 + name + if rest[name..].starts_with(b"-----") { 5 } else { 0 };
    }
    findings.add(Secret, place, end, 99);
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn tokens_of_vendors() {
        let hex = "0123456789abcdef0123456789abcdef";
        let many = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hI5";
        for text in [
            "AKIAIOSFODNN7EXAMPLE".to_string(),
            "AKIALFCEJTULLMVYGKJD".to_string(),
            format!("ghp_{many}"),
            format!("github_pat_11A_{many}"),
            format!("glpat-{}", &many[..20]),
            format!("xoxb-1234567890-{many}"),
            ["sk", "live", many].join("_"),
            format!("AIza{}", &many[..35]),
            format!("sk-proj-{many}"),
            format!("sk-ant-api03-{many}"),
            format!("npm_{many}"),
            format!("pypi-AgEIcHlwaS5vcmc{many}"),
            format!("SG.{}.{many}", &many[..22]),
            format!("SK{hex}"),
            format!("hvs.{many}"),
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{many}"),
        ] {
            assert_eq!(found("secret", &format!("use {text}.")), [text.as_str()], "{text}");
            assert_eq!(found("secret", &format!("_{text}")), [text.as_str()], "{text}");
        }
        for text in [
            "AKIAIOSFODNN7EXAMPL",
            "AKIAAAAAAAAAAAAAAAAA",
            "xAKIAIOSFODNN7EXAMPLE",
            "ghp_short",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "risk-of-being-misunderstood-again",
            "eyJ.x",
            "SKU",
        ] {
            assert_eq!(found("secret", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn private_keys() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAB+/==\n-----END RSA PRIVATE KEY-----";
        assert_eq!(found("secret", &format!("x {key} y")), [key]);
        let cut = "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXk";
        assert_eq!(found("secret", cut), [cut]);
        assert_eq!(found("secret", "-----BEGIN PUBLIC KEY-----\nMIIEow\n-----END PUBLIC KEY-----"), [""; 0]);
    }
}
