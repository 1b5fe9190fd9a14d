//! The grammar of RFC 8259, one function a rule. See the crate's page for what the pointers have to be.
//!
//! Functions return where they ended. What breaks the grammar comes back as `Broken`, which is empty so that a result is
//! one machine word; what and where is kept in the scanner.

use crate::DEPTH;
use crate::bytes::{flatten, load, not_white, stops};
use crate::cursor::{Cursor, Stops, Unread};
use crate::number;
use crate::text::hex4;

/// The text breaks a rule; `Scanner::breach` says which one and where.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Not what RFC 8259 allows at this place.
    Grammar,
    /// A container inside `DEPTH` others.
    Depth,
    /// A byte that isn't part of valid UTF-8.
    Utf8,
    /// Not a rule of JSON's: the text is too long for the memory there is.
    Memory,
}

#[derive(Clone, Copy, Debug)]
pub struct Breach {
    pub rule: Rule,
    pub at: *const u8,
}

pub struct Scanner {
    /// The first rule that was broken. Only meaningful after a `Broken`.
    pub breach: Breach,
    /// Whether the last string that `string_on` read has an escape in it.
    pub escaped: bool,
    /// Where functions that are not inlined take their cursor from and leave it.
    pub cursor: Cursor,
    stops: Stops,
    /// For each open container, whether it is an object.
    objects: [bool; DEPTH],
}

impl Scanner {
    pub const fn new() -> Self {
        Self {
            breach: Breach { rule: Rule::Grammar, at: core::ptr::null() },
            escaped: false,
            cursor: Cursor::nowhere(),
            stops: Stops::new(),
            objects: [false; DEPTH],
        }
    }

    /// Begins a text: what comes back is the cursor to read it with.
    ///
    /// # Safety
    /// As the crate's page says.
    #[inline(always)]
    pub unsafe fn begin(&mut self, start: *const u8, len: usize) -> Result<Cursor, Broken> {
        match unsafe { self.stops.find(start, len) } {
            Ok(cursor) => Ok(cursor),
            Err(Unread::Utf8(offset)) => Err(self.breaks(Rule::Utf8, start.wrapping_add(offset))),
            Err(Unread::Memory) => Err(self.breaks(Rule::Memory, start)),
        }
    }

    #[cold]
    #[inline(never)]
    fn breaks(&mut self, rule: Rule, at: *const u8) -> Broken {
        self.breach = Breach { rule, at };
        Broken
    }

    #[cold]
    pub fn broken(&mut self, at: *const u8) -> Broken {
        self.breaks(Rule::Grammar, at)
    }

    #[cold]
    pub fn too_deep(&mut self, at: *const u8) -> Broken {
        self.breaks(Rule::Depth, at)
    }

    /// The closing quote of the string whose opening quote is at `at`.
    ///
    /// # Safety
    /// As the crate's page says; a quote is at `at`, and it is the cursor's next stop.
    #[inline(always)]
    pub unsafe fn string(&mut self, cursor: &mut Cursor, at: *const u8) -> Result<*const u8, Broken> {
        unsafe {
            let stop = cursor.second();
            if *stop == b'"' {
                return Ok(stop);
            }
            debug_assert!(stop > at);
            let quote = self.string_on(stop)?;
            *cursor = self.cursor;
            Ok(quote)
        }
    }

    /// The same from its first stop on: escapes are checked, none but those of RFC 8259, no lone surrogate. Leaves the
    /// cursor behind the string.
    ///
    /// # Safety
    /// As the crate's page says.
    #[inline(never)]
    pub unsafe fn string_on(&mut self, mut at: *const u8) -> Result<*const u8, Broken> {
        unsafe {
            self.escaped = false;
            loop {
                match *at {
                    b'"' => break,
                    b'\\' => at = self.escape(at)?,
                    0..0x20 => return Err(self.broken(at)),
                    _ => {
                        let found = stops(load(at));
                        at = at.add((found | 0x10000).trailing_zeros() as usize);
                    }
                }
            }
            self.cursor = self.stops.from(at.add(1));
            Ok(at)
        }
    }

    /// Behind the escape at `at`.
    #[inline(always)]
    unsafe fn escape(&mut self, at: *const u8) -> Result<*const u8, Broken> {
        unsafe {
            self.escaped = true;
            match *at.add(1) {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at.add(2)),
                b'u' => match hex4(at.add(2)) {
                    Some(0xd800..=0xdbff) => {
                        let low = if *at.add(6) == b'\\' && *at.add(7) == b'u' { hex4(at.add(8)) } else { None };
                        if matches!(low, Some(0xdc00..=0xdfff)) { Ok(at.add(12)) } else { Err(self.broken(at)) }
                    }
                    Some(0xdc00..=0xdfff) | None => Err(self.broken(at)),
                    Some(_) => Ok(at.add(6)),
                },
                _ => Err(self.broken(at)),
            }
        }
    }

    /// Behind the scalar at `at`, be it a string, a number, a boolean or null. Containers are broken here.
    ///
    /// # Safety
    /// As the crate's page says.
    #[inline(always)]
    pub unsafe fn scalar(&mut self, cursor: &mut Cursor, at: *const u8) -> Result<*const u8, Broken> {
        unsafe {
            let first = *at;
            if first == b'"' {
                return Ok(self.string(cursor, at)?.add(1));
            }
            if first.is_ascii_digit() || first == b'-' {
                return number::end(at).map_err(|at| self.broken(at));
            }
            let four = word(at);
            if four == u32::from_le_bytes(*b"true") || four == u32::from_le_bytes(*b"null") {
                return Ok(at.add(4));
            }
            if four == u32::from_le_bytes(*b"fals") && *at.add(4) == b'e' {
                return Ok(at.add(5));
            }
            Err(self.broken(at))
        }
    }

    /// From the opening quote of a member's key at `at` to its value: where the key ends (its closing quote), where the
    /// value begins.
    ///
    /// # Safety
    /// As the crate's page says. White space is flattened with `FLAT`.
    #[inline(always)]
    pub unsafe fn member<const FLAT: bool>(
        &mut self,
        cursor: &mut Cursor,
        at: *const u8,
    ) -> Result<(*const u8, *const u8), Broken> {
        unsafe {
            if *at != b'"' {
                return Err(self.broken(at));
            }
            let quote = self.string(cursor, at)?;
            Ok((quote, self.colon::<FLAT>(cursor, quote)?))
        }
    }

    /// From a key's closing quote to its value.
    ///
    /// # Safety
    /// As `member`.
    #[inline(always)]
    pub unsafe fn colon<const FLAT: bool>(
        &mut self,
        cursor: &mut Cursor,
        quote: *const u8,
    ) -> Result<*const u8, Broken> {
        unsafe {
            let mut at = quote.add(1);
            if *at != b':' {
                at = self.white::<FLAT>(cursor, at);
                if *at != b':' {
                    return Err(self.broken(at));
                }
            }
            Ok(self.white::<FLAT>(cursor, at.add(1)))
        }
    }

    /// Behind the white space at `at`; there may be none.
    ///
    /// # Safety
    /// As the crate's page says; with `FLAT` its line ends become spaces.
    #[inline(always)]
    pub unsafe fn white<const FLAT: bool>(&mut self, cursor: &mut Cursor, at: *const u8) -> *const u8 {
        unsafe {
            if *at > b' ' {
                return at;
            }
            let next = at.add((*at == b' ') as usize);
            if *next > b' ' {
                return next;
            }
            let next = self.white_on::<FLAT>(next);
            *cursor = self.cursor;
            next
        }
    }

    #[inline(never)]
    unsafe fn white_on<const FLAT: bool>(&mut self, mut at: *const u8) -> *const u8 {
        unsafe {
            loop {
                let block = load(at);
                let found = not_white(block);
                let count = (found | 0x10000).trailing_zeros();
                if FLAT {
                    flatten(at.cast_mut(), block, count);
                }
                at = at.add(count as usize);
                if found != 0 {
                    self.cursor = self.stops.from(at);
                    return at;
                }
            }
        }
    }

    /// Behind the value at `at`, whatever it is, checked whole. `depth` containers are open around it. With `FLAT` line
    /// ends between its tokens become spaces. Takes `self.cursor` and leaves it behind the value.
    ///
    /// # Safety
    /// As the crate's page says; with `FLAT` the text can be written to.
    #[inline(never)]
    pub unsafe fn value<const FLAT: bool>(&mut self, mut at: *const u8, depth: usize) -> Result<*const u8, Broken> {
        let outside = depth;
        let mut depth = depth;
        let mut object = false;
        let mut cursor = self.cursor;
        unsafe {
            'value: loop {
                let open = *at;
                if open | 0x20 == b'{' {
                    if depth == DEPTH {
                        return Err(self.too_deep(at));
                    }
                    let first = self.white::<FLAT>(&mut cursor, at.add(1));
                    if *first == open + 2 {
                        at = first.add(1);
                    } else {
                        *self.objects.get_unchecked_mut(depth) = object;
                        depth += 1;
                        object = open == b'{';
                        at = if object { self.member::<FLAT>(&mut cursor, first)?.1 } else { first };
                        continue 'value;
                    }
                } else {
                    at = self.scalar(&mut cursor, at)?;
                }
                while depth > outside {
                    at = self.white::<FLAT>(&mut cursor, at);
                    if *at == b',' {
                        at = self.white::<FLAT>(&mut cursor, at.add(1));
                        if object {
                            at = self.member::<FLAT>(&mut cursor, at)?.1;
                        }
                        continue 'value;
                    }
                    if *at != closing(object) {
                        return Err(self.broken(at));
                    }
                    at = at.add(1);
                    depth -= 1;
                    object = *self.objects.get_unchecked(depth);
                }
                self.cursor = cursor;
                return Ok(at);
            }
        }
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

/// The byte that closes an object, or an array.
#[inline(always)]
pub const fn closing(object: bool) -> u8 {
    if object { b'}' } else { b']' }
}

#[inline(always)]
unsafe fn word(at: *const u8) -> u32 {
    unsafe { at.cast::<u32>().read_unaligned() }
}
