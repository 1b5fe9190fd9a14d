//! The Gregorian calendar from 0001-01-01 to 9999-12-31, also for days before it was in use (ISO 8601 section 4.2.1).

/// A day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Day {
    /// 1 to 9999.
    pub year: i32,
    pub month: i32,
    pub day: i32,
}

/// Number of 1970-01-01, where that of 0001-01-01 is 0. Days of the calendar have 0..=LAST.
pub(crate) const EPOCH: i32 = 719_162;
pub(crate) const LAST: i32 = 3_652_058;

impl Day {
    /// None if the calendar doesn't have it.
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let valid = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= length(year, month);
        valid.then_some(Self { year, month, day })
    }

    /// Its number; None if the calendar doesn't have that.
    pub fn from_number(number: i32) -> Option<Self> {
        if !(0..=LAST).contains(&number) {
            return None;
        }
        // A year here begins on the first of March, so that the day which only some years have is its last: day 0 is the
        // first of March of the year 0, which is 306 days before 0001-01-01.
        let days = number + 306;
        // A century has 36524 days, or one more if it is the last of four; likewise a year has 365.
        let century = (4 * days + 3) / 146_097;
        let of_century = days - 146_097 * century / 4;
        let year = (4 * of_century + 3) / 1461;
        let of_year = of_century - 1461 * year / 4;
        // From March on five months have 153 days: 31, 30, 31, 30, 31.
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let after = i32::from(month > 9);
        Some(Self { year: 100 * century + year + after, month: month + 3 - 12 * after, day })
    }

    pub fn number(self) -> i32 {
        let before = i32::from(self.month < 3);
        let (year, month) = (self.year - before, self.month - 3 + 12 * before);
        let years = 365 * year + year / 4 - year / 100 + year / 400;
        years + (153 * month + 2) / 5 + self.day - 1 - 306
    }

    /// The Monday of its week, which is one of the calendar: 0001-01-01 is a Monday.
    pub fn monday(self) -> Self {
        let number = self.number();
        Self::from_number(number - number % 7).unwrap_or(self)
    }

    /// The year and the number of its week (ISO 8601 section 4.2.2): those of its Thursday.
    pub fn week(self) -> (i32, i32) {
        let number = self.number();
        let thursday = number - number % 7 + 3;
        let year = Self::from_number(thursday).unwrap_or(self).year;
        (year, (thursday - Self { year, month: 1, day: 1 }.number()) / 7 + 1)
    }

    /// 1 to 4.
    pub fn quarter(self) -> i32 {
        (self.month + 2) / 3
    }
}

fn length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, EPOCH, LAST};

    fn day(year: i32, month: i32, day: i32) -> Day {
        Day::new(year, month, day).unwrap_or_else(|| panic!("{year}-{month}-{day}"))
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut today = day(1, 1, 1);
        for number in 0..=LAST {
            assert_eq!(Day::from_number(number), Some(today));
            assert_eq!(today.number(), number);
            let (year, month) = (today.year, today.month);
            let next =
                Day::new(year, month, today.day + 1).or(Day::new(year, month + 1, 1)).or(Day::new(year + 1, 1, 1));
            match next {
                Some(next) => today = next,
                None => assert_eq!((today, number), (day(9999, 12, 31), LAST)),
            }
        }
        assert_eq!(Day::from_number(-1), None);
        assert_eq!(Day::from_number(LAST + 1), None);
        assert_eq!(day(1970, 1, 1).number(), EPOCH);
    }

    #[test]
    fn days_that_the_calendar_has_not() {
        for (year, month, date) in [
            (0, 1, 1),
            (10000, 1, 1),
            (2023, 2, 29),
            (1900, 2, 29),
            (2100, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (2024, 0, 1),
        ] {
            assert_eq!(Day::new(year, month, date), None);
        }
        assert!(Day::new(2000, 2, 29).is_some() && Day::new(2024, 2, 29).is_some());
        assert!(Day::new(2024, 5, 0).is_none() && Day::new(2024, 5, 32).is_none());
    }

    /// Computed with Python's date.isocalendar().
    #[test]
    fn weeks() {
        for ((year, month, date), week) in [
            ((1, 1, 1), (1, 1)),
            ((1976, 12, 31), (1976, 53)),
            ((1977, 1, 2), (1976, 53)),
            ((1977, 1, 3), (1977, 1)),
            ((2008, 12, 29), (2009, 1)),
            ((2010, 1, 3), (2009, 53)),
            ((2024, 5, 17), (2024, 20)),
            ((2024, 12, 30), (2025, 1)),
            ((9999, 12, 31), (9999, 52)),
        ] {
            assert_eq!(day(year, month, date).week(), week, "{year}-{month}-{date}");
        }
        assert_eq!(day(2024, 5, 17).monday(), day(2024, 5, 13));
        assert_eq!(day(1, 1, 7).monday(), day(1, 1, 1));
        assert_eq!(day(2025, 1, 1).monday(), day(2024, 12, 30));
    }
}
