//! Values made less exact: what `maskgate-generalise` makes of their characters, as JSON.

use alloc::vec::Vec;

use maskgate_generalise::{Date, Edges, Fixed, Network, Noise, Partial, Shift, Steps, Truncate, Value};

use crate::characters::{Characters, number, quote};
use crate::entity::Entities;
use crate::maker::{Scratch, Unmade};

pub enum Generalised {
    Partial(Partial),
    Fixed(Fixed),
    Truncate(Truncate),
    Steps(Steps),
    Edges(Edges),
    Date(Date),
    Network(Network),
    Noise(Noise),
    Shift(Shifted),
}

/// Dates of one entity move together.
pub struct Shifted {
    pub shift: Shift,
    /// Which of `Entities` it is.
    pub entity: usize,
    /// The entity whose dates came last, and the days by which they move.
    pub last: (Vec<u8>, i32),
}

impl Generalised {
    /// Adds the JSON that takes the place of a scalar to `out`.
    ///
    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(&mut self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), Unmade> {
        let Scratch { decoded, made, entities } = scratch;
        let characters = unsafe { Characters::of(value, decoded) }.bytes();
        let keeps = number(value) && self.keeps_kind();
        // A boolean has characters, and is no number.
        let value = if number(value) { Value::Number(characters) } else { Value::String(characters) };
        if keeps {
            return readable(self.characters(value, entities, out));
        }
        made.clear();
        readable(self.characters(value, entities, made))?;
        quote(made, out);
        Ok(())
    }

    /// As `Maker::needs`.
    pub fn needs(&self) -> usize {
        match self {
            Self::Partial(_) | Self::Fixed(_) | Self::Truncate(_) => 24,
            _ => 2, // what is that long is no date, and no number that can be read
        }
    }

    /// Whether a number becomes a number.
    fn keeps_kind(&self) -> bool {
        match self {
            Self::Partial(_) | Self::Fixed(_) | Self::Truncate(_) | Self::Edges(_) | Self::Network(_) => false,
            Self::Steps(steps) => steps.keeps_kind(),
            Self::Date(date) => date.keeps_kind(),
            Self::Noise(_) | Self::Shift(_) => true,
        }
    }

    fn characters(&mut self, value: Value, entities: &Entities, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Partial(partial) => partial.write(value, out),
            Self::Fixed(fixed) => fixed.write(value, out),
            Self::Truncate(truncate) => truncate.write(value, out),
            Self::Steps(steps) => steps.write(value, out),
            Self::Edges(edges) => edges.write(value, out),
            Self::Date(date) => date.write(value, out),
            Self::Network(network) => network.write(value, out),
            Self::Noise(noise) => noise.write(value, out),
            Self::Shift(shifted) => {
                let days = entities.get(shifted.entity).map(|entity| shifted.days(entity));
                days.is_some_and(|days| shifted.shift.write(days, value, out))
            }
        }
    }
}

impl Shifted {
    fn days(&mut self, entity: &[u8]) -> i32 {
        if self.last.1 == 0 || self.last.0 != entity {
            self.last.0.clear();
            self.last.0.extend_from_slice(entity);
            self.last.1 = self.shift.days(entity);
        }
        self.last.1
    }
}

fn readable(read: bool) -> Result<(), Unmade> {
    if read { Ok(()) } else { Err(Unmade::Unreadable) }
}
