//! Telephone numbers: international (ITU-T E.123, with `+` or `00`), and as they are written within North America, the United
//! Kingdom, Germany, France, India and other countries with a trunk prefix 0.
//!
//! Digits alone say little; a number is the surer the more of this it has: a prefix, a length and first digits that a plan
//! has, groups as its country writes them, a word nearby. Dates, addresses, prices and versions have other groups.

use crate::Entity::Telephone;
use crate::byte::{at, before, begins, joins, space};
use crate::digits::{Digits, Group, Link};
use crate::near::{self, Words};
use crate::scan::Findings;
use crate::{national, plan};

const WORDS: &Words = &Words::new(
    "phone* telephone* tel mobile* mob cell* call calls called calling callback ring rang dial* fax* sms whatsapp \
    text hotline helpline voicemail landline extension contact reach reached telefon* fon handy* mobil* rufnummer* \
    anruf* ruf rufen rückruf* durchwahl festnetz* téléphone* telephone tél portable appel* joindre joignable fixe \
    numéro teléfono* telefono* móvil* movil celular* llama* llámame cellulare chiamare chiama* telefone* telemóvel \
    ligue ligar telefoon* bel dzwoni* zadzwo* komórk* ringa tlf ara arayın cep فون* هاتف* تلفن* اتصل* फ़ोन* फोन* मोबाइल* कॉल* टेलीफ़ोन* 電話* 电话* 手机* телефон* звон* тел 모바일 전화*",
);

/// Words right before a number that say that it is something else.
const OTHERS: &Words = &Words::new(
    "order* invoice* tracking isbn* account acct version sku serial part ean gtin ticket* po ref reference id \
    bestell* rechnung* kunden* artikel* sendung* auftrag* konto* commande facture colis pedido factura timestamp \
    epoch ssn nhs iban vat batch lot case parcel shipment barcode zip plz steuer* imei card swift bic doi issn \
    patient nir fiscal fiscale zamówieni* sipariş* 注文* 订单* 伝票* 주문* طلب सीरियल ऑर्डर",
);

/// Digits of a number in all (E.164 section 6.1), and with what is dialled before it.
const MOST: usize = 15;

/// How much surer a word nearby makes a number.
const NAMED: i32 = 35;

pub fn find(text: &[u8], digits: &Digits, findings: &mut Findings) {
    let groups = digits.groups();
    if digits.digits().len() < 7
        || matches!(digits.left(), Link::Joined | Link::Dot | Link::Slash | Link::Hyphen | Link::Other)
    {
        return;
    }
    let start = groups[0].start;
    let plus = before(text, start) == b'+' || (before(text, start) == b'(' && before(text, start - 1) == b'+');
    let plus = plus || (text[..start].ends_with("＋".as_bytes()));
    let best = if plus {
        international(text, digits, 0).map(|(count, sure)| (count, sure + 15))
    } else if digits.digits().starts_with(&[0, 0]) {
        international(text, digits, 2)
    } else if digits.digits().starts_with(&[0, 1, 1]) && groups[0].len() == 3 && groups.len() > 3 {
        international(text, digits, 3).or_else(|| national::find(text, digits))
    } else {
        national::find(text, digits)
    };
    let Some((count, sure)) = best else { return };
    let (start, end) = (begin(text, digits, plus), finish(text, digits, count));
    let mut sure = sure;
    // What is sure isn't made surer, and what can't be made sure enough isn't looked at.
    if (sure >= 85 && digits.left() != Link::Code) || !findings.counts(sure + NAMED) {
        return findings.add(Telephone, start, end, sure);
    }
    if price(text, start, end) {
        return;
    }
    let other = near::before(text, start, OTHERS);
    if near::any(text, start, end, WORDS) && !(other && !near::before(text, start, WORDS)) {
        sure += NAMED;
    } else if digits.left() == Link::Code {
        return;
    } else if other {
        sure -= if plus || sure >= 80 { 20 } else { 35 };
    }
    findings.add(Telephone, start, end, sure);
}

/// `skip` digits are dialled before the country's code. How many groups the number has, and how sure that is.
fn international(text: &[u8], digits: &Digits, skip: usize) -> Option<(usize, i32)> {
    let (code, least, most) = plan::country(digits.digits().get(skip..)?)?;
    let mut best = None;
    let mut total = 0;
    for (number, group) in digits.groups().iter().enumerate() {
        total += group.len();
        let count = number + 1;
        // `+49 (0)30 …`: the trunk prefix isn't dialled.
        let trunk = digits.groups()[..count]
            .iter()
            .any(|group| group.len() == 1 && group.link == Link::Parenthesis && at(text, group.start) == b'0');
        let trunk = usize::from(trunk || digits.digits().get(skip + code) == Some(&0));
        let national = (total - skip.min(total)).saturating_sub(code);
        if total - skip.min(total) > MOST + trunk || !linked(group, number) {
            break;
        }
        let plain = national.saturating_sub(trunk);
        let ends = !matches!(digits.right(count), Link::Joined | Link::Other) || extension(text, group.end) > group.end;
        // Italy keeps its 0.
        if ((least..=most).contains(&plain) || (least..=most).contains(&national)) && ends {
            let first = &digits.digits()[skip + code + trunk..total];
            let american = code == 1 && digits.digits()[skip] == 1;
            best = Some((
                count,
                if american && !plan::north_american(first) { 50 } else { 75 - 15 * i32::from(skip > 0 && count == 1) },
            ));
        }
    }
    best
}

/// Whether a group other than the first may belong to a number.
pub fn linked(group: &Group, number: usize) -> bool {
    number == 0 || matches!(group.link, Link::Space | Link::Hyphen | Link::Dot | Link::Slash | Link::Parenthesis)
}

/// Where the number begins, with its `+` and the parenthesis around its first group.
fn begin(text: &[u8], digits: &Digits, plus: bool) -> usize {
    let start = digits.groups()[0].start;
    if plus {
        return match before(text, start) {
            b'+' => start - 1,
            b'(' => start - 2,
            _ => start - "＋".len(),
        };
    }
    let closed = at(text, digits.groups()[0].end) == b')';
    start - usize::from(closed && before(text, start) == b'(')
}

/// Where it ends, with an extension.
fn finish(text: &[u8], digits: &Digits, count: usize) -> usize {
    extension(text, digits.end(count))
}

/// Behind the extension at a place, ` ext. 12`, `x12`, ` Durchwahl 12`, or the place itself.
pub fn extension(text: &[u8], place: usize) -> usize {
    let mut from = place + usize::from(at(text, place) == b',');
    from += space(text, from);
    let named = |word: &[u8]| begins(text, from, word).then_some(from + word.len());
    let words: [&[u8]; 8] = [b"extension", b"ext.", b"ext", b"x", b"durchwahl", b"poste", b"dw", b"#"];
    let Some(mut from) = words.into_iter().find_map(named) else { return place };
    from += space(text, from);
    let len = text[from.min(text.len())..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=6).contains(&len) && !joins(at(text, from + len)) { from + len } else { place }
}

/// Whether a sign before or behind says that the digits are an amount, a share or a number of something.
fn price(text: &[u8], start: usize, end: usize) -> bool {
    let before = text[..start].trim_ascii_end();
    let behind = text[end..].trim_ascii_start();
    let signs = ["€", "£", "₹", "¥", "$", "№"];
    let near = text[..start].len() - before.len() <= 1
        && (signs.iter().any(|sign| before.ends_with(sign.as_bytes())) || before.ends_with(b"#"));
    near || behind.starts_with(b"%") || signs[..5].iter().any(|sign| behind.starts_with(sign.as_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn international_numbers() {
        for text in [
            "+1 212-555-0123",
            "+12125550123",
            "+1 (212) 555-0123",
            "+44 20 7946 0958",
            "+44 (0)20 7946 0958",
            "+447700900123",
            "+49 30 123456",
            "+49 (0) 171 2345678",
            "+49-171-2345678",
            "+33 1 23 45 67 89",
            "+33.1.23.45.67.89",
            "+91 98765 43210",
            "+91-9876543210",
            "+353 1 234 5678",
            "0049 30 1234567",
            "0033123456789",
            "+39 06 6982",
            "+1-212-555-0123 ext. 44",
            "+1-212-555-0123x44",
            "(+49) 30 1234567",
        ] {
            let expected = text.trim_start_matches('(');
            let inside = found("telephone", text);
            assert_eq!(inside.len(), 1, "{text} {inside:?}");
            assert!(expected.ends_with(inside[0].trim_start_matches("(")), "{text} {inside:?}");
            assert!(inside[0].contains('+') || text.starts_with("00"), "{text} {inside:?}");
        }
    }

    #[test]
    fn national_numbers() {
        for text in [
            "(212) 555-0123",
            "212-555-0123",
            "212.555.0123",
            "1-212-555-0123",
            "212-555-0123 ext 4",
            "020 7946 0958",
            "(020) 7946 0958",
            "01632 960 001",
            "07700 900123",
            "07700900123",
            "030 123456",
            "030/123456",
            "(030) 123456",
            "0171 2345678",
            "0171-2345678",
            "089/12 34 56 78",
            "01 23 45 67 89",
            "06.12.34.56.78",
            "06-12-34-56-78",
            "98765 43210",
            "011-23456789",
            "022 2345 6789",
            "0 98765 43210",
            "06-12345678",
        ] {
            assert_eq!(found("telephone", text), [text], "{text}");
        }
        for (text, expected) in [
            ("call me on 2125550123 today", "2125550123"),
            ("Tel.: 612 345 678", "612 345 678"),
            ("phone 555-0123", "555-0123"),
            ("Tel.030/1234567", "030/1234567"),
            ("_(212) 555-0123_", "(212) 555-0123"),
            ("मोबाइल 9876543210", "9876543210"),
        ] {
            assert_eq!(found("telephone", text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "1700000000000",
            "1700000000",
            "2024-01-15",
            "15.01.2024",
            "01/02/2024 10:30:00",
            "192.168.100.200",
            "1.234.567,89",
            "1 234 567",
            "v1.2.3",
            "550e8400-e29b-41d4-a716-446655440000",
            "978-3-16-148410-0",
            "4111 1111 1111 1111",
            "order 2125550123",
            "AB-212-555-0123",
            "x.01 23 45 67 89",
            "$2125550123",
            "52.520008, 13.404954",
            "1Z999AA10123456784",
            "00340434161094021501",
            "2125550123",
            "911-555-0123",
            "212-111-0123",
            "2019 2020",
            "ref 030 123456",
            "0.123456789",
            "phone 2024-01-15",
            "536-22-8714",
        ] {
            assert_eq!(found("telephone", text), [""; 0], "{text}");
        }
    }
}
