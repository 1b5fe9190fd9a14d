//! A number becomes the range that it is in: exact, whatever its length.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter;

use crate::number::{LIMIT, Number, Units};
use crate::{Invalid, Value, plain};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// `20-30`: from 20 on, below 30.
    Range,
    /// `20`, of the value's kind.
    Lower,
}

/// Ranges of one size: offset + n × size up to, and without, offset + (n + 1) × size. Bounds are written with as many
/// fraction digits as size and offset need: `0.50-0.75`, `-20--10`.
pub struct Steps {
    /// Both in units of 10^unit.
    size: i64,
    offset: i64,
    unit: i64,
    form: As,
}

impl Steps {
    /// `size` and `offset`: numbers as JSON writes them, size above 0. Beside one another, with the same number of fraction
    /// digits, neither may have more than 18 digits.
    pub fn new(size: &[u8], offset: &[u8], form: As) -> Result<Self, Invalid> {
        let wrong = |key| move |text| Invalid { key, text };
        let number = |text| Number::read(text).ok_or("must be a number");
        let (size, offset) = (number(size).map_err(wrong("size"))?, number(offset).map_err(wrong("offset"))?);
        let size_last = size.last().ok_or("must be greater than 0").map_err(wrong("size"))?;
        let unit = offset.last().unwrap_or(size_last).min(size_last);
        if unit.abs() > LIMIT {
            return Err(wrong("size")("must have an exponent of -512 to 512, as must offset"));
        }
        let small = |number: &Number| number.small(unit).ok_or("must have 18 digits at most, down to the last of both");
        let (size, offset) = (small(&size).map_err(wrong("size"))?, small(&offset).map_err(wrong("offset"))?);
        if size < 0 {
            return Err(wrong("size")("must be greater than 0"));
        }
        Ok(Self { size, offset: offset % size, unit, form })
    }

    /// Whether the result is of the value's kind.
    pub fn keeps_kind(&self) -> bool {
        self.form == As::Lower
    }

    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let Some(number) = Number::read(value.characters()) else { return false };
        let units = number.units(self.unit);
        if !plain::fits(&units, self.unit) {
            return false;
        }
        let rest = match &units {
            Units::Word(word) => match i64::try_from(*word) {
                // Both are no more than 2^60, so that the difference fits.
                Ok(word) if word.unsigned_abs() <= 1 << 60 => (word - self.offset).rem_euclid(self.size),
                _ => (word - i128::from(self.offset)).rem_euclid(self.size.into()) as i64,
            },
            Units::Long(long) => (long.remainder(self.size) - self.offset).rem_euclid(self.size),
        };
        plain::sum(&units, -i128::from(rest), self.unit, out);
        if self.form == As::Range {
            out.push(b'-');
            plain::sum(&units, i128::from(self.size - rest), self.unit, out);
        }
        true
    }
}

/// Ranges between edges: below the first, from each up to (and without) the next, from the last on.
pub struct Edges {
    /// In units of 10^unit, which divide each of them; ascending.
    edges: Box<[i128]>,
    unit: i64,
    /// UTF-8, one more than edges.
    labels: Box<[Box<[u8]>]>,
}

impl Edges {
    /// `edges`: numbers as JSON writes them. `labels`: one more than edges, or none: then `<18`, `18-65`, `>=65`, with the
    /// edges in their shortest form without an exponent.
    pub fn new(edges: &[&[u8]], labels: Option<&[&str]>) -> Result<Self, Invalid> {
        let wrong = |text| Invalid { key: "edges", text };
        if edges.is_empty() {
            return Err(wrong("must have one number or more"));
        }
        let numbers: Option<Vec<Number>> = edges.iter().map(|edge| Number::read(edge)).collect();
        let numbers = numbers.ok_or(wrong("must be numbers"))?;
        let unit = numbers.iter().filter_map(Number::last).min().unwrap_or(0);
        let words: Option<Box<[i128]>> = numbers
            .iter()
            .map(|number| match number.units(unit) {
                Units::Word(word) => Some(word),
                Units::Long(_) => None,
            })
            .collect();
        let words = words
            .filter(|_| unit.abs() <= LIMIT)
            .ok_or(wrong("must have 36 digits at most, down to the last of all"))?;
        if !words.is_sorted_by(|one, next| one < next) {
            return Err(wrong("must ascend"));
        }
        let labels = match labels {
            None => ranges(&numbers).ok_or(wrong("must have 512 digits at most"))?,
            Some(labels) if labels.len() != words.len() + 1 => {
                return Err(Invalid { key: "labels", text: "must be one more than edges" });
            }
            Some(labels) => labels.iter().map(|label| label.as_bytes().into()).collect(),
        };
        Ok(Self { edges: words, unit, labels })
    }

    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let Some(number) = Number::read(value.characters()) else { return false };
        // Rounded down to units the value is still on the same side of every edge.
        let range = match number.units(self.unit) {
            Units::Word(word) => self.edges.partition_point(|edge| *edge <= word),
            Units::Long(long) if long.negative => 0,
            Units::Long(_) => self.edges.len(),
        };
        out.extend_from_slice(&self.labels[range]);
        true
    }
}

fn ranges(numbers: &[Number]) -> Option<Box<[Box<[u8]>]>> {
    let text = |number: &Number| {
        let unit = number.last().unwrap_or(0).min(0);
        let units = number.units(unit);
        let mut text = Vec::new();
        plain::fits(&units, unit).then(|| plain::sum(&units, 0, unit, &mut text))?;
        Some(text)
    };
    let texts = numbers.iter().map(text).collect::<Option<Vec<_>>>()?;
    let below = [b"<", texts.first()?.as_slice()].concat();
    let between = texts.windows(2).map(|pair| pair.join(&b'-'));
    let above = [b">=", texts.last()?.as_slice()].concat();
    Some(iter::once(below).chain(between).chain([above]).map(Vec::into_boxed_slice).collect())
}
