//! International bank account numbers (ISO 13616-1): the lengths of the registry's countries, check digits by ISO 7064 mod 97-10.

use crate::Entity::Iban;
use crate::byte::{at, before, hyphen, joins, space};
use crate::scan::Findings;

/// Countries of the registry, and how many characters theirs have.
#[rustfmt::skip]
const LENGTHS: &[([u8; 2], usize)] = &[
    (*b"AD", 24), (*b"AE", 23), (*b"AL", 28), (*b"AT", 20), (*b"AZ", 28), (*b"BA", 20), (*b"BE", 16), (*b"BG", 22), (*b"BH", 22),
    (*b"BI", 27), (*b"BR", 29), (*b"BY", 28), (*b"CH", 21), (*b"CR", 22), (*b"CY", 28), (*b"CZ", 24), (*b"DE", 22), (*b"DJ", 27),
    (*b"DK", 18), (*b"DO", 28), (*b"EE", 20), (*b"EG", 29), (*b"ES", 24), (*b"FI", 18), (*b"FK", 18), (*b"FO", 18), (*b"FR", 27),
    (*b"GB", 22), (*b"GE", 22), (*b"GI", 23), (*b"GL", 18), (*b"GR", 27), (*b"GT", 28), (*b"HN", 28), (*b"HR", 21), (*b"HU", 28),
    (*b"IE", 22), (*b"IL", 23), (*b"IQ", 23), (*b"IS", 26), (*b"IT", 27), (*b"JO", 30), (*b"KW", 30), (*b"KZ", 20), (*b"LB", 28),
    (*b"LC", 32), (*b"LI", 21), (*b"LT", 20), (*b"LU", 20), (*b"LV", 21), (*b"LY", 25), (*b"MC", 27), (*b"MD", 24), (*b"ME", 22),
    (*b"MK", 19), (*b"MN", 20), (*b"MR", 27), (*b"MT", 31), (*b"MU", 30), (*b"NI", 28), (*b"NL", 18), (*b"NO", 15), (*b"OM", 23),
    (*b"PK", 24), (*b"PL", 28), (*b"PS", 29), (*b"PT", 25), (*b"QA", 29), (*b"RO", 24), (*b"RS", 22), (*b"RU", 33), (*b"SA", 24),
    (*b"SC", 31), (*b"SD", 18), (*b"SE", 24), (*b"SI", 19), (*b"SK", 24), (*b"SM", 27), (*b"SO", 23), (*b"ST", 25), (*b"SV", 28),
    (*b"TL", 23), (*b"TN", 24), (*b"TR", 26), (*b"UA", 29), (*b"VA", 22), (*b"VG", 24), (*b"XK", 20), (*b"YE", 30),
];

/// By the two letters, A to Z each, how many characters; 0: no such country.
const BY_LETTERS: [[u8; 26]; 26] = {
    let (mut table, mut number) = ([[0; 26]; 26], 0);
    while number < LENGTHS.len() {
        let ([first, second], length) = LENGTHS[number];
        table[(first - b'A') as usize][(second - b'A') as usize] = length as u8;
        number += 1;
    }
    table
};

/// The most characters that one has.
const LONGEST: usize = 34;

/// At the first of a run of digits, which may be the check digits.
pub fn find(text: &[u8], place: usize, findings: &mut Findings) {
    let Some(start) = place.checked_sub(2) else { return };
    let letter = |byte: u8| usize::from((byte | 0x20).wrapping_sub(b'a'));
    let by_second = BY_LETTERS.get(letter(text[start])).and_then(|by_second| by_second.get(letter(text[start + 1])));
    let Some(&length @ 1..) = by_second else { return };
    if !at(text, place + 1).is_ascii_digit() || joins(before(text, start)) {
        return;
    }
    let length = usize::from(length);
    let Some((end, characters)) = characters(text, start, length) else { return };
    if valid(&characters[..length]) {
        findings.add(Iban, start, end, if text[start].is_ascii_uppercase() { 95 } else { 90 });
    }
}

/// Where the `length` letters and digits from `start` on end, and the characters in upper case. Between them there may be
/// spaces, hyphens or dots: anywhere where only digits stand behind the country, else between groups of four.
fn characters(text: &[u8], start: usize, length: usize) -> Option<(usize, [u8; LONGEST])> {
    let mut characters = [0; LONGEST];
    let (mut place, mut count) = (start, 0);
    let (mut letters, mut irregular) = (false, false);
    while count < length {
        let byte = at(text, place);
        if byte.is_ascii_alphanumeric() {
            letters |= count >= 2 && byte.is_ascii_alphabetic();
            characters[count] = byte.to_ascii_uppercase();
            count += 1;
            place += 1;
            continue;
        }
        let gap = space(text, place) + hyphen(text, place) + usize::from(byte == b'.');
        if gap == 0 || !at(text, place + gap).is_ascii_alphanumeric() {
            return None;
        }
        irregular |= count % 4 != 0;
        place += gap;
    }
    (!joins(at(text, place)) && !(letters && irregular)).then_some((place, characters))
}

/// Whether the characters, the first four moved to the end and letters read as 10 to 35, are 1 modulo 97.
fn valid(characters: &[u8]) -> bool {
    let (head, rest) = characters.split_at(4);
    let mut value: u64 = 0;
    for &byte in rest.iter().chain(head) {
        // The remainder is taken when two more digits may no longer fit.
        if value >= 1 << 56 {
            value %= 97;
        }
        value = match byte {
            b'0'..=b'9' => value * 10 + u64::from(byte - b'0'),
            _ => value * 100 + u64::from(byte - b'A') + 10,
        };
    }
    value % 97 == 1
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn published_examples_and_their_groupings() {
        for text in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "BR1800360305000010009795493C1",
            "LC55HEMM000100010012001200023015",
            "SC18SSCB11010000000000001497USD",
            "DE89 3704 0044 0532 0130 00",
            "GB29 NWBK 6016 1331 9268 19",
            "de89370400440532013000",
            "DE89 37040044 0532013000",
            "BE68.5390.0754.7034",
            "DE89  3704  0044  0532  0130  00",
            "CH93-0076-2011-6238-5295-7",
            "CH93\u{a0}0076\u{a0}2011\u{a0}6238\u{a0}5295\u{a0}7",
            "QA58DOHB00001234567890ABCDEFG",
            "SV62CENR00000000000000700025",
            "VA59001123000012345678",
            "RU0304452522540817810538091310419",
        ] {
            assert_eq!(found("iban", &format!("IBAN: {text}, BIC")), [text], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "ADE89370400440532013000",
            "ZZ89370400440532013000",
            "DE89 3704 0044 0532 0130",
            "GB29 NW BK60 1613 3192 6819",
            "at 61 seconds",
            "be12",
        ] {
            assert_eq!(found("iban", text), [""; 0], "{text}");
        }
    }
}
