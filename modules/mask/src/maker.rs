//! Kinds of treatment that make something of the value itself: one line each here, the work in a file of its own.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::characters::{Characters, container};
use crate::encrypted::{FormatPreserving, Sealed};
use crate::entity::Entities;
use crate::generalised::Generalised;
use crate::partial::Ends;
use crate::plausible::Invented;
use crate::pseudonym::Pseudonym;
use crate::reveal::Reveal;
use crate::shuffle::Shuffle;

pub enum Maker {
    Ends(Ends),
    Generalised(Box<Generalised>),
    Pseudonym(Box<Pseudonym>),
    FormatPreserving(Box<FormatPreserving>),
    Sealed(Box<Sealed>),
    Reveal(Box<Reveal>),
    Invented(Box<Invented>),
    Shuffle(Box<Shuffle>),
}

/// Why nothing was made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// It isn't what the treatment reads, or may not be shown in part either: `[REDACTED]`.
    Unreadable,
    /// It isn't what the treatment that is to be undone makes.
    NotRevealed,
}

/// Memory that is used again for each value.
#[derive(Default)]
pub struct Scratch {
    /// The characters of a string with escapes.
    pub decoded: Vec<u8>,
    /// Characters that were made, before they are escaped.
    pub made: Vec<u8>,
    /// Whom the message is about.
    pub entities: Entities,
}

/// Bytes of a value from which on it is asked whether there is memory for what is made of it. What is made of smaller ones finds
/// its place in the least memory that a sandbox has.
pub const LARGE: usize = 1 << 16;

/// Whether there is memory for `times` as many bytes as a value has, in one piece.
pub fn fits(value: &[u8], times: usize) -> bool {
    let bytes = value.len().saturating_mul(times);
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

impl Maker {
    /// How many times a value's bytes are needed to make something of it, at most. A vector that grows has three times its
    /// bytes for a moment; a character that JSON escapes has six.
    pub fn needs(&self) -> usize {
        match self {
            Self::Ends(ends) => ends.needs(),
            Self::Pseudonym(_) | Self::Invented(_) | Self::Shuffle(_) => 2,
            Self::Sealed(_) | Self::Reveal(_) => 12,
            Self::FormatPreserving(_) => 24,
            Self::Generalised(generalised) => generalised.needs(),
        }
    }

    /// Adds the JSON that takes the value's place to `out`. After an error, what was added means nothing.
    ///
    /// # Safety
    /// `value` is a value's text as a scanner has read it, and PADDING bytes behind it can be read.
    #[inline(always)]
    pub unsafe fn make(&mut self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), Unmade> {
        unsafe {
            match self {
                Self::Ends(ends) if !container(value) => {
                    ends.write(&Characters::of(value, &mut scratch.decoded), out);
                    Ok(())
                }
                _ => self.make_otherwise(value, scratch, out),
            }
        }
    }

    /// Out of the way of the kind that is in the most policies and takes the least time.
    #[inline(never)]
    unsafe fn make_otherwise(&mut self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), Unmade> {
        unsafe {
            match self {
                Self::Pseudonym(pseudonym) => pseudonym.write(Characters::of(value, &mut scratch.decoded).bytes(), out),
                Self::Sealed(sealed) => sealed.write(value, scratch, out),
                Self::Reveal(reveal) => return reveal.write(value, scratch, out),
                _ if container(value) => return Err(Unmade::Unreadable),
                Self::Ends(ends) => ends.write(&Characters::of(value, &mut scratch.decoded), out),
                Self::Generalised(generalised) => return generalised.write(value, scratch, out),
                Self::FormatPreserving(ff1) => return ff1.write(value, scratch, out),
                Self::Invented(invented) => {
                    let Scratch { decoded, made, .. } = scratch;
                    invented.write(Characters::of(value, decoded).bytes(), made, out);
                }
                Self::Shuffle(shuffle) => return shuffle.write(value, out),
            }
        }
        Ok(())
    }
}
