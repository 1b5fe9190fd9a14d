use crate::{Decimal, Unit, binary64};

fn read(text: &str) -> Decimal<'_> {
    Decimal::read(text.as_bytes()).expect("a number that is read")
}

fn written(text: &str) -> String {
    let mut out = Vec::new();
    read(text).write(&mut out);
    String::from_utf8(out).expect("ASCII")
}

fn double(text: &str) -> Option<String> {
    let mut out = Vec::new();
    binary64(text.as_bytes(), &mut out).then(|| String::from_utf8(out).expect("ASCII"))
}

#[test]
fn numbers_are_in_order_by_value() {
    let ascending = [
        "-1e400",
        "-12",
        "-1.2e1000000000000e",
        "-1.1",
        "-1e-400",
        "0",
        "1e-400",
        "0.001",
        "0.0010000000000000000001",
        "0.01",
        "1",
        "1.5",
        "9",
        "9007199254740992",
        "9007199254740993",
        "1e22",
        "1.1e22",
        "1e400",
        "1e999999999999999999",
    ];
    let ascending: Vec<&str> = ascending.into_iter().filter(|text| !text.ends_with('e')).collect();
    for (i, one) in ascending.iter().enumerate() {
        for (j, other) in ascending.iter().enumerate() {
            assert_eq!(read(one).cmp(&read(other)), i.cmp(&j), "{one} {other}");
        }
    }
}

#[test]
fn spelling_does_not_count() {
    for same in [
        &["0", "-0", "0.0", "0e5", "-0.00e-99999999999999999999"][..],
        &["1", "1.0", "10e-1", "0.1E1", "1e0", "1E+000000000000000000000", "100.00e-02"],
        &["-120", "-1.2e2", "-12E1", "-120.0", "-0.00012e6"],
    ] {
        for (one, other) in same.iter().flat_map(|one| same.iter().map(move |other| (one, other))) {
            assert_eq!(read(one), read(other), "{one} {other}");
        }
    }
    assert!(Decimal::read(b"1e1000000000000000000").is_none());
}

#[test]
fn each_value_is_written_in_one_form() {
    for (text, form) in [
        ("-0.0", "0"),
        ("1.50", "1.5"),
        ("100", "100"),
        ("123e18", "123000000000000000000"),
        ("1e21", "1e+21"),
        ("123456789012345678901234", "1.23456789012345678901234e+23"),
        ("0.000001", "0.000001"),
        ("1e-7", "1e-7"),
        ("-12.5e-9", "-1.25e-8"),
        ("12e300", "1.2e+301"),
        ("9007199254740993", "9007199254740993"),
        ("0.10", "0.1"),
    ] {
        assert_eq!(written(text), form);
    }
}

/// The samples of RFC 8785 appendix B, as decimal text.
#[test]
fn doubles_are_written_as_rfc_8785_has_them() {
    for (text, form) in [
        ("-0", "0"),
        ("5e-324", "5e-324"),
        ("-5e-324", "-5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"),
        ("-9007199254740992", "-9007199254740992"),
        ("295147905179352830000", "295147905179352830000"),
        ("9.999999999999997e22", "9.999999999999997e+22"),
        ("1e23", "1e+23"),
        ("1.0000000000000001e23", "1.0000000000000001e+23"),
        ("999999999999999700000", "999999999999999700000"),
        ("999999999999999900000", "999999999999999900000"),
        ("1e21", "1e+21"),
        ("9.999999999999997e-7", "9.999999999999997e-7"),
        ("0.000001", "0.000001"),
        ("333333333.33333325", "333333333.33333325"),
        ("333333333.3333333", "333333333.3333333"),
        ("333333333.33333331", "333333333.3333333"),
        ("-0.0000033333333333333333", "-0.0000033333333333333333"),
        ("1424953923781206.2", "1424953923781206.2"),
        ("9007199254740993", "9007199254740992"),
    ] {
        assert_eq!(double(text).as_deref(), Some(form));
    }
    assert_eq!(double("1e309"), None);
    assert_eq!(double("-1e400"), None);
}

#[test]
fn multiples_are_exact() {
    let multiple = |number: &str, unit: &str| read(number).is_multiple(&Unit::new(read(unit)).expect("a unit"));
    for (number, unit) in [
        ("0.3", "0.1"),
        ("19.99", "0.01"),
        ("1e400", "7e400"),
        ("1e308", "0.5"),
        ("0", "3"),
        ("-9", "3"),
        ("1e20", "1e3"),
        ("10", "2.5"),
        ("123456789012345678901234567890", "3"),
        ("0.0075", "0.0001"),
    ] {
        assert_eq!(multiple(number, unit), unit != "7e400", "{number} {unit}");
    }
    for (number, unit) in [("0.35", "0.1"), ("10", "3"), ("0.00751", "0.0001"), ("1e-400", "1"), ("1e400", "3")] {
        assert!(!multiple(number, unit), "{number} {unit}");
    }
    assert!(Unit::new(read("0")).is_none() && Unit::new(read("-1")).is_none());
}

#[test]
fn scaled_to_whole_numbers() {
    assert_eq!(read("12.5").scaled(2), Some(1250));
    assert_eq!(read("1.25e1").scaled(2), Some(1250));
    assert_eq!(read("0.0").scaled(0), Some(0));
    assert_eq!(read("3e3").scaled(0), Some(3000));
    for (text, scale) in [("12.555", 2), ("-1", 0), ("1e20", 0), ("0.5", 0)] {
        assert_eq!(read(text).scaled(scale), None, "{text}");
    }
}

#[test]
fn integers() {
    for (text, whole) in
        [("1.0", true), ("1e400", true), ("-0.0", true), ("1.5", false), ("1e-1", false), ("15e-1", false)]
    {
        assert_eq!(read(text).is_integer(), whole, "{text}");
    }
}
