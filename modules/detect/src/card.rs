//! Numbers of payment cards (ISO/IEC 7812-1): an issuer's range, a length that it uses, the check digit (annex B, Luhn).

use crate::Entity::Card;
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const WORDS: &Words = &Words::new(
    "card* credit debit visa mastercard amex maestro discover diners jcb unionpay rupay cc pan ccn kreditkart* \
    karte* kartennummer carte cartes bancaire tarjeta* carta cartão kaart* creditcard* कार्ड क्रेडिट",
);

/// Words that say of a number that it is something else.
const OTHERS: &Words = &Words::new(
    "order* invoice* tracking parcel shipment imei isbn ean gtin ticket* reference ref serial barcode bestell* \
    rechnung* sendung* commande facture colis pedido factura timestamp epoch trace sku",
);

/// First digits from … to …, their lengths as bits (bit 16: 16 digits), and how sure a number without groups is.
struct Range {
    from: u32,
    to: u32,
    lengths: u32,
    sure: i32,
}

const fn range(from: u32, to: u32, lengths: &[u32], sure: i32) -> Range {
    let (mut bits, mut i) = (0, 0);
    while i < lengths.len() {
        bits |= 1 << lengths[i];
        i += 1;
    }
    Range { from, to, lengths: bits, sure }
}

/// By the first six digits; the first range that has number and length counts.
#[rustfmt::skip]
const RANGES: &[Range] = &[
    range(400000, 499999, &[16], 75),                         // Visa
    range(400000, 499999, &[13, 19], 40),                     // Visa, formerly and rarely
    range(510000, 559999, &[16], 75),                         // Mastercard
    range(222100, 272099, &[16], 75),                         // Mastercard
    range(340000, 349999, &[15], 75),                         // American Express
    range(370000, 379999, &[15], 75),                         // American Express
    range(601100, 601199, &[16], 75),                         // Discover
    range(644000, 659999, &[16], 75),                         // Discover, RuPay
    range(300000, 305999, &[14, 16, 19], 60),                 // Diners Club
    range(309500, 309599, &[14, 16, 19], 60),                 // Diners Club
    range(360000, 369999, &[14, 16, 19], 60),                 // Diners Club
    range(380000, 399999, &[14, 16, 19], 60),                 // Diners Club
    range(352800, 358999, &[16], 75),                         // JCB
    range(352800, 358999, &[17, 18, 19], 40),                 // JCB
    range(620000, 629999, &[16], 75),                         // UnionPay
    range(620000, 629999, &[17, 18, 19], 55),                 // UnionPay
    range(810000, 829999, &[16], 65),                         // UnionPay, RuPay
    range(220000, 220499, &[16], 75),                         // Mir
    range(979200, 979289, &[16], 65),                         // Troy
    range(508500, 508999, &[16], 65),                         // RuPay
    range(606985, 608500, &[16], 65),                         // RuPay
    range(506000, 506999, &[16, 18, 19], 60),                 // Verve
    range(636000, 639999, &[16], 60),                         // InstaPayment, Elo, Maestro
    range(500000, 509999, &[16], 55),                         // Maestro, Dankort, Elo
    range(560000, 589999, &[16], 55),                         // Maestro
    range(600000, 699999, &[16], 55),                         // Maestro and others
    range(500000, 509999, &[12, 13, 14, 15, 17, 18, 19], 30), // Maestro
    range(560000, 699999, &[12, 13, 14, 15, 17, 18, 19], 30), // Maestro
    range(100000, 199999, &[15], 30),                         // UATP
];

/// Groups as cards show them.
const SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4, 2],
    &[4, 4, 5],
    &[6, 13],
    &[4, 4, 4, 1],
    &[4, 4, 4, 3],
];

pub fn find(text: &[u8], digits: &Digits, findings: &mut Findings) {
    if digits.digits().len() < 12 || !(digits.apart() || digits.left() == Link::Parenthesis) {
        return;
    }
    let mut total = 0;
    for (number, group) in digits.groups().iter().enumerate() {
        total += group.len();
        if total >= 12 {
            if total > 19 {
                return;
            }
            groups(text, digits, number + 1, total, findings);
        }
    }
}

/// The first `count` groups, which have `total` digits, as one number.
fn groups(text: &[u8], digits: &Digits, count: usize, total: usize, findings: &mut Findings) {
    let number = &digits.digits()[..total];
    let Some(link @ (Link::None | Link::Space | Link::Hyphen | Link::Dot)) = digits.link(count) else { return };
    let Some(sure) = issuer(number) else { return };
    let lengths = |shape: &&[usize]| shape.len() == count && digits.lengths(shape);
    let shaped = SHAPES.iter().any(|shape| lengths(&shape));
    let right = digits.right(count);
    let apart = match right {
        Link::None | Link::Parenthesis => true,
        Link::Space => count == 1 || shaped,
        _ => false,
    };
    if !apart || !luhn(number) {
        return;
    }
    let between = digits.left() == Link::Space || right == Link::Space;
    let mut confidence = match (count, shaped) {
        (1, _) => sure,
        (_, true) => 92.min(sure + 30),
        (_, false) => sure - 15 - 25 * i32::from(between || count > 5),
    };
    let (start, end) = (digits.start(), digits.end(count));
    if confidence >= 90 || !findings.counts(confidence + 30) {
        return findings.add(Card, start, end, confidence);
    }
    if near::any(text, start, end, WORDS) {
        confidence += 30;
    } else if link == Link::None && near::before(text, start, OTHERS) {
        confidence -= 35;
    }
    findings.add(Card, start, end, confidence);
}

fn issuer(number: &[u8]) -> Option<i32> {
    let first = number[..6].iter().fold(0, |first, &digit| first * 10 + u32::from(digit));
    let fits = |range: &&Range| (range.from..=range.to).contains(&first) && range.lengths >> number.len() & 1 == 1;
    RANGES.iter().find(fits).map(|range| range.sure)
}

/// The check digit of ISO/IEC 7812-1 annex B over digits 0 to 9.
pub fn luhn(number: &[u8]) -> bool {
    let doubled = |digit: u8| if digit < 5 { 2 * digit } else { 2 * digit - 9 };
    let digits = number.iter().rev().enumerate();
    digits.map(|(i, &digit)| u32::from(if i % 2 == 1 { doubled(digit) } else { digit })).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::luhn;
    use crate::tests::found;

    #[test]
    fn the_check_digit() {
        assert!(luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3]));
        assert!(!luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 0]));
    }

    #[test]
    fn cards_with_and_without_groups() {
        for (text, expected) in [
            ("4111111111111111", "4111111111111111"),
            ("paid with 4111 1111 1111 1111.", "4111 1111 1111 1111"),
            ("5500-0055-5555-5559 exp 12/27", "5500-0055-5555-5559"),
            ("5500 0055 5555 5559 12/27 123", "5500 0055 5555 5559"),
            ("amex 3782 822463 10005", "3782 822463 10005"),
            ("30569309025904", "30569309025904"),
            ("card 4222222222222", "4222222222222"),
            ("Karte: 2223 0031 2200 3222", "2223 0031 2200 3222"),
            ("(6011111111111117)", "6011111111111117"),
            ("_6011111111111117_", "6011111111111117"),
            ("https://x.example/cards/4111111111111111/pay", "4111111111111111"),
            ("Nr.4111  1111  1111  1111", "4111  1111  1111  1111"),
        ] {
            assert_eq!(found("card", text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "4111111111111112",
            "14111111111111111",
            "41111111111111111",
            "a4111111111111111",
            "4111111111111111b",
            "4111.1111.1111.1111.1",
            "1700000000000",
            "0.4111111111111111",
            "4111111111111111-1",
            "4222222222222",
            "0000000000000000",
            "order 4111 1111 1111 111",
            "4111-1111 1111-1111",
        ] {
            assert_eq!(found("card", text), [""; 0], "{text}");
        }
    }
}
