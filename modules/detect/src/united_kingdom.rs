//! National insurance numbers (HM Revenue & Customs, NIM39110) and NHS numbers (NHS data dictionary, mod 11).

use crate::Entity::{GbNhs, GbNino};
use crate::byte::{at, before, hyphen, joins, space};
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const INSURANCE: &Words = &Words::new("nino ni nin national insurance payroll hmrc paye");
const HEALTH: &Words = &Words::new("nhs patient* hospital* health gp surgery ward clinic* medical");
const OTHERS: &Words = &Words::new("phone* tel call* mobile cell fax ring order* invoice* tracking ref isbn* ticket*");

/// Pairs of letters that are not given out.
const NOT_GIVEN: &[[u8; 2]] = &[*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"];

/// At the first of a run of digits: `QQ 12 34 56 C`, with any single spaces or hyphens, or none.
pub fn national_insurance(text: &[u8], place: usize, findings: &mut Findings) {
    let gap = match before(text, place) {
        b' ' => 1 + usize::from(before(text, place - 1) == b' '),
        b'-' => 1,
        _ => 0,
    };
    let Some(start) = place.checked_sub(2 + gap) else { return };
    let letters = [text[start].to_ascii_uppercase(), text[start + 1].to_ascii_uppercase()];
    if joins(before(text, start)) || !given(letters) {
        return;
    }
    let mut end = place;
    for number in 0..6 {
        if number > 0 {
            end += gap_at(text, end);
        }
        if !at(text, end).is_ascii_digit() {
            return;
        }
        end += 1;
    }
    let suffix = end + gap_at(text, end);
    let suffixed = matches!(at(text, suffix), b'A'..=b'D' | b'a'..=b'd') && !joins(at(text, suffix + 1));
    if suffixed {
        end = suffix + 1;
    } else if joins(at(text, end)) || (at(text, end) == b'-' && joins(at(text, end + 1))) {
        return;
    }
    let upper = text[start].is_ascii_uppercase() && text[start + 1].is_ascii_uppercase();
    let confidence = match (suffixed, upper) {
        (true, true) => 82,
        (true, false) => 55,
        (false, true) => 25,
        (false, false) => 10,
    };
    findings.add(GbNino, start, end, confidence + 35 * i32::from(near::any(text, start, end, INSURANCE)));
}

/// The length of a single space or hyphen, 0 where there is none.
fn gap_at(text: &[u8], place: usize) -> usize {
    space(text, place) + hyphen(text, place)
}

fn given([first, second]: [u8; 2]) -> bool {
    first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !NOT_GIVEN.contains(&[first, second])
}

pub fn health(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let grouped = digits.lengths(&[3, 3, 4]);
    if !grouped && !digits.lengths(&[10]) {
        return;
    }
    let count = if grouped { 3 } else { 1 };
    let number = &digits.digits()[..10];
    if !mod_11(number) || number.iter().all(|digit| *digit == number[0]) {
        return;
    }
    if !digits.apart() || !matches!(digits.right(count), Link::None | Link::Space) {
        return;
    }
    let (start, end) = (digits.start(), digits.end(count));
    let mut confidence = match digits.link(count) {
        Some(Link::Space) => 62,
        Some(Link::Hyphen) => 52,
        Some(Link::None) => 20,
        _ => return,
    };
    if near::any(text, start, end, HEALTH) {
        confidence += 35;
    } else if digits.left() == Link::Code || near::before(text, start, OTHERS) {
        confidence -= 30;
    }
    findings.add(GbNhs, start, end, confidence);
}

/// The check digit over ten digits.
fn mod_11(number: &[u8]) -> bool {
    let sum: u32 = number[..9].iter().zip((2..=10).rev()).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    (11 - sum % 11) % 11 == u32::from(number[9])
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn national_insurance_numbers() {
        for (text, expected) in [
            ("AB123456C", "AB123456C"),
            ("NINO: AB 12 34 56 C.", "AB 12 34 56 C"),
            ("my ni number is ab 12 34 56 d", "ab 12 34 56 d"),
            ("National Insurance AB123456", "AB123456"),
            ("AB-12-34-56-A", "AB-12-34-56-A"),
            ("AB  12  34  56  C", "AB  12  34  56  C"),
        ] {
            assert_eq!(found("gb_nino", text), [expected], "{text}");
        }
        for text in [
            "QQ123456C",
            "GB123456A",
            "AO123456A",
            "DA123456A",
            "AB123456E",
            "AB1234567C",
            "XAB123456C",
            "AB123456CD",
            "AB123456",
        ] {
            assert_eq!(found("gb_nino", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn nhs_numbers() {
        assert_eq!(found("gb_nhs", "NHS no. 943 476 5919"), ["943 476 5919"]);
        assert_eq!(found("gb_nhs", "patient 9434765919"), ["9434765919"]);
        assert_eq!(found("gb_nhs", "943 476 5919"), ["943 476 5919"]);
        for text in ["943 476 5918", "9434765919", "call 943 476 5919", "19434765919", "943 476 59190", "0000000000"] {
            assert_eq!(found("gb_nhs", text), [""; 0], "{text}");
        }
    }
}
