//! The one pass over a message: checks it whole, and looks into each of its strings, numbers and keys.

use alloc::vec::Vec;
use core::slice;

use maskgate_detect::{Detector, Hit};
use maskgate_guest::json::scan::{Broken, Rule, Scanner, closing};
use maskgate_guest::json::{DEPTH, number, text};
use maskgate_guest::{Full, Message, Refusal};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Key,
    String,
    Number,
}

/// A string with its quotes, or a number, as it stands in the message.
#[derive(Clone, Copy)]
pub struct Token {
    pub kind: Kind,
    pub start: *const u8,
    pub end: *const u8,
    /// Whether it is written with escapes.
    pub escaped: bool,
    /// How many strings, numbers and keys stand before it.
    pub number: usize,
}

/// What is told of a message while it is read. `Full`: there is no memory for what comes of it.
pub trait Sink {
    /// A token, its characters, and what was found in them, which may be nothing.
    fn token(&mut self, token: Token, characters: &[u8], hits: &[Hit]) -> Result<(), Full>;

    fn open(&mut self, object: bool);

    fn close(&mut self);
}

pub struct Walk {
    scanner: Scanner,
    detector: Detector,
    hits: Vec<Hit>,
    decoded: Vec<u8>,
    /// For each open container whether it is an object.
    open: Vec<bool>,
    tokens: usize,
}

/// Why a walk ended early.
enum Stop {
    Broken,
    Full,
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl From<Full> for Stop {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl Walk {
    pub fn new(detector: Detector) -> Self {
        Self { scanner: Scanner::new(), detector, hits: Vec::new(), decoded: Vec::new(), open: Vec::new(), tokens: 0 }
    }

    /// Reads a message and tells the sink of it.
    pub fn message(&mut self, message: Message, sink: &mut impl Sink) -> Result<(), Refusal> {
        self.open.clear();
        self.tokens = 0;
        let start = message.start().cast_const();
        // SAFETY: `Message` is as the JSON crate wants it; what is broken lies in it.
        unsafe {
            match self.walk(message, sink) {
                Ok(()) => Ok(()),
                Err(Stop::Full) => Err(Full.into()),
                Err(Stop::Broken) => {
                    let breach = self.scanner.breach;
                    let blank = message.bytes().iter().all(|byte| b" \t\r\n".contains(byte));
                    let offset = if blank { 0 } else { breach.at.offset_from_unsigned(start) };
                    Err(match breach.rule {
                        Rule::Grammar => Refusal::at("invalid_json", offset),
                        Rule::Depth => Refusal::at("too_deep", offset),
                        Rule::Utf8 => Refusal::at("invalid_utf8", offset),
                        Rule::Memory => Full.into(),
                    })
                }
            }
        }
    }

    unsafe fn walk(&mut self, message: Message, sink: &mut impl Sink) -> Result<(), Stop> {
        unsafe {
            let mut cursor = self.scanner.begin(message.start(), message.len())?;
            let mut at = self.scanner.white::<false>(&mut cursor, message.start());
            'value: loop {
                let start = at;
                match *at {
                    b'{' | b'[' => {
                        if self.open.len() == DEPTH {
                            return Err(self.scanner.too_deep(at).into());
                        }
                        let object = *at == b'{';
                        let first = self.scanner.white::<false>(&mut cursor, at.add(1));
                        if *first == closing(object) {
                            at = first.add(1);
                        } else {
                            self.open.push(object);
                            sink.open(object);
                            at = first;
                            if object {
                                at = self.key(&mut cursor, at, sink)?;
                            }
                            continue 'value;
                        }
                    }
                    b'"' => {
                        self.scanner.escaped = false;
                        at = self.scanner.string(&mut cursor, at)?.add(1);
                        self.token(Kind::String, start, at, sink)?;
                    }
                    b'-' | b'0'..=b'9' => {
                        at = number::end(at).map_err(|at| self.scanner.broken(at))?;
                        self.scanner.escaped = false;
                        self.token(Kind::Number, start, at, sink)?;
                    }
                    _ => at = self.scanner.scalar(&mut cursor, at)?,
                }
                loop {
                    at = self.scanner.white::<false>(&mut cursor, at);
                    let Some(&object) = self.open.last() else { break };
                    if *at == b',' {
                        at = self.scanner.white::<false>(&mut cursor, at.add(1));
                        if object {
                            at = self.key(&mut cursor, at, sink)?;
                        }
                        continue 'value;
                    }
                    if *at != closing(object) {
                        return Err(self.scanner.broken(at).into());
                    }
                    at = at.add(1);
                    self.open.pop();
                    sink.close();
                }
                return if at == message.end() { Ok(()) } else { Err(self.scanner.broken(at).into()) };
            }
        }
    }

    /// The key at `at`; where its value begins.
    unsafe fn key(
        &mut self,
        cursor: &mut maskgate_guest::json::cursor::Cursor,
        at: *const u8,
        sink: &mut impl Sink,
    ) -> Result<*const u8, Stop> {
        unsafe {
            self.scanner.escaped = false;
            let (quote, value) = self.scanner.member::<false>(cursor, at)?;
            self.token(Kind::Key, at, quote.add(1), sink)?;
            Ok(value)
        }
    }

    unsafe fn token(&mut self, kind: Kind, start: *const u8, end: *const u8, sink: &mut impl Sink) -> Result<(), Stop> {
        let token = Token { kind, start, end, escaped: self.scanner.escaped, number: self.tokens };
        self.tokens += 1;
        // SAFETY: both are in the message.
        let mut characters = unsafe { slice::from_raw_parts(start, end.offset_from_unsigned(start)) };
        if kind != Kind::Number {
            characters = &characters[1..characters.len() - 1];
        }
        if token.escaped {
            self.decoded.clear();
            self.decoded.try_reserve(characters.len()).map_err(|_| Full)?;
            text::decode(characters, &mut self.decoded);
            characters = &self.decoded;
        }
        self.detector.find(characters, &mut self.hits).map_err(|_| Full)?;
        sink.token(token, characters, &self.hits)?;
        Ok(())
    }
}
