//! Germany's tax identification number (§ 139b AO; Bundeszentralamt für Steuern, "Identifikationsnummer: Prüfziffer", ISO 7064
//! mod 11,10) and pension insurance number (§ 147 SGB VI, VKVV § 4).

use crate::Entity::{DeSocial, DeTaxId};
use crate::byte::{at, hyphen, joins, space};
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const TAX: &Words = &Words::new(
    "steuer* steueridentifikationsnummer idnr tin tax identifikationsnummer finanzamt* elster lohnsteuer* fiscal*",
);
const PENSION: &Words =
    &Words::new("renten* sozialversicherung* versicherungsnummer rvnr svnr rv sv vsnr pension insurance");
const OTHERS: &Words =
    &Words::new("order* invoice* tracking bestell* rechnung* sendung* kunden* ticket* tel telefon* ref ean");

pub fn tax_id(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let grouped = digits.lengths(&[2, 3, 3, 3]);
    if !grouped && !digits.lengths(&[11]) {
        return;
    }
    let count = if grouped { 4 } else { 1 };
    let number = &digits.digits()[..11];
    if !repeats(&number[..10]) || check_11_10(&number[..10]) != number[10] {
        return;
    }
    if !digits.apart() || !matches!(digits.right(count), Link::None | Link::Space) {
        return;
    }
    let mut confidence = match digits.link(count) {
        Some(Link::None) => 70,
        Some(Link::Space) => 88,
        Some(Link::Hyphen | Link::Slash | Link::Dot) => 75,
        _ => return,
    };
    let (start, end) = (digits.start(), digits.end(count));
    if near::any(text, start, end, TAX) {
        confidence += 20;
    } else if digits.left() == Link::Code || near::before(text, start, OTHERS) {
        confidence -= 30;
    }
    findings.add(DeTaxId, start, end, confidence);
}

/// Whether of the ten digits exactly one comes twice or three times, three not in a row, and no other more than once; the
/// first isn't 0.
fn repeats(number: &[u8]) -> bool {
    let mut counts = [0; 10];
    number.iter().for_each(|&digit| counts[usize::from(digit)] += 1);
    let several = counts.iter().filter(|&&count| count > 1).count();
    let in_a_row = number.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]);
    number[0] != 0 && several == 1 && counts.iter().all(|&count| count <= 3) && !in_a_row
}

/// ISO 7064 mod 11,10.
fn check_11_10(number: &[u8]) -> u8 {
    let product = number.iter().fold(10, |product, &digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

/// Area (2 digits), day, month, year of birth (6), first letter of the name at birth, serial (2), check digit: at the first of
/// a run of digits, with spaces or hyphens between the parts; `left` is what stands before it.
pub fn pension(text: &[u8], start: usize, left: Link, findings: &mut Findings) {
    if matches!(left, Link::Joined | Link::Dot | Link::Other) {
        return;
    }
    let (mut place, mut count, mut gaps) = (start, 0, 0);
    let mut characters = [0; 12];
    while count < 12 {
        let byte = at(text, place);
        if count == 8 && byte.is_ascii_alphabetic() || count != 8 && byte.is_ascii_digit() {
            characters[count] = byte;
            count += 1;
            place += 1;
            continue;
        }
        let gap = space(text, place) + hyphen(text, place);
        if gap == 0 || count == 0 || gaps == 6 || !joins(at(text, place + gap)) {
            return;
        }
        gaps += 1;
        place += gap;
    }
    if joins(at(text, place)) || !pension_valid(&characters) {
        return;
    }
    let upper = characters[8].is_ascii_uppercase();
    let confidence = if upper { 80 } else { 60 } + 15 * i32::from(near::any(text, start, place, PENSION));
    findings.add(DeSocial, start, place, confidence);
}

fn pension_valid(characters: &[u8; 12]) -> bool {
    const WEIGHTS: [u8; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let letter = characters[8].to_ascii_uppercase() - b'A' + 1;
    let digit = |i: usize| characters[i] - b'0';
    let (area, day, month) = (digit(0) * 10 + digit(1), digit(2) * 10 + digit(3), digit(4) * 10 + digit(5));
    if area < 2 || day > 31 || month > 12 {
        return false;
    }
    let digits = (0..8).map(digit).chain([letter / 10, letter % 10, digit(9), digit(10)]);
    let sum: u8 =
        digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).map(|product| product / 10 + product % 10).sum();
    sum % 10 == digit(11)
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn tax_identification_numbers() {
        for text in [
            "86095742719",
            "47036892816",
            "65929970489",
            "65 929 970 489",
            "57549285017",
            "25768131411",
            "Steuer-ID 86 095 742 719",
        ] {
            assert_eq!(found("de_tax_id", text), [text.trim_start_matches("Steuer-ID ")], "{text}");
        }
        for text in [
            "86095742718",
            "06095742719",
            "12345678901",
            "11111111111",
            "65299970480",
            "186095742719",
            "860957427191",
            "A86095742719",
            "Bestellnummer 86095742719",
            "86095742719-1",
        ] {
            assert_eq!(found("de_tax_id", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn pension_insurance_numbers() {
        for text in [
            "15070649C103",
            "15 070649 C 103",
            "15 070649 C103",
            "15 07 06 49 C 10 3",
            "65-170839-J-003",
            "15070649c103",
        ] {
            assert_eq!(found("de_social", text), [text], "{text}");
        }
        for text in
            ["15070649C104", "15070649C1033", "115070649C103", "15 350649 C 103", "15070649C10", "15   070649 C 103"]
        {
            assert_eq!(found("de_social", text), [""; 0], "{text}");
        }
    }
}
