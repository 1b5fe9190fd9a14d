//! What conversions between JSON and other formats share.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `reader` | a message read byte by byte, never behind its end |
//! | `writer` | JSON written member by member: escaped, no key twice, not too deep |
//! | `escape` | a text's characters as JSON writes them |
//! | `number` | integers and doubles as JSON writes them, and back |
//! | `big` | integers of any size |
//! | `half` | doubles in fewer bits, where they are the same number |
//! | `encoding` | bytes as text, and back: base64, base64url, hexadecimal |
//! | `time` | dates and times as RFC 3339 writes them, and back |
//! | `same` | keys that come more than once |
//! | `choices` | settings that several conversions have |
#![no_std]

extern crate alloc;

pub mod big;
pub mod choices;
pub mod encoding;
pub mod escape;
pub mod half;
pub mod number;
pub mod reader;
pub mod same;
pub mod time;
pub mod writer;

pub use choices::{Keys, Nonfinite};
pub use encoding::Encoding;
pub use number::Number;
pub use reader::Reader;
pub use same::Same;
pub use writer::Writer;
