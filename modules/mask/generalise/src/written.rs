//! Dates as text writes them: ISO 8601-1:2019 and RFC 3339, and the two orders with the year last.

use alloc::vec::Vec;

use crate::calendar::Day;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

/// A date, or a date and a time of day, and how it is written.
pub(crate) struct Written<'a> {
    pub day: Day,
    order: Order,
    /// Between the numbers of the date.
    separator: Option<u8>,
    /// `T`, `t` or a space, and the time of day; empty where there is none.
    clock: &'a [u8],
    /// `Z`, an offset from UTC, or nothing.
    zone: &'a [u8],
}

/// What becomes of the time of day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// It stays, but for a leap second, which would tell the day: it becomes the second before.
    Whole,
    Hour,
    Midnight,
}

impl<'a> Written<'a> {
    /// None unless that is a day of the calendar, and nothing else follows. In YearMonthDay order: `2024-05-17`, `20240517`; in
    /// the two others: `17.05.2024`, `17/5/2024`, `17-05-2024`. A time may follow after `T` or a space: `13`, `13:45`, `13:45:10`,
    /// with a fraction of the seconds behind a point or a comma, and `Z` or an offset; without colons after `20240517`.
    pub fn read(text: &'a [u8], order: Order) -> Option<Self> {
        let mut rest = Rest(text);
        let (day, separator) = match order {
            Order::YearMonthDay => {
                let year = rest.digits(4)?;
                let separator = rest.one(|byte| byte == b'-');
                let month = rest.digits(2)?;
                if separator.is_some() {
                    rest.one(|byte| byte == b'-')?;
                }
                (Day::new(year, month, rest.digits(2)?)?, separator)
            }
            Order::DayMonthYear | Order::MonthDayYear => {
                let first = rest.digits(2).or_else(|| rest.digits(1))?;
                let separator = rest.one(|byte| matches!(byte, b'.' | b'/' | b'-'))?;
                let second = rest.digits(2).or_else(|| rest.digits(1))?;
                rest.one(|byte| byte == separator)?;
                let year = rest.digits(4)?;
                let (day, month) = if order == Order::DayMonthYear { (first, second) } else { (second, first) };
                (Day::new(year, month, day)?, Some(separator))
            }
        };
        let clock = rest.0;
        if rest.one(|byte| matches!(byte, b'T' | b't' | b' ')).is_some() {
            rest.clock(separator.is_some())?;
        }
        let zone = rest.0;
        let clock = &clock[..clock.len() - zone.len()];
        if !zone.is_empty() {
            rest.zone().filter(|()| !clock.is_empty())?;
        }
        rest.0.is_empty().then_some(Self { day, order, separator, clock, zone })
    }

    /// Its two digits.
    pub fn hour(&self) -> Option<&'a [u8]> {
        self.clock.get(1..3)
    }

    /// Adds that day in the same form, day and month with two digits: one or two would tell something of the day that was.
    pub fn write(&self, day: Day, clock: Clock, out: &mut Vec<u8>) {
        let separator = |out: &mut Vec<u8>| out.extend(self.separator);
        if self.order == Order::YearMonthDay {
            four(day.year, out);
            separator(out);
            two(day.month, out);
            separator(out);
            two(day.day, out);
        } else {
            let swap = self.order == Order::MonthDayYear;
            two(if swap { day.month } else { day.day }, out);
            separator(out);
            two(if swap { day.day } else { day.month }, out);
            separator(out);
            four(day.year, out);
        }
        let kept = match clock {
            Clock::Whole => self.clock.len(),
            Clock::Hour => self.clock.len().min(3),
            Clock::Midnight => 0,
        };
        let (kept, rest) = self.clock.split_at(kept);
        let start = out.len();
        out.extend_from_slice(kept);
        out.extend(rest.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }));
        if clock == Clock::Whole {
            unleap(&mut out[start..], self.separator.is_some());
        }
        out.extend_from_slice(self.zone);
    }
}

/// Where the seconds of a clock stand, as in `T23:59:60` and `T235960`.
fn seconds(clock: &mut [u8], extended: bool) -> Option<&mut [u8]> {
    let at = if extended { 7 } else { 5 };
    clock.get_mut(at..at + 2)
}

fn unleap(clock: &mut [u8], extended: bool) {
    if let Some(seconds) = seconds(clock, extended)
        && seconds == b"60"
    {
        seconds.copy_from_slice(b"59");
    }
}

/// Adds a number of four digits at most.
pub(crate) fn four(number: i32, out: &mut Vec<u8>) {
    two(number / 100, out);
    two(number % 100, out);
}

/// Adds a number of two digits at most.
pub(crate) fn two(number: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&[number / 10, number % 10].map(|digit| b'0' + digit as u8));
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn one(&mut self, wanted: impl FnOnce(u8) -> bool) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        wanted(first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// The number that the next `count` digits write.
    fn digits(&mut self, count: usize) -> Option<i32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + i32::from(digit - b'0');
        }
        self.0 = rest;
        Some(number)
    }

    fn below(&mut self, bound: i32) -> Option<i32> {
        self.digits(2).filter(|number| *number < bound)
    }

    /// A time of day; `extended`: with colons. A minute may have 61 seconds where UTC has leap seconds: before a full hour, or a
    /// quarter of one in zones whose offset is no full hour.
    fn clock(&mut self, extended: bool) -> Option<()> {
        let next = |rest: &mut Self| match extended {
            true => rest.one(|byte| byte == b':').is_some(),
            false => rest.0.first().is_some_and(u8::is_ascii_digit),
        };
        self.below(24)?;
        if !next(self) {
            return Some(());
        }
        let minute = self.below(60)?;
        if !next(self) {
            return Some(());
        }
        self.below(if minute % 15 == 14 { 61 } else { 60 })?;
        if self.one(|byte| matches!(byte, b'.' | b',')).is_some() {
            let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.0 = self.0.get(digits..).filter(|_| digits > 0)?;
        }
        Some(())
    }

    /// `Z`, `+02:00`, `+0200` or `+02`.
    fn zone(&mut self) -> Option<()> {
        match self.one(|_| true)? {
            b'Z' | b'z' => return Some(()),
            b'+' | b'-' => self.below(24)?,
            _ => return None,
        };
        if self.one(|byte| byte == b':').is_some() || !self.0.is_empty() {
            self.below(60)?;
        }
        Some(())
    }
}
