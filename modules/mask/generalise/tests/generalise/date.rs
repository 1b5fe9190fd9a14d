//! Parts of dates, in every form that is read.

use maskgate_generalise::{Date, Form, Format, Part};

use crate::random::Random;
use crate::{NONSENSE, number, string, written};

const PARTS: [Part; 6] = [Part::Year, Part::Quarter, Part::Month, Part::Week, Part::Day, Part::Hour];

fn date(format: Format, keep: Part, form: Form, value: &str) -> Option<String> {
    written(string(value), |value, out| Date { format, keep, form }.write(value, out))
}

fn short(keep: Part, value: &str) -> Option<String> {
    date(Format::Iso, keep, Form::Short, value)
}

fn same(keep: Part, value: &str) -> Option<String> {
    date(Format::Iso, keep, Form::Same, value)
}

#[test]
fn short_parts() {
    for (value, expected) in [
        ("2024-05-17T13:45:10.123+02:00", ["2024", "2024-Q2", "2024-05", "2024-W20", "2024-05-17", "2024-05-17T13"]),
        ("2024-05-17", ["2024", "2024-Q2", "2024-05", "2024-W20", "2024-05-17", "2024-05-17"]),
        ("20240229T235960Z", ["2024", "2024-Q1", "2024-02", "2024-W09", "2024-02-29", "2024-02-29T23"]),
        ("2024-12-30 00:00", ["2024", "2024-Q4", "2024-12", "2025-W01", "2024-12-30", "2024-12-30T00"]),
        ("2010-01-03", ["2010", "2010-Q1", "2010-01", "2009-W53", "2010-01-03", "2010-01-03"]),
        ("0001-01-01", ["0001", "0001-Q1", "0001-01", "0001-W01", "0001-01-01", "0001-01-01"]),
        ("9999-12-31T23", ["9999", "9999-Q4", "9999-12", "9999-W52", "9999-12-31", "9999-12-31T23"]),
    ] {
        for (part, expected) in PARTS.into_iter().zip(expected) {
            assert_eq!(short(part, value).as_deref(), Some(expected), "{value} {part:?}");
        }
    }
}

#[test]
fn the_form_of_the_value() {
    for (keep, value, expected) in [
        (Part::Month, "2024-05-17T13:45:10.123+02:00", "2024-05-01T00:00:00.000+02:00"),
        (Part::Hour, "2024-05-17T13:45:10.123+02:00", "2024-05-17T13:00:00.000+02:00"),
        (Part::Day, "2024-05-17T13:45:10.123+02:00", "2024-05-17T00:00:00.000+02:00"),
        (Part::Year, "2024-05-17 13:45:10,5z", "2024-01-01 00:00:00,0z"),
        (Part::Quarter, "2024-05-17t13:45-0330", "2024-04-01t00:00-0330"),
        (Part::Quarter, "2024-12-31", "2024-10-01"),
        (Part::Week, "2024-01-07", "2024-01-01"),
        (Part::Week, "2025-01-01T10", "2024-12-30T00"),
        (Part::Week, "0001-01-07", "0001-01-01"),
        (Part::Month, "20240517T134510Z", "20240501T000000Z"),
        (Part::Month, "20240517T134510.25+01", "20240501T000000.00+01"),
        (Part::Hour, "20240517 1345", "20240517 1300"),
        (Part::Hour, "2016-12-31T23:59:60Z", "2016-12-31T23:00:00Z"),
        (Part::Month, "20240517", "20240501"),
    ] {
        assert_eq!(same(keep, value).as_deref(), Some(expected), "{value}");
        assert_eq!(same(keep, expected).as_deref(), Some(expected), "what is less exact stays that");
    }
}

#[test]
fn what_is_read() {
    for value in [
        "2000-02-29",
        "2024-02-29",
        "9999-12-31T23:59:59.999999999999999999999999999-23:59",
        "2024-05-17T13Z",
        "2024-05-17T13:45Z",
        "2024-05-17T13:45:10-00:00",
        "2024-05-17 13:45:10+02",
        "2024-05-17T13:45:10+0530",
        "20240517T1345+05:30",
        "2015-07-01T05:29:60+05:30",
        "2015-07-01T05:44:60.5+05:45",
    ] {
        assert_eq!(short(Part::Year, value).as_deref(), value.get(..4), "{value}");
    }
}

#[test]
fn what_is_not_read() {
    for value in [
        "2023-02-29",
        "1900-02-29",
        "2024-00-17",
        "2024-13-17",
        "2024-05-00",
        "2024-05-32",
        "0000-01-01",
        "10000-01-01",
        "+2024-05-17",
        "-2024-05-17",
        "2024-5-17",
        "24-05-17",
        "2024-0517",
        "202405-17",
        "2024/05/17",
        "2024-05",
        "2024",
        "202405",
        "2024-137",
        "2024-W20-5",
        "2024-05-17T",
        "2024-05-17T1",
        "2024-05-17T24:00:00",
        "2024-05-17T23:60:00",
        "2024-05-17T23:59:61",
        "2024-05-17T23:58:60",
        "2024-05-17T1345",
        "2024-05-17T13:4510",
        "20240517T13:45",
        "2024-05-17T13:45:",
        "2024-05-17T13:45:10.",
        "2024-05-17T13:45.5",
        "2024-05-17T13:45:10.5.5",
        "2024-05-17Z",
        "2024-05-17+02:00",
        "2024-05-17T13:45:10+2",
        "2024-05-17T13:45:10+24:00",
        "2024-05-17T13:45:10+02:60",
        "2024-05-17T13:45:10+02:",
        "2024-05-17T13:45:10+02:0",
        "2024-05-17T13:45:10 +02:00",
        "2024-05-17T13:45:10ZZ",
        "2024-05-17T13:45:10 UTC",
        "2024-05-17  13:45:10",
        " 2024-05-17",
        "2024-05-17 ",
        "2024-05-17\n",
        "17.05.2024",
        "05/17/2024",
        "May 17, 2024",
        "1715946310",
        "2024−05−17",
    ]
    .iter()
    .chain(NONSENSE)
    {
        for part in PARTS {
            assert_eq!(short(part, value), None, "{value}");
            assert_eq!(same(part, value), None, "{value}");
        }
    }
    // Whether a number counts seconds or milliseconds must be said.
    let iso = Date { format: Format::Iso, keep: Part::Year, form: Form::Short };
    for value in ["20240517", "1715946310", "2024"] {
        assert_eq!(written(number(value), |value, out| iso.write(value, out)), None);
    }
}

#[test]
fn the_year_last() {
    for (format, value, expected) in [
        (Format::Dmy, "17.05.2024", Some("01.05.2024")),
        (Format::Dmy, "7/5/2024", Some("01/05/2024")),
        (Format::Dmy, "17/5/2024", Some("01/05/2024")),
        (Format::Dmy, "31-12-9999 23:59:59", Some("01-12-9999 00:00:00")),
        (Format::Dmy, "17.05.2024T13:45:10.5Z", Some("01.05.2024T00:00:00.0Z")),
        (Format::Mdy, "05/17/2024", Some("05/01/2024")),
        (Format::Mdy, "5/7/2024 13:45", Some("05/01/2024 00:00")),
        (Format::Mdy, "2-29-2024", Some("02-01-2024")),
        (Format::Dmy, "05/17/2024", None),
        (Format::Mdy, "17/05/2024", None),
        (Format::Dmy, "29.02.2023", None),
        (Format::Dmy, "17.05/2024", None),
        (Format::Dmy, "17052024", None),
        (Format::Dmy, "17.05.24", None),
        (Format::Dmy, "017.05.2024", None),
        (Format::Dmy, "17..2024", None),
        (Format::Dmy, "17.05.2024 1345", None),
        (Format::Dmy, "2024-05-17", None),
        (Format::Mdy, "05/17/2024 1:45 PM", None),
    ] {
        assert_eq!(date(format, Part::Month, Form::Same, value).as_deref(), expected, "{value}");
    }
    assert_eq!(date(Format::Dmy, Part::Hour, Form::Short, "7/5/2024 13:45").as_deref(), Some("2024-05-07T13"));
    assert_eq!(date(Format::Mdy, Part::Week, Form::Short, "12/30/2024").as_deref(), Some("2025-W01"));
}

#[test]
fn since_1970() {
    use Format::{EpochMilliseconds, EpochSeconds};
    for (format, keep, value, short, same) in [
        (EpochSeconds, Part::Hour, "1715946310", "2024-05-17T11", "1715943600"),
        (EpochSeconds, Part::Day, "1715946310", "2024-05-17", "1715904000"),
        (EpochSeconds, Part::Week, "1715946310", "2024-W20", "1715558400"),
        (EpochSeconds, Part::Year, "1715946310.123", "2024", "1704067200.000"),
        (EpochMilliseconds, Part::Month, "1715946310123", "2024-05", "1714521600000"),
        (EpochMilliseconds, Part::Hour, "1715946310123.75", "2024-05-17T11", "1715943600000.00"),
        (EpochSeconds, Part::Year, "0", "1970", "0"),
        (EpochSeconds, Part::Year, "-0", "1970", "0"),
        (EpochSeconds, Part::Hour, "-1", "1969-12-31T23", "-3600"),
        (EpochSeconds, Part::Hour, "-0.5", "1969-12-31T23", "-3600.0"),
        (EpochSeconds, Part::Quarter, "-1", "1969-Q4", "-7948800"),
        (EpochSeconds, Part::Year, "-62135596800", "0001", "-62135596800"),
        (EpochSeconds, Part::Month, "253402300799.999999999999999999", "9999-12", "253399622400.000000000000000000"),
        (EpochMilliseconds, Part::Day, "253402300799999", "9999-12-31", "253402214400000"),
    ] {
        assert_eq!(date(format, keep, Form::Short, value).as_deref(), Some(short), "{value}");
        assert_eq!(date(format, keep, Form::Same, value).as_deref(), Some(same), "{value}");
        assert_eq!(
            written(number(value), |value, out| Date { format, keep, form: Form::Same }.write(value, out)),
            date(format, keep, Form::Same, value)
        );
    }
    for value in [
        "253402300800",
        "-62135596801",
        "-62135596800.5",
        "1e9",
        "1.7e9",
        "01",
        "1e400",
        "99999999999999999999",
        "2024-05-17",
    ]
    .iter()
    .chain(NONSENSE)
    {
        assert_eq!(date(EpochSeconds, Part::Year, Form::Short, value), None, "{value}");
    }
    assert_eq!(date(EpochSeconds, Part::Year, Form::Same, "0.1234567890123456789"), None);
}

#[test]
fn a_part_hides_what_is_less() {
    let mut random = Random::new(2);
    let mut draw = |least: usize, most: usize| least + random.below(most - least + 1);
    for _ in 0..4_000 {
        let (year, month, quarter) = (draw(1, 9999), draw(1, 12), draw(0, 3));
        let mut moment = |month: usize| {
            format!(
                "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                draw(1, 28),
                draw(0, 23),
                draw(0, 59),
                draw(0, 59),
                draw(0, 999)
            )
        };
        let (one, other) = (moment(month), moment(month));
        for part in [Part::Year, Part::Quarter, Part::Month] {
            assert_eq!(same(part, &one), same(part, &other));
            assert_eq!(short(part, &one), short(part, &other));
            assert!(same(part, &one).is_some_and(|part| part <= one && part.len() == one.len()));
        }
        let (one, other) = (moment(3 * quarter + 1), moment(3 * quarter + 3));
        assert_eq!(same(Part::Quarter, &one), same(Part::Quarter, &other));
        assert_ne!(same(Part::Month, &one), same(Part::Month, &other));
        for part in PARTS {
            let kept = same(part, &one).expect("a date");
            assert_eq!(same(part, &kept), Some(kept.clone()));
            assert_eq!(short(part, &kept), short(part, &one));
        }
    }
}
