//! Dates and times of the proleptic Gregorian calendar as RFC 3339 writes them, in UTC, and back.

use alloc::vec::Vec;

use maskgate_guest::Full;

/// Seconds from 0000-01-01T00:00:00Z to 1970, and to the end of the year 9999: what four digits of a year can say.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

const DAY: i64 = 86_400;

/// Whether RFC 3339 can write a moment, in seconds since 1970-01-01T00:00:00Z.
pub fn is_writable(seconds: i64) -> bool {
    (FIRST..=LAST).contains(&seconds)
}

/// Adds `2024-05-17`, of days since 1970-01-01. The year is from 0 to 9999.
pub fn write_date(days: i64, out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(10).map_err(|_| Full)?;
    let (year, month, day) = civil(days);
    digits(year as u64, 4, out);
    out.push(b'-');
    digits(month, 2, out);
    out.push(b'-');
    digits(day, 2, out);
    Ok(())
}

/// Adds `13:45:00` and as many digits of a fraction as are asked for (0, 3, 6, 9).
pub fn write_time(second: u64, nanos: u32, fraction: usize, out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(18).map_err(|_| Full)?;
    digits(second / 3600, 2, out);
    out.push(b':');
    digits(second / 60 % 60, 2, out);
    out.push(b':');
    digits(second % 60, 2, out);
    if fraction > 0 {
        out.push(b'.');
        digits(u64::from(nanos / 10u32.pow(9 - fraction as u32)), fraction, out);
    }
    Ok(())
}

/// Adds `2024-05-17T13:45:00.250Z`: with milli-, micro- or nanoseconds, where they aren't 0. `is_writable(seconds)`.
pub fn write_moment(seconds: i64, nanos: u32, out: &mut Vec<u8>) -> Result<(), Full> {
    let fraction = match nanos {
        0 => 0,
        nanos if nanos % 1_000_000 == 0 => 3,
        nanos if nanos % 1_000 == 0 => 6,
        _ => 9,
    };
    write_moment_with(seconds, nanos, fraction, out)?;
    out.try_reserve(1).map_err(|_| Full)?;
    out.push(b'Z');
    Ok(())
}

/// Adds `2024-05-17T13:45:00.250`, with as many digits of a fraction as are asked for.
pub fn write_moment_with(seconds: i64, nanos: u32, fraction: usize, out: &mut Vec<u8>) -> Result<(), Full> {
    write_date(seconds.div_euclid(DAY), out)?;
    out.try_reserve(1).map_err(|_| Full)?;
    out.push(b'T');
    write_time(seconds.rem_euclid(DAY) as u64, nanos, fraction, out)
}

fn digits(number: u64, count: usize, out: &mut Vec<u8>) {
    out.extend((0..count as u32).rev().map(|place| b'0' + (number / 10u64.pow(place) % 10) as u8));
}

/// Year, month and day of a day since 1970-01-01. Counted in eras of 400 years that begin on 1 March, so that a leap day is the
/// last of its year.
fn civil(days: i64) -> (i64, u64, u64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month as u64, day as u64)
}

/// Days since 1970-01-01 of a date that is one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Days since 1970-01-01 of `2024-05-17`. None if it is no such date.
pub fn read_date(text: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last).contains(&day).then(|| days(year, month, day))
}

/// Seconds of the day and nanoseconds of `13:45:00.25`. None if it is no such time; a leap second is none.
pub fn read_time(text: &[u8]) -> Option<(i64, u32)> {
    let (&[h1, h2, b':', m1, m2, b':', s1, s2], rest) = text.split_first_chunk::<8>()? else { return None };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let nanos = match rest {
        [] => 0,
        [b'.', fraction @ ..] if (1..=9).contains(&fraction.len()) => {
            number(fraction)? as u32 * 10u32.pow(9 - fraction.len() as u32)
        }
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60).then_some((hour * 3600 + minute * 60 + second, nanos))
}

/// Seconds since 1970-01-01T00:00:00 and nanoseconds of `2024-05-17T13:45:00.25` and, where `zoned`, what the clock there
/// is ahead of UTC, which is taken off.
pub fn read_moment(text: &[u8], zoned: bool) -> Option<(i64, u32)> {
    let (date, rest) = text.split_at_checked(10)?;
    let [b'T' | b't', rest @ ..] = rest else { return None };
    let (rest, ahead) = if zoned { zone(rest)? } else { (rest, 0) };
    let (second, nanos) = read_time(rest)?;
    Some((read_date(date)? * DAY + second - ahead, nanos))
}

/// What stands before `Z` or `+01:00`, and seconds ahead of UTC.
fn zone(text: &[u8]) -> Option<(&[u8], i64)> {
    if let [rest @ .., b'Z' | b'z'] = text {
        return Some((rest, 0));
    }
    let (rest, &[sign, h1, h2, b':', m1, m2]) = text.split_last_chunk::<6>()? else { return None };
    let (hour, minute) = (number(&[h1, h2])?, number(&[m1, m2])?);
    let ahead = hour * 3600 + minute * 60;
    match sign {
        _ if hour > 23 || minute > 59 => None,
        b'+' => Some((rest, ahead)),
        b'-' => Some((rest, -ahead)),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}
