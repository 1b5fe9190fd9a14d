//! Dates of birth: a date in one of the forms that people write, close to a word that says so.

use crate::Entity::DateOfBirth;
use crate::byte::{at, before, begins, hyphen, in_a_name, joins, last_character, space};
use crate::digits::{Digits, Link};
use crate::near::{self, Words};
use crate::scan::Findings;

const WORDS: &Words = &Words::new(
    "born birth* dob bday b-day d.o.b geboren* geb geburt* né née naissance nacimiento nacido nacida nació nac nato \
    nata nascita nascido nascida nascimento nasc geboorte* født fødsel* född födelse* syntym* urodz* ur narozen* \
    doğum* született születés* născut* nașter* γέννησης γεννήθηκε рожд* родил* рождения народ* जन्म* जन्मतिथि \
    生年月日* 出生* 생년월일* जन्मतारीख জন্ম*",
);

/// Words right before a date that say that it is another one.
const OTHERS: &Words = &Words::new(
    "visit* hired hire joined join since start* issued expir* valid due dated invoice* order* ship* released release \
    admitted seen appointment* today eingestellt eintritt seit gültig ausgestellt bestellt rechnung* termin* embauch* \
    valable délivré* depuis facture commande contratado desde emitido vencimiento factura",
);

/// Names of months, their beginnings where a `*` follows, each with its number.
#[rustfmt::skip]
const MONTHS: &[(&str, u32)] = &[
    ("jan", 1), ("january", 1), ("januar", 1), ("jänner", 1), ("janvier", 1), ("janv", 1), ("enero", 1), ("ene", 1), ("gennaio", 1), ("januari", 1), ("janeiro", 1),
    ("feb", 2), ("february", 2), ("februar", 2), ("février", 2), ("fevrier", 2), ("févr", 2), ("fév", 2), ("febrero", 2), ("febbraio", 2), ("februari", 2), ("fevereiro", 2), ("fev", 2),
    ("mar", 3), ("march", 3), ("märz", 3), ("mär", 3), ("mars", 3), ("marzo", 3), ("maart", 3), ("mrt", 3), ("março", 3),
    ("apr", 4), ("april", 4), ("avril", 4), ("avr", 4), ("abril", 4), ("abr", 4), ("aprile", 4),
    ("may", 5), ("mai", 5), ("mayo", 5), ("maggio", 5), ("mag", 5), ("mei", 5), ("maio", 5),
    ("jun", 6), ("june", 6), ("juni", 6), ("juin", 6), ("junio", 6), ("giugno", 6), ("giu", 6), ("junho", 6),
    ("jul", 7), ("july", 7), ("juli", 7), ("juillet", 7), ("juil", 7), ("julio", 7), ("luglio", 7), ("lug", 7), ("julho", 7),
    ("aug", 8), ("august", 8), ("août", 8), ("aout", 8), ("agosto", 8), ("ago", 8), ("augustus", 8),
    ("sep", 9), ("sept", 9), ("september", 9), ("septembre", 9), ("septiembre", 9), ("setiembre", 9), ("settembre", 9), ("set", 9), ("setembro", 9),
    ("oct", 10), ("october", 10), ("oktober", 10), ("okt", 10), ("octobre", 10), ("octubre", 10), ("ottobre", 10), ("ott", 10), ("outubro", 10), ("out", 10),
    ("nov", 11), ("november", 11), ("novembre", 11), ("noviembre", 11), ("novembro", 11),
    ("dec", 12), ("december", 12), ("dezember", 12), ("dez", 12), ("décembre", 12), ("déc", 12), ("diciembre", 12), ("dic", 12), ("dicembre", 12), ("dezembro", 12),
    ("जनवरी", 1), ("फ़रवरी", 2), ("फरवरी", 2), ("मार्च", 3), ("अप्रैल", 4), ("मई", 5), ("जून", 6), ("जुलाई", 7), ("अगस्त", 8), ("सितंबर", 9), ("अक्टूबर", 10), ("नवंबर", 11), ("दिसंबर", 12),
];

/// Bytes of a month's name.
const MONTH: usize = 40;

/// Bytes between a date and the word behind it: `3.5.1980 (geb.)`.
const BEHIND: usize = 14;

pub fn find(text: &[u8], digits: &Digits, findings: &mut Findings) {
    if matches!(digits.left(), Link::Joined | Link::Dot | Link::Slash | Link::Hyphen | Link::Other) {
        return;
    }
    let start = digits.start();
    let Some((first, end)) =
        numeric(text, digits).or_else(|| day_first(text, digits)).or_else(|| month_first(text, digits))
    else {
        return;
    };
    let time = at(text, end) | 32 == b't' && at(text, end + 1).is_ascii_digit();
    if joins(at(text, end)) && !time {
        return;
    }
    // Of several dates a word speaks of the one that follows it.
    let window = first.saturating_sub(64);
    let since = text[window..first].iter().rposition(u8::is_ascii_digit).map_or(window, |digit| window + digit + 1);
    let behind = text.len().min(end + BEHIND);
    let until = text[end..behind]
        .iter()
        .position(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b';' | b'\n'))
        .map_or(behind, |at| end + at);
    let plain = digits.groups()[0].len() == 8;
    let since = near::last(text, since.max(first.saturating_sub(24)), first, OTHERS).unwrap_or(since);
    if near::within(text, since, first, WORDS) {
        findings.add(DateOfBirth, first, end, if plain { 70 } else { 85 });
    } else if near::within(text, end, until, WORDS) {
        findings.add(DateOfBirth, first, end, 60);
    }
    debug_assert!(first <= start);
}

/// `3.5.1980`, `05/03/1980`, `1980-05-03`, `03-05-80`, `19800503`, `1980年5月3日`: where it begins and ends.
fn numeric(text: &[u8], digits: &Digits) -> Option<(usize, usize)> {
    let value = |start: usize, len: usize| {
        digits.digits()[start..start + len].iter().fold(0, |value, &digit| value * 10 + u32::from(digit))
    };
    let groups = digits.groups();
    let first = groups[0];
    if first.len() == 8 && groups.len() == 1 {
        let forms = [
            (value(0, 4), value(4, 2), value(6, 2)),
            (value(4, 4), value(2, 2), value(0, 2)),
            (value(4, 4), value(0, 2), value(2, 2)),
        ];
        return forms.iter().any(|&(year, month, day)| date(year, month, day)).then_some((first.start, first.end));
    }
    if first.len() == 4 && text[first.end..].starts_with("年".as_bytes()) {
        return ideographs(text, first.end, value(0, 4)).map(|end| (first.start, end));
    }
    if groups.len() < 3 {
        // `3. 5. 1980`, as German and Czech have it.
        return spaced(text, first.start);
    }
    let link = digits.link(3)?;
    let (a, b, c) = (first.len(), groups[1].len(), groups[2].len());
    if !matches!(link, Link::Hyphen | Link::Dot | Link::Slash | Link::Space) {
        return None;
    }
    if a.max(b).max(c) > 4 {
        return None;
    }
    let (one, two, three) = (value(0, a), value(a, b), value(a + b, c));
    let fits = match (a, b, c) {
        (4, 1..=2, 1..=2) => date(one, two, three),
        (1..=2, 1..=2, 4) => date(three, two, one) || date(three, one, two),
        (1..=2, 1..=2, 2) if link != Link::Space => {
            date(2000 + three, two, one) || date(2000 + three, one, two) || date(2000 + one, two, three)
        }
        _ => false,
    };
    let more = digits.right(3) == link && link != Link::Space;
    (fits && !more).then(|| (first.start, groups[2].end))
}

/// Two numbers and a year with a dot and a space between them.
fn spaced(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let (day, mut place) = number(text, start, 2)?;
    place = skip(text, place, b". ")?;
    let (month, end) = number(text, place, 2)?;
    place = skip(text, end, b". ")?;
    let (year, end) = number(text, place, 4)?;
    date(year, month, day).then_some((start, end))
}

/// `1980年5月3日` from the first ideograph on.
fn ideographs(text: &[u8], place: usize, year: u32) -> Option<usize> {
    let (month, end) = number(text, place + 3, 2)?;
    let place = skip(text, end, "月".as_bytes())?;
    let (day, end) = number(text, place, 2)?;
    let end = skip(text, end, "日".as_bytes())?;
    date(year, month, day).then_some(end)
}

/// `3 May 1980`, `3rd of May, 1980`, `3. Mai 1980`, `1er mai 1980`, `3 de mayo de 1980`, `03-May-1980`.
fn day_first(text: &[u8], digits: &Digits) -> Option<(usize, usize)> {
    let start = digits.start();
    let (day, mut place) = number(text, start, 2)?;
    place = ordinal(text, place);
    place = gap(text, place)?;
    for word in [&b"of "[..], b"de ", b"di "] {
        if begins(text, place, word) {
            place += word.len();
        }
    }
    let (month, end) = month(text, place)?;
    place = end + usize::from(at(text, end) == b'.');
    place = gap(text, place)?;
    for word in [&b"de "[..], b"del ", b"of "] {
        if begins(text, place, word) {
            place += word.len();
        }
    }
    let (year, end) = year(text, place)?;
    date(year, month, day).then_some((start, end))
}

/// `May 3, 1980`, `May 3rd 1980`: at the day, from the month before it.
fn month_first(text: &[u8], digits: &Digits) -> Option<(usize, usize)> {
    let start = digits.start();
    let (day, mut place) = number(text, start, 2)?;
    place = ordinal(text, place);
    place = gap(text, place)?;
    let (year, end) = year(text, place)?;
    let mut word = start.checked_sub(1).filter(|&word| text[word] == b' ')?;
    word -= usize::from(before(text, word) == b'.');
    let behind = word;
    while word > 0 && behind - word < MONTH {
        let (last, len) = last_character(text, word);
        if !(last.is_ascii_alphabetic() || last >= '\u{80}' && in_a_name(last)) {
            break;
        }
        word -= len;
    }
    let (month, _) = month(text, word).filter(|&(_, end)| end == behind)?;
    date(year, month, day).then_some((word, end))
}

/// The number at a place, of at most `most` digits, and where it ends.
fn number(text: &[u8], place: usize, most: usize) -> Option<(u32, usize)> {
    let len = text.get(place..)?.iter().take(most + 1).take_while(|byte| byte.is_ascii_digit()).count();
    (1..=most).contains(&len).then(|| {
        (text[place..place + len].iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), place + len)
    })
}

/// A year of four digits, or of two behind an apostrophe.
fn year(text: &[u8], place: usize) -> Option<(u32, usize)> {
    let (short, place) = if at(text, place) == b'\'' { (true, place + 1) } else { (false, place) };
    let (year, end) = number(text, place, 4)?;
    match end - place {
        4 if !short => Some((year, end)),
        2 => Some((2000 + year, end)),
        _ => None,
    }
}

fn skip(text: &[u8], place: usize, what: &[u8]) -> Option<usize> {
    text.get(place..)?.starts_with(what).then_some(place + what.len())
}

/// Behind `st`, `nd`, `rd`, `th`, `er`, `º`, `.` at a place, if one is there.
fn ordinal(text: &[u8], place: usize) -> usize {
    let two = [b"st", b"nd", b"rd", b"th", b"er"].iter().any(|ending| begins(text, place, *ending))
        && !joins(at(text, place + 2));
    let sign = text[place..].starts_with("º".as_bytes()) || text[place..].starts_with("°".as_bytes());
    place + if two || sign { 2 } else { usize::from(at(text, place) == b'.') }
}

/// Behind the space, hyphen, slash or comma between the parts of a date.
fn gap(text: &[u8], place: usize) -> Option<usize> {
    let comma = usize::from(at(text, place) == b',');
    let place = place + comma;
    let mut len = space(text, place) + hyphen(text, place);
    if len == 0 {
        len = usize::from(matches!(at(text, place), b'/' | b'.'));
    }
    (comma + len > 0).then_some(place + len)
}

/// The month whose name stands at a place, and where it ends.
fn month(text: &[u8], place: usize) -> Option<(u32, usize)> {
    let letters = |byte: &&u8| byte.is_ascii_alphabetic() || **byte >= 0x80;
    let len = text.get(place..)?.iter().take(MONTH).take_while(letters).count();
    let name = &text[place..place + len];
    MONTHS.iter().find(|(month, _)| near::same(name, month.as_bytes())).map(|&(_, number)| (number, place + len))
}

/// Whether there may be such a date of birth.
fn date(year: u32, month: u32, day: u32) -> bool {
    (1880..=2099).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    #[test]
    fn dates_that_a_word_says_are_of_a_birth() {
        for (text, expected) in [
            ("DOB: 1980-05-03", "1980-05-03"),
            ("born on May 3rd, 1980 in Leeds", "May 3rd, 1980"),
            ("Date of birth 05/03/1980.", "05/03/1980"),
            ("geb. 3.5.1980", "3.5.1980"),
            ("Geburtsdatum: 03.05.80", "03.05.80"),
            ("geboren am 3. Mai 1980", "3. Mai 1980"),
            ("née le 1er août 1980 à Lyon", "1er août 1980"),
            ("nacida el 3 de mayo de 1980", "3 de mayo de 1980"),
            ("nato il 3 maggio 1980", "3 maggio 1980"),
            ("geboortedatum 3-5-1980", "3-5-1980"),
            ("data de nascimento: 03/05/1980", "03/05/1980"),
            ("जन्म तिथि 03/05/1980", "03/05/1980"),
            ("生年月日: 1980年5月3日", "1980年5月3日"),
            ("03-May-1980 (DOB)", "03-May-1980"),
            ("birthdate=19800503", "19800503"),
            ("narozen 3. 5. 1980", "3. 5. 1980"),
            ("DOB:\u{201c}May 3, 1980\u{201d}", "May 3, 1980"),
            ("geb.3.5.1980", "3.5.1980"),
            ("DOB 1980-05-03T00:00:00Z", "1980-05-03"),
        ] {
            assert_eq!(found("date_of_birth", text), [expected], "{text}");
        }
    }

    #[test]
    fn other_dates() {
        for text in [
            "invoice of 2024-05-03",
            "born in 1980",
            "DOB 1980-13-41",
            "DOB: v1.2.2003",
            "born 1.2.1980.4",
            "2024-05-03 shipped, DOB unknown",
            "DOB 12345678",
            "on 3 May 2024",
            "newborn 1.2.3",
            "born in Leeds, hired on 2019-04-01",
        ] {
            assert_eq!(found("date_of_birth", text), [""; 0], "{text}");
        }
        assert_eq!(found("date_of_birth", "DOB 1980-05-03, joined 2001-01-01"), ["1980-05-03"]);
    }
}
