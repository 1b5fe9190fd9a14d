//! Which keys are refused, and how a refusal is said.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// A key, an alphabet, a domain or a host that is refused when a transform is made. Its text is for the policy's
/// author; it says what is wrong, and nothing of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weak(String);

impl Weak {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Weak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Weak {}

/// Refuses a key whose bytes are all equal: nobody drew it at random, and all zero is what an unset variable looks
/// like.
pub(crate) fn drawn(key: &[u8]) -> Result<(), Weak> {
    match key {
        [first, rest @ ..] if rest.iter().any(|byte| byte != first) => Ok(()),
        _ => Err(Weak::new("the key is one byte repeated")),
    }
}

/// Refuses a key of another length (in bytes) than these.
pub(crate) fn sized(key: &[u8], one: usize, two: usize, three: usize) -> Result<(), Weak> {
    if [one, two, three].contains(&key.len()) {
        return Ok(());
    }
    Err(Weak::new(format!("the key has {} bytes; it must have {one}, {two} or {three}", key.len())))
}
