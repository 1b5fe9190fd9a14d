//! Social security numbers of the United States (Social Security Administration, RM 10201.035: 000, 666 and 900 to 999 are no
//! areas, 00 no group, 0000 no serial number).

use crate::Entity::UsSsn;
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const WORDS: &Words = &Words::new("ssn ssns social security soc ss itin taxpayer seguro");

/// Numbers that were printed in advertisements and are nobody's.
const VOID: &[&[u8]] = &[&[0, 7, 8, 0, 5, 1, 1, 2, 0], &[2, 1, 9, 0, 9, 9, 9, 9, 9]];

pub fn find(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let grouped = digits.lengths(&[3, 2, 4]);
    if !grouped && !digits.lengths(&[9]) {
        return;
    }
    let count = if grouped { 3 } else { 1 };
    let number = &digits.digits()[..9];
    let area = number[..3].iter().fold(0, |area, &digit| area * 10 + u32::from(digit));
    let none = |part: &[u8]| part.iter().all(|&digit| digit == 0);
    if matches!(area, 0 | 666 | 900..) || none(&number[3..5]) || none(&number[5..]) || VOID.contains(&number) {
        return;
    }
    if !digits.apart() || !matches!(digits.right(count), Link::None | Link::Space) {
        return;
    }
    let (start, end) = (digits.start(), digits.end(count));
    let confidence = match digits.link(count) {
        Some(Link::Hyphen) => 80,
        Some(Link::Space) if digits.left() == Link::None && digits.right(count) == Link::None => 55,
        Some(Link::Dot) => 45,
        Some(Link::None | Link::Space) => 20,
        _ => return,
    };
    findings.add(UsSsn, start, end, confidence + 40 * i32::from(near::any(text, start, end, WORDS)));
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn numbers_with_and_without_hyphens() {
        for (text, expected) in [
            ("her number is 536-22-8714.", "536-22-8714"),
            ("536 22 8714", "536 22 8714"),
            ("SSN: 536228714", "536228714"),
            ("social security number 001.01.0001", "001.01.0001"),
        ] {
            assert_eq!(found("us_ssn", text), [expected], "{text}");
        }
        for text in [
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "123-00-4567",
            "123-45-0000",
            "078-05-1120",
            "219-09-9999",
            "536228714",
            "1536-22-8714",
            "536-22-87145",
            "536-22-8714-1",
            "1-536-22-8714",
            "SSN 536-22 8714",
        ] {
            assert_eq!(found("us_ssn", text), [""; 0], "{text}");
        }
    }
}
