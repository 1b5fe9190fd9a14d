//! Keyed transforms of values for Maskgate's `mask` module: two that a key reverses, and one that none does.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod alphabet;
mod block;
pub mod ff1;
mod integer;
mod key;
mod names;
mod plausible;
pub mod siv;
mod text;

pub use alphabet::Alphabet;
pub use ff1::Outside;
pub use integer::Integer;
pub use key::Weak;
pub use plausible::{Host, Part, Plausible};
pub use text::{Ends, Text};
