//! Object container files: a header with the schema of all records, then blocks of them.

use alloc::vec::Vec;
use core::hint::black_box;

use maskgate_avro::{fingerprint, parse_text};
use maskgate_convert::{Reader, Writer};
use maskgate_guest::{Full, Refusal};
use maskgate_tape::{Kind, Tape};

use crate::datum::Data;
use crate::inflate::Inflater;
use crate::plan::Plan;
use crate::varint::{Block, block, bytes, long};

/// Bytes of a file's schema at most, and members of each object in it: reading it compares each key with each.
const SCHEMA: usize = 1 << 18;
const MEMBERS: usize = 256;

/// Bytes of memory that reading a schema takes at most, for each of its own and of a thousand besides.
const READING: usize = 64;
const BESIDES: usize = 1024;

/// Bytes that all blocks of a file may have, unpacked.
const UNPACKED: usize = 1 << 26;

/// Codes of refusals that a record in a block may have.
const CODES: [&str; 14] = [
    "duplicate_key",
    "invalid_avro",
    "invalid_decimal",
    "invalid_utf8",
    "not_finite",
    "number_too_long",
    "time_out_of_range",
    "too_deep",
    "too_large",
    "too_many_items",
    "trailing_bytes",
    "truncated",
    "unknown_branch",
    "unknown_symbol",
];

/// Reads files; the schema of the one before is kept, as most have the same.
pub struct Container {
    logical: bool,
    /// The fingerprint that a file's schema must have.
    wanted: Option<u64>,
    tape: Tape,
    text: Vec<u8>,
    plan: Option<Plan>,
    inflater: Inflater,
}

impl Container {
    pub fn new(logical: bool, wanted: Option<u64>) -> Self {
        Self { logical, wanted, tape: Tape::new(), text: Vec::new(), plan: None, inflater: Inflater::new() }
    }

    pub fn read(&mut self, file: &[u8], data: &mut Data) -> Result<(), Refusal> {
        let mut reader = Reader::new(file);
        let magic = reader.take(4).map_err(|_| Refusal::at("wrong_header", 0))?;
        if magic != b"Obj\x01" {
            return Err(Refusal::at("wrong_header", 0));
        }
        let packed = self.header(&mut reader, data)?;
        let Some(plan) = &self.plan else { return Err(Refusal::at("invalid_schema", 4)) };
        let sync: [u8; 16] = reader.array()?;
        let mut budget = UNPACKED;
        while !reader.is_at_end() {
            let at = reader.at();
            let records = u64::try_from(long(&mut reader)?).map_err(|_| Refusal::at("invalid_container", at))?;
            let block = bytes(&mut reader)?;
            let (start, end) = (reader.at() - block.len(), reader.at());
            if packed {
                let unpacked = self.inflater.inflate(block, budget).map_err(|wrong| wrong.at(start))?;
                budget -= unpacked.len();
                let mut inner = Reader::new(unpacked);
                read_block(records, plan, &mut inner, data).map_err(|refusal| moved(refusal, start))?;
            } else {
                let mut inner = Reader::new(&file[..end]);
                inner.take(start as u64)?;
                read_block(records, plan, &mut inner, data)?;
            }
            let at = reader.at();
            if reader.array::<16>()? != sync {
                return Err(Refusal::at("invalid_container", at));
            }
        }
        Ok(())
    }

    /// Reads the metadata, and its schema into `plan`. Whether blocks are packed.
    fn header(&mut self, reader: &mut Reader, data: &mut Data) -> Result<bool, Refusal> {
        let (mut schema, mut codec) = (None, None);
        while let Some(Block { items, end }) = block(reader)? {
            for _ in 0..items {
                let at = reader.at();
                let key = bytes(reader)?;
                let value = bytes(reader)?;
                let value = (value, reader.at() - value.len());
                let twice = match key {
                    b"avro.schema" => schema.replace(value).is_some(),
                    b"avro.codec" => codec.replace(value).is_some(),
                    _ => false,
                };
                if twice {
                    return Err(Refusal::at("duplicate_key", at));
                }
            }
            if end.is_some_and(|end| end != reader.at()) {
                return Err(Refusal::at("invalid_avro", reader.at()));
            }
        }
        let (text, at) = schema.ok_or_else(|| Refusal::at("invalid_schema", 4))?;
        self.schema(text, at, data)?;
        match codec {
            None | Some((b"null", _)) => Ok(false),
            Some((b"deflate", _)) => Ok(true),
            Some((_, at)) => Err(Refusal::at("unknown_codec", at)),
        }
    }

    fn schema(&mut self, text: &[u8], at: usize, data: &mut Data) -> Result<(), Refusal> {
        if self.plan.is_some() && self.text == text {
            return Ok(());
        }
        self.plan = None;
        let wrong = || Refusal::at("invalid_schema", at);
        let room = &mut Vec::new();
        if text.len() > SCHEMA {
            return Err(wrong());
        }
        if core::str::from_utf8(text).is_err() {
            return Err(wrong());
        }
        let needed = READING * (text.len() + BESIDES);
        if !is_there(needed) {
            // A message before this one may hold it.
            self.inflater.release();
            data.writer = Writer::default();
            if !is_there(needed) {
                return Err(Full.into());
            }
        }
        if let Ok(values) = self.tape.text(text, room) {
            let large = |value: usize| values.kind(value) == Kind::Object && values.count(value) > MEMBERS;
            if (0..values.len()).any(large) {
                return Err(wrong());
            }
        }
        let schema = core::str::from_utf8(text).ok().and_then(|text| parse_text(text, self.logical).ok());
        let schema = schema.ok_or_else(wrong)?;
        if self.wanted.is_some_and(|wanted| wanted != fingerprint(&schema)) {
            return Err(Refusal::at("wrong_schema", at));
        }
        self.text.clear();
        self.text.try_reserve(text.len()).map_err(|_| Full)?;
        self.text.extend_from_slice(text);
        self.plan = Some(Plan::new(schema));
        Ok(())
    }
}

/// Whether there is memory for so many bytes. What reads a schema can't say that there is none, and would trap.
fn is_there(bytes: usize) -> bool {
    let mut room = Vec::<u8>::new();
    let found = room.try_reserve_exact(bytes).is_ok();
    black_box(&room);
    found
}

fn read_block(records: u64, plan: &Plan, reader: &mut Reader, data: &mut Data) -> Result<(), Refusal> {
    data.expect(records, 0, reader.at(), reader.left(), plan)?;
    for _ in 0..records {
        data.read(plan, reader)?;
    }
    if reader.is_at_end() { Ok(()) } else { Err(Refusal::at("trailing_bytes", reader.at())) }
}

/// A refusal of what was packed: its offset is no place in the message, and so the block's stands for it.
fn moved(refusal: Refusal, at: usize) -> Refusal {
    let reason = refusal.reason();
    let code = reason.split(' ').next().unwrap_or_default();
    CODES.iter().find(|known| **known == code).map_or(refusal, |code| Refusal::at(code, at))
}
