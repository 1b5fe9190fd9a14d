//! Numbering plans: what a telephone number of a country can be (ITU-T E.164, and the national plans of North America, the
//! United Kingdom, Germany, France and India).

/// Country codes, and from how many to how many digits follow: significant national numbers without the trunk prefix.
#[rustfmt::skip]
const COUNTRIES: &[(&[u8], usize, usize)] = &[
    (b"1", 10, 10), (b"7", 10, 10), (b"20", 8, 10), (b"27", 9, 9), (b"30", 10, 10), (b"31", 9, 9), (b"32", 8, 9), (b"33", 9, 9), (b"34", 9, 9),
    (b"36", 8, 9), (b"39", 6, 12), (b"40", 9, 9), (b"41", 9, 9), (b"43", 6, 13), (b"44", 9, 10), (b"45", 8, 8), (b"46", 7, 10), (b"47", 8, 8),
    (b"48", 9, 9), (b"49", 6, 12), (b"51", 8, 9), (b"52", 10, 11), (b"54", 10, 11), (b"55", 10, 11), (b"56", 9, 9), (b"57", 10, 10), (b"58", 10, 10),
    (b"60", 8, 10), (b"61", 9, 9), (b"62", 8, 12), (b"63", 8, 10), (b"64", 8, 10), (b"65", 8, 8), (b"66", 8, 9), (b"81", 9, 10), (b"82", 8, 11),
    (b"84", 9, 10), (b"86", 10, 11), (b"90", 10, 10), (b"91", 10, 10), (b"92", 9, 10), (b"93", 9, 9), (b"94", 9, 9), (b"98", 10, 10),
    (b"351", 9, 9), (b"352", 6, 11), (b"353", 7, 9), (b"358", 6, 12), (b"359", 7, 9), (b"380", 9, 9), (b"420", 9, 9), (b"421", 9, 9), (b"852", 8, 8),
    (b"886", 8, 9), (b"966", 8, 9), (b"971", 8, 9), (b"972", 8, 9),
];

/// Two digits that are a country's code alone.
const TWO: &[u8] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62,
    63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// Two digits that no code of three begins with.
const NONE: &[u8] = &[28, 83, 89];

/// The length of the country code at the head of digits 0 to 9, and from how many to how many digits may follow.
pub fn country(digits: &[u8]) -> Option<(usize, usize, usize)> {
    let stands =
        |code: &[u8]| code.len() <= digits.len() && code.iter().zip(digits).all(|(code, digit)| code - b'0' == *digit);
    if let Some((code, least, most)) = COUNTRIES.iter().find(|(code, ..)| stands(code)) {
        return Some((code.len(), *least, *most));
    }
    let &[first, second, ..] = digits else { return None };
    let two = first * 10 + second;
    match first {
        0 | 1 | 7 => None,
        _ if TWO.contains(&two) => Some((2, 6, 12)),
        _ if NONE.contains(&two) => None,
        _ => Some((3, 5, 11)),
    }
}

/// Ten digits of the North American plan: area and exchange begin with 2 to 9, neither is a service code (N11).
pub fn north_american(digits: &[u8]) -> bool {
    let part = |at: usize| digits[at] >= 2 && !(digits[at + 1] == 1 && digits[at + 2] == 1);
    digits.len() == 10 && part(0) && part(3) && digits[1] != 9
}

/// Digits with the trunk prefix 0 of a British number: geographic (01, 02), 03, 05, mobile (07), 08.
pub fn british(digits: &[u8]) -> bool {
    match (digits.len(), digits[1]) {
        (11, 1 | 2 | 3 | 7) | (10, 1) | (10..=11, 5 | 8) => true,
        _ => false,
    }
}

/// Digits with the trunk prefix 0 of a mobile number: British (07), German (015, 016, 017), French (06, 07).
pub fn mobile(digits: &[u8]) -> bool {
    match digits {
        [0, 7, 1..=9, ..] => digits.len() == 11,
        [0, 1, 5..=7, ..] => (11..=12).contains(&digits.len()),
        _ => false,
    }
}
