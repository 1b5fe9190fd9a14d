//! A date keeps its year, quarter, month, week, day or hour.

use alloc::vec::Vec;

use crate::Value;
use crate::calendar::Day;
use crate::epoch::Epoch;
use crate::written::{Clock, Order, Written, four, two};

/// How dates are written. Which it is can't be told from a date: 3/4/2024 is two days, 86400000 a day in 1970 and one in 1972.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `2024-05-17`, `20240517`, with or without a time: ISO 8601, RFC 3339.
    Iso,
    /// `17.05.2024`, `17/5/2024`: day, month, year.
    Dmy,
    /// `5/17/2024`: month, day, year.
    Mdy,
    /// Seconds since 1970, a number or a string that holds one.
    EpochSeconds,
    /// Milliseconds since 1970, likewise.
    EpochMilliseconds,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `2024`, `2024-Q2`, `2024-05`, `2024-W20` (ISO 8601's week and its year), `2024-05-17`, `2024-05-17T13`: a string.
    Short,
    /// As the value is written, and of its kind, with all that is less than the part at its least. The offset from UTC stays,
    /// which may tell summer from winter.
    Same,
}

/// The part is taken of the date as it is written, in whatever zone that is; of a number of seconds, in UTC. Of a date without
/// a time no hour is kept: the day is.
pub struct Date {
    pub format: Format,
    pub keep: Part,
    pub form: Form,
}

/// A date in one of the two ways.
pub(crate) enum Reading<'a> {
    Text(Written<'a>),
    Number(Epoch),
}

impl Format {
    /// None if the value isn't a date in this format, from the year 1 to 9999.
    pub(crate) fn read<'a>(self, value: Value<'a>) -> Option<Reading<'a>> {
        let text = |order| match value {
            Value::String(text) => Written::read(text, order).map(Reading::Text),
            Value::Number(_) => None,
        };
        let number = |second| Epoch::read(value.characters(), second).map(Reading::Number);
        match self {
            Self::Iso => text(Order::YearMonthDay),
            Self::Dmy => text(Order::DayMonthYear),
            Self::Mdy => text(Order::MonthDayYear),
            Self::EpochSeconds => number(1),
            Self::EpochMilliseconds => number(1000),
        }
    }
}

impl Date {
    /// Whether the result is of the value's kind.
    pub fn keeps_kind(&self) -> bool {
        self.form == Form::Same
    }

    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let Some(reading) = self.format.read(value) else { return false };
        match (&reading, self.form) {
            (Reading::Text(written), Form::Short) => {
                self.short(written.day, out);
                if let (Part::Hour, Some(hour)) = (self.keep, written.hour()) {
                    out.push(b'T');
                    out.extend_from_slice(hour);
                }
            }
            (Reading::Text(written), Form::Same) => {
                let clock = if self.keep == Part::Hour { Clock::Hour } else { Clock::Midnight };
                written.write(self.first(written.day), clock, out);
            }
            (Reading::Number(epoch), form) => {
                let Some(day) = epoch.day() else { return false };
                let hour = if self.keep == Part::Hour { epoch.hour() } else { 0 };
                if form == Form::Same {
                    epoch.at(self.first(day), hour).write(out);
                } else {
                    self.short(day, out);
                    if self.keep == Part::Hour {
                        out.push(b'T');
                        two(hour, out);
                    }
                }
            }
        }
        true
    }

    /// The first day of the part that the day is in.
    fn first(&self, day: Day) -> Day {
        match self.keep {
            Part::Year => Day { month: 1, day: 1, ..day },
            Part::Quarter => Day { month: day.quarter() * 3 - 2, day: 1, ..day },
            Part::Month => Day { day: 1, ..day },
            Part::Week => day.monday(),
            Part::Day | Part::Hour => day,
        }
    }

    fn short(&self, day: Day, out: &mut Vec<u8>) {
        let (year, week) = if self.keep == Part::Week { day.week() } else { (day.year, 0) };
        four(year, out);
        match self.keep {
            Part::Year => {}
            Part::Quarter => out.extend_from_slice(&[b'-', b'Q', b'0' + day.quarter() as u8]),
            Part::Week => {
                out.extend_from_slice(b"-W");
                two(week, out);
            }
            Part::Month | Part::Day | Part::Hour => {
                out.push(b'-');
                two(day.month, out);
                if self.keep != Part::Month {
                    out.push(b'-');
                    two(day.day, out);
                }
            }
        }
    }
}
