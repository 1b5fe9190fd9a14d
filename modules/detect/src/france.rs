//! France's registration number (INSEE, décret n° 82-103: key modulo 97) and tax number (SPI, key modulo 511: OECD, "Information
//! on tax identification numbers", France).

use crate::Entity::{FrNir, FrTax};
use crate::byte::{at, hyphen, joins, space};
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const SOCIAL: &Words = &Words::new("nir sécu* secu* sociale social vitale insee assuré* immatriculation cpam ameli");
const TAX: &Words = &Words::new("fiscal* spi impôt* impot* impots tax déclarant dgfip tin");
const OTHERS: &Words =
    &Words::new("order* invoice* tracking commande facture colis timestamp epoch time ean gtin isbn* ts ref at ms");

/// Sex, year, month, department, commune, order, key: at the first of a run of digits, with single separators or none.
pub fn nir(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let start = digits.start();
    let outside = digits.apart() || digits.left() == Link::Parenthesis;
    if !outside || !matches!(at(text, start), b'1'..=b'4' | b'7' | b'8') {
        return;
    }
    let mut number = [0; 15];
    let (mut place, mut count, mut plain, mut gaps) = (start, 0, start, 0);
    let mut corsica = None;
    while count < 15 {
        let byte = at(text, place);
        if byte.is_ascii_digit() || (count == 6 && number[5] == 2 && matches!(byte, b'A' | b'B' | b'a' | b'b')) {
            if byte.is_ascii_digit() {
                number[count] = byte - b'0';
            } else {
                corsica = Some(byte.to_ascii_uppercase());
            }
            count += 1;
            place += 1;
            if count == 13 {
                plain = place;
            }
            continue;
        }
        let dot = usize::from(matches!(byte, b'.' | b'/'));
        let gap = space(text, place) + hyphen(text, place) + dot;
        if gap == 0 || gaps == 7 || !joins(at(text, place + gap)) {
            break;
        }
        gaps += 1;
        place += gap;
    }
    if !(count == 13 || count == 15) || joins(at(text, place)) {
        return;
    }
    // 2A and 2B count as 19 and 18 (INSEE).
    match corsica {
        Some(b'A') => (number[5], number[6]) = (1, 9),
        Some(_) => (number[5], number[6]) = (1, 8),
        None => {}
    }
    let value = |digits: &[u8]| digits.iter().fold(0, |value: u64, &digit| value * 10 + u64::from(digit));
    let (month, department) = (value(&number[3..5]), value(&number[5..7]));
    if !matches!(month, 1..=12 | 20..=42 | 50..=99) || department == 0 || value(&number[10..13]) == 0 {
        return;
    }
    if count == 15 {
        if 97 - value(&number[..13]) % 97 == value(&number[13..]) {
            let confidence = if gaps > 2 { 90 } else { 82 };
            findings.add(FrNir, start, place, confidence + 10 * i32::from(near::any(text, start, place, SOCIAL)));
        }
    } else if near::any(text, start, plain, SOCIAL) {
        findings.add(FrNir, start, plain, 60);
    }
}

pub fn tax(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let grouped = digits.lengths(&[2, 2, 3, 3, 3]);
    if (!grouped && !digits.lengths(&[13])) || digits.digits()[0] > 3 {
        return;
    }
    let count = if grouped { 5 } else { 1 };
    if !digits.apart() || !matches!(digits.right(count), Link::None | Link::Space) {
        return;
    }
    let value = |digits: &[u8]| digits.iter().fold(0, |value: u64, &digit| value * 10 + u64::from(digit));
    let number = &digits.digits()[..13];
    if value(&number[..10]) % 511 != value(&number[10..]) || value(number) == 0 {
        return;
    }
    let mut confidence = match digits.link(count) {
        Some(Link::None) => 65,
        Some(Link::Space) => 88,
        Some(Link::Hyphen | Link::Dot) => 70,
        _ => return,
    };
    let (start, end) = (digits.start(), digits.end(count));
    if near::any(text, start, end, TAX) {
        confidence += 25;
    } else if digits.left() == Link::Code || near::before(text, start, OTHERS) {
        confidence -= 30;
    }
    findings.add(FrTax, start, end, confidence);
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn registration_numbers() {
        for text in [
            "295109912611193",
            "2 95 10 99 126 111 93",
            "1 84 12 76 451 089 46",
            "253072A07300443",
            "2 53 07 2A 073 004 43",
            "253072B07300470",
        ] {
            assert_eq!(found("fr_nir", text), [text], "{text}");
        }
        assert_eq!(found("fr_nir", "sécu 2 95 10 99 126 111, merci"), ["2 95 10 99 126 111"]);
        for text in [
            "295109912611194",
            "595109912611193",
            "295139912611193",
            "2951099126111931",
            "x295109912611193",
            "2951099126111",
            "253072C07300470",
        ] {
            assert_eq!(found("fr_nir", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn tax_numbers() {
        for text in ["3023217600053", "30 23 217 600 053"] {
            assert_eq!(found("fr_tax", text), [text], "{text}");
        }
        for text in ["3023217600054", "4023217600053", "13023217600053", "1700000000000", "timestamp 3023217600053"] {
            assert_eq!(found("fr_tax", text), [""; 0], "{text}");
        }
    }
}
