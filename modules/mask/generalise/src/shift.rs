//! Dates move by a keyed number of days, the same for all of one entity.

use alloc::vec::Vec;

use crate::calendar::Day;
use crate::date::{Format, Reading};
use crate::keyed::Keyed;
use crate::written::Clock;
use crate::{Invalid, Value};

pub struct Shift {
    keyed: Keyed,
    days: u16,
    format: Format,
}

/// Days that a date may move at most: a hundred years.
const MOST: u32 = 36_500;

impl Shift {
    /// `secret`: 16 bytes or more. `domain`: without U+0000; in another domain an entity's dates move otherwise. `days`: a date
    /// moves by 1 to so many, ahead or back.
    pub fn new(secret: &[u8], domain: &str, days: u32, format: Format) -> Result<Self, Invalid> {
        if !(1..=MOST).contains(&days) {
            return Err(Invalid { key: "days", text: "must be 1 to 36500" });
        }
        Ok(Self { keyed: Keyed::new(secret, "shift_date", domain)?, days: days as u16, format })
    }

    /// By how many days the dates of the entity with these characters move: one of -days..=days, without 0, all as likely. To be
    /// kept where an entity has several dates.
    pub fn days(&self, entity: &[u8]) -> i32 {
        self.keyed.draw_around(entity, u128::from(self.days)) as i32
    }

    /// Of the value's kind and form, with its time of day. False also where that is before the year 1 or after 9999.
    pub fn write(&self, days: i32, value: Value, out: &mut Vec<u8>) -> bool {
        match self.format.read(value) {
            Some(Reading::Text(written)) => match Day::from_number(written.day.number().saturating_add(days)) {
                Some(day) => written.write(day, Clock::Whole, out),
                None => return false,
            },
            Some(Reading::Number(epoch)) => match epoch.shifted(days) {
                Some(epoch) => epoch.write(out),
                None => return false,
            },
            None => return false,
        }
        true
    }
}
