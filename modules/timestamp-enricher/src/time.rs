//! A time as RFC 3339 writes it, in UTC.

use alloc::vec::Vec;
use core::fmt::{self, Write};

const DAY: u64 = 86_400;

/// Writes a time, in nanoseconds since 1970, as a JSON string with so many digits of a second's fraction. It is cut off, not
/// rounded: no time is said to be later than it is.
pub fn write(nanoseconds: u64, digits: usize, out: &mut Vec<u8>) {
    let seconds = nanoseconds / 1_000_000_000;
    let (year, month, day) = date(seconds / DAY);
    let time = seconds % DAY;
    out.clear();
    // Writing to a Vec can't fail.
    let text = &mut Text(out);
    let _ = write!(text, "\"{year:04}-{month:02}-{day:02}T");
    let _ = write!(text, "{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60);
    if digits > 0 {
        let fraction = nanoseconds % 1_000_000_000 / 10u64.pow(9 - digits as u32);
        let _ = write!(text, ".{fraction:0digits$}");
    }
    let _ = text.write_str("Z\"");
}

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years begin in March here, so that the leap day is a year's last and months have 31, 30, 31, 30, 31 days in turn.
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days / 146_097, days % 146_097); // of 400 years
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (month_of_year, day_of_month) =
        (if month < 10 { month + 3 } else { month - 9 }, day - (153 * month + 2) / 5 + 1);
    (era * 400 + year + u64::from(month_of_year <= 2), month_of_year, day_of_month)
}

struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
