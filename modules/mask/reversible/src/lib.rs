//! Keyed transforms of values for Maskgate's `mask` module: encryption that keeps a value's format (FF1), encryption
//! that finds every change (AES-SIV), and names and addresses that look real. The first two a key reverses.
//!
//! ```ignore
//! use maskgate_reversible::{Alphabet, Ends, Text};
//!
//! let (key, alphabet) = (b"a key of 16 byte", Alphabet::read("digits")?);
//! let mut cards = Text::new(key, b"pci.pan", alphabet, Ends { first: 0, last: 4 })?;
//! let (mut masked, mut back) = (vec![], vec![]);
//! assert_eq!(cards.encrypt("4111 1111 1111 1111", &mut masked), Ok(()));
//! let masked = String::from_utf8_lossy(&masked);
//! assert!(masked.len() == 19 && masked.ends_with(" 1111"));
//! assert_eq!(cards.decrypt(&masked, &mut back), Ok(()));
//! assert_eq!(back, b"4111 1111 1111 1111");
//! ```
//!
//! | | takes | gives | by |
//! | --- | --- | --- | --- |
//! | [`Text`] | a text | one of as many characters; those outside the alphabet stay | FF1, NIST SP 800-38G |
//! | [`Integer`] | a JSON integer | one of as many digits | FF1, cycle walking |
//! | [`siv::Siv`] | any bytes | base64url | AES-SIV, RFC 5297 |
//! | [`Plausible`] | any bytes | a name, an address of mail; there is no way back | HMAC-SHA-256, RFC 2104 |
//!
//! All are deterministic: under one key and domain equal values stay equal, so that joins still work, and whoever sees
//! the results sees which values are equal. Another domain gives other results. [`Weak`] says why a key, an alphabet or
//! a domain is refused; [`Outside`], that too few or too many strings have a value's length. **What is outside an
//! alphabet is not encrypted**: `digits` leaves the letters of an IBAN in clear, `hex` capital letters.
//!
//! FF1 is our own: the crate `fpe` computes a string's numbers anew in each of ten rounds, and takes nine times as long
//! for a card number. AES-SIV is our own over the crate `aes`: `aes-siv` expands its keys and reads the domain for
//! every value. The tests compare with both.
//!
//! ```text
//! cargo test --manifest-path modules/Cargo.toml -p maskgate-reversible
//! cargo run --release --manifest-path modules/Cargo.toml -p maskgate-reversible --example roundtrip
//! cargo run --release --manifest-path modules/Cargo.toml -p maskgate-reversible --example speed
//! ```
//!
//! What is secret here takes the same time whatever it is (AES, HMAC, comparing a SIV), but for FF1's divisions and the
//! look-ups in its alphabet, which on some processors may not. A sandbox has no clock unless a policy grants it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `key` | which keys are refused |
//! | `block` | AES under a key of any length |
//! | `alphabet` | characters and their numerals |
//! | `ff1` | FF1 over numerals |
//! | `text`, `integer` | FF1 over texts and JSON integers |
//! | `siv` | AES-SIV |
//! | `plausible`, `names` | names and addresses; `data/` has the lists |
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
