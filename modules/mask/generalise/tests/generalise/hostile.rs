//! Whatever the characters are, a treatment answers, and what it writes is short.

use maskgate_generalise::{
    As, By, Date, Edges, Fixed, Form, Format, Network, Noise, Part, Partial, Shift, Steps, Truncate, Value,
};

use crate::SECRET;
use crate::random::Random;

type Treatment = Box<dyn Fn(Value, &mut Vec<u8>) -> bool>;

fn treatments() -> Vec<Treatment> {
    let mut all: Vec<Treatment> = Vec::new();
    for form in [As::Range, As::Lower] {
        for (size, offset) in [("10", "0"), ("0.25", "-0.1"), ("1e512", "0"), ("1e-512", "0")] {
            let steps = Steps::new(size.as_bytes(), offset.as_bytes(), form).expect("steps");
            all.push(Box::new(move |value, out| steps.write(value, out)));
        }
    }
    let edges = Edges::new(&[b"-1e400", b"1e400"], None).expect("edges");
    all.push(Box::new(move |value, out| edges.write(value, out)));
    for by in [By::Amount(b"1e17"), By::Amount(b"1e-9"), By::Amount(b"1e400"), By::Percent(b"1000")] {
        let noise = Noise::new(SECRET, "a", by).expect("noise");
        all.push(Box::new(move |value, out| noise.write(value, out)));
    }
    for format in [Format::Iso, Format::Dmy, Format::Mdy, Format::EpochSeconds, Format::EpochMilliseconds] {
        for keep in [Part::Year, Part::Week, Part::Hour] {
            for form in [Form::Short, Form::Same] {
                all.push(Box::new(move |value, out| Date { format, keep, form }.write(value, out)));
            }
        }
        let shift = Shift::new(SECRET, "a", 36_500, format).expect("a shift");
        all.push(Box::new(move |value, out| shift.write(shift.days(value.characters()), value, out)));
    }
    let network = Network::new(24, 48).expect("a network");
    all.push(Box::new(move |value, out| network.write(value, out)));
    all.push(Box::new(|value, out| Truncate { keep: 3 }.write(value, out)));
    let fixed = Fixed::new(8, '😀', 1, u32::MAX).expect("a length");
    all.push(Box::new(move |value, out| fixed.write(value, out)));
    for (domain, separators) in [(false, false), (true, false), (false, true), (true, true)] {
        let partial = Partial::new(1, 1, '😀', domain, separators);
        all.push(Box::new(move |value, out| partial.write(value, out)));
    }
    all
}

/// `bytes`: need not be UTF-8.
fn all_answer(treatments: &[Treatment], bytes: &[u8]) {
    for treatment in treatments {
        for value in [Value::String(bytes), Value::Number(bytes)] {
            let mut out = b"before".to_vec();
            let read = treatment(value, &mut out);
            assert!(out.starts_with(b"before"));
            assert!(read || out.len() == 6);
            assert!(out.len() <= 6 + 4 * bytes.len() + 2_200, "{}", out.len());
        }
    }
}

#[test]
fn characters_that_dates_numbers_and_addresses_are_written_with() {
    let treatments = treatments();
    let mut random = Random::new(8);
    for alphabet in
        [&b"0123456789-.eE+"[..], b"0129-/.:TtZz+ ,", b"0123abf:.%/", b"a@.- \xc3\xa9\xf0\x9f\x98\x80\xff\x00"]
    {
        for _ in 0..1_500 {
            let length = random.below(28);
            let text: Vec<u8> = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
            all_answer(&treatments, &text);
        }
    }
}

#[test]
fn values_with_one_byte_that_is_another() {
    let treatments = treatments();
    let mut random = Random::new(9);
    for value in [
        "2024-05-17T13:45:10.123+02:00",
        "20240517T134510Z",
        "17.05.2024 13:45",
        "1715946310.5",
        "-12.5e-3",
        "2001:db8::1.2.3.4",
    ] {
        for _ in 0..500 {
            let mut bytes = value.as_bytes().to_vec();
            let (place, byte) = (random.below(bytes.len()), random.next() as u8);
            bytes[place] = byte;
            if random.below(3) == 0 {
                bytes.truncate(place);
            }
            all_answer(&treatments, &bytes);
        }
    }
}

#[test]
fn a_quarter_of_a_megabyte() {
    let treatments = treatments();
    let zeros = "0".repeat(1 << 18);
    let exponents = ["e262140", "e-262140", "e9223372036854775807", "e-9223372036854775808"];
    let numbers =
        exponents.iter().flat_map(|exponent| [format!("1{zeros}{exponent}"), format!("-0.{zeros}1{exponent}")]);
    let others =
        [format!("1{exponent}", exponent = exponents[2]), format!("2024-05-17T13:45:10.{zeros}Z"), "9".repeat(1 << 18)];
    for text in numbers.chain(others).chain(["@".repeat(1 << 18), "é-".repeat(1 << 17), "1:".repeat(1 << 17)]) {
        all_answer(&treatments, text.as_bytes());
    }
}
