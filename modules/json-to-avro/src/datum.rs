//! A message written as the schema says, without recursion.

use alloc::vec::Vec;

use maskgate_avro::{Binary, Id, Logical, Node, Schema, varint};
use maskgate_guest::{Full, Refusal};
use maskgate_tape::{Kind, Values};

use crate::union::Choice;
use crate::{number, scalar};

/// No member.
const NONE: u32 = u32::MAX;

pub struct Settings {
    /// Whether a union's value is an object with the name of its branch.
    pub tagged: bool,
    /// Whether members that the schema doesn't have are left out.
    pub drops: bool,
    /// Whether a number that a float can't hold becomes the nearest one.
    pub nearest: bool,
    pub binary: Binary,
}

/// What was done, for the report.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub dropped: u64,
    pub inexact: u64,
}

/// A container that is being written.
pub(crate) enum Level {
    /// A record's next field. The members for its fields are in `Data::members`, from `first` on.
    Record { id: Id, value: usize, first: usize, field: usize },
    /// Items of an array, or members of a map, from `at` to `end`.
    Items { inner: Id, map: bool, at: usize, end: usize },
}

/// Writes messages; its memory is used again.
pub struct Data {
    pub(crate) schema: Schema,
    pub(crate) settings: Settings,
    pub(crate) out: Vec<u8>,
    pub(crate) levels: Vec<Level>,
    /// By field of the records that are open: the number of its member, or NONE.
    pub(crate) members: Vec<u32>,
    pub(crate) choices: Vec<Choice>,
    /// What was done for values in branches that were tried, about in bytes.
    pub(crate) steps: u64,
    /// Of that, what was done in branches that didn't take their value.
    pub(crate) wasted: u64,
    /// Of this message, then of this batch.
    pub(crate) counts: Counts,
    pub counted: Counts,
    decoded: Vec<u8>,
    room: Vec<u8>,
}

impl Data {
    pub fn new(schema: Schema, settings: Settings) -> Self {
        Self {
            schema,
            settings,
            out: Vec::new(),
            levels: Vec::new(),
            members: Vec::new(),
            choices: Vec::new(),
            steps: 0,
            wasted: 0,
            counts: Counts::default(),
            counted: Counts::default(),
            decoded: Vec::new(),
            room: Vec::new(),
        }
    }

    /// The datum of a message.
    pub fn write(&mut self, values: &Values) -> Result<&[u8], Refusal> {
        self.out.clear();
        self.levels.clear();
        self.members.clear();
        self.choices.clear();
        (self.steps, self.wasted, self.counts) = (0, 0, Counts::default());
        let mut done = self.value(0, 0, values);
        loop {
            if let Err(refusal) = done {
                self.retry(refusal, values)?;
            }
            self.settle();
            let Some(level) = self.levels.last_mut() else { break };
            done = match level {
                Level::Record { id, value, first, field } => {
                    let (id, value, at, number) = (*id, *value, *first + *field, *field);
                    *field += 1;
                    self.field(id, number, at, value, values)
                }
                Level::Items { at, end, .. } if at == end => {
                    self.levels.pop();
                    self.put(&[0])
                }
                Level::Items { inner, map, at, .. } => {
                    let (inner, map, item) = (*inner, *map, *at);
                    *at = values.after(item);
                    self.item(inner, map, item, values)
                }
            };
        }
        self.counted.dropped += self.counts.dropped;
        self.counted.inexact += self.counts.inexact;
        Ok(&self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.out.try_reserve(bytes.len()).map_err(|_| Full)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn item(&mut self, inner: Id, map: bool, item: usize, values: &Values) -> Result<(), Refusal> {
        if map {
            scalar::bytes(values.key(item), &mut self.out)?;
        }
        self.value(inner, item, values)
    }

    /// A field of the record that was opened last; behind the last one the record is done.
    fn field(&mut self, id: Id, number: usize, at: usize, value: usize, values: &Values) -> Result<(), Refusal> {
        let Node::Record(record) = self.schema.node(id) else { return Ok(()) };
        let Some(field) = record.fields.get(number) else {
            self.members.truncate(at - number);
            self.levels.pop();
            return Ok(());
        };
        match (self.members[at], &field.default) {
            (NONE, Some(default)) => {
                self.out.try_reserve(default.len()).map_err(|_| Full)?;
                self.out.extend_from_slice(default);
                Ok(())
            }
            (NONE, None) => Err(Refusal::at("missing_field", values.offset(value))),
            (member, _) => {
                let node = field.node;
                self.value(node, member as usize, values)
            }
        }
    }

    /// A scalar whole, a container's beginning.
    pub(crate) fn value(&mut self, id: Id, value: usize, values: &Values) -> Result<(), Refusal> {
        if !self.choices.is_empty() {
            self.steps += work(value, values);
        }
        let (at, out) = (values.offset(value), &mut self.out);
        out.try_reserve(varint::LONGEST).map_err(|_| Full)?;
        match (self.schema.node(id), values.kind(value)) {
            (Node::Union(_), _) => return self.union(id, value, values),
            (Node::Null, Kind::Null) => {}
            (Node::Boolean, Kind::Bool) => out.push(u8::from(values.json(value) == b"true")),
            (Node::Int(Logical::None), Kind::Number) => {
                varint::write(number::integer(values.json(value), at, i32::MIN.into()..=i32::MAX.into())?, out);
            }
            (Node::Long(Logical::None), Kind::Number) => {
                varint::write(number::integer(values.json(value), at, i64::MIN..=i64::MAX)?, out);
            }
            (Node::Int(logical) | Node::Long(logical), Kind::Text) if *logical != Logical::None => {
                varint::write(scalar::time(values.text(value, &mut self.decoded), *logical, at)?, out);
            }
            (Node::Float, Kind::Number) => {
                let (number, exact) = number::single(values.json(value), at)?;
                self.floating(&number.to_le_bytes(), exact, at)?;
            }
            (Node::Double, Kind::Number) => {
                let (number, exact) = number::double(values.json(value), at)?;
                self.floating(&number.to_le_bytes(), exact, at)?;
            }
            (Node::String, Kind::Text) => scalar::bytes(values.text(value, &mut self.decoded), out)?,
            (Node::Enum(symbols), Kind::Text) => {
                let symbol = symbols.symbol(values.text(value, &mut self.decoded));
                varint::write(symbol.ok_or_else(|| Refusal::at("unknown_symbol", at))? as i64, out);
            }
            (Node::Bytes(logical), kind) => {
                self.room.clear();
                let room = &mut self.room;
                match (logical, kind) {
                    (Logical::Decimal { precision, scale }, Kind::Number) => {
                        number::decimal(values.json(value), *precision, *scale, at, room)?;
                    }
                    (Logical::None, Kind::Text) => {
                        scalar::binary(values.text(value, &mut self.decoded), self.settings.binary, at, room)?;
                    }
                    _ => return Err(Refusal::at("wrong_type", at)),
                }
                scalar::bytes(room, out)?;
            }
            (Node::Fixed(fixed), kind) => {
                self.room.clear();
                let room = &mut self.room;
                match (fixed.logical, kind) {
                    (Logical::Decimal { precision, scale }, Kind::Number) => {
                        number::decimal(values.json(value), precision, scale, at, room)?;
                        number::widen(room, fixed.size)?;
                    }
                    (Logical::Duration, Kind::Object) => scalar::duration(values, value, room)?,
                    (Logical::Uuid, Kind::Text) => scalar::uuid(values.text(value, &mut self.decoded), at, room)?,
                    (Logical::None, Kind::Text) => {
                        scalar::binary(values.text(value, &mut self.decoded), self.settings.binary, at, room)?;
                    }
                    _ => return Err(Refusal::at("wrong_type", at)),
                }
                if room.len() != fixed.size {
                    return Err(Refusal::at("wrong_size", at));
                }
                out.try_reserve(room.len()).map_err(|_| Full)?;
                out.extend_from_slice(room);
            }
            (&Node::Array(inner), Kind::Array) => return self.items(inner, false, value, values),
            (&Node::Map(inner), Kind::Object) => return self.items(inner, true, value, values),
            (Node::Record(_), Kind::Object) => return self.record(id, value, values),
            _ => return Err(Refusal::at("wrong_type", at)),
        }
        Ok(())
    }

    fn floating(&mut self, bytes: &[u8], exact: bool, at: usize) -> Result<(), Refusal> {
        if !exact {
            if !self.settings.nearest {
                return Err(Refusal::at("number_not_exact", at));
            }
            self.counts.inexact += 1;
        }
        self.put(bytes)
    }

    /// One block, and the mark that there is no further one.
    fn items(&mut self, inner: Id, map: bool, value: usize, values: &Values) -> Result<(), Refusal> {
        let count = values.count(value);
        if count > 0 {
            varint::write(count as i64, &mut self.out);
        }
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(Level::Items { inner, map, at: value + 1, end: values.after(value) });
        Ok(())
    }

    /// Finds the members for a record's fields. Those most often come in the fields' order.
    fn record(&mut self, id: Id, value: usize, values: &Values) -> Result<(), Refusal> {
        let Node::Record(record) = self.schema.node(id) else { return Ok(()) };
        let (first, count) = (self.members.len(), record.fields.len());
        self.members.try_reserve(count).map_err(|_| Full)?;
        self.members.resize(first + count, NONE);
        let mut guess = 0;
        for member in values.inner(value) {
            let key = values.key(member);
            let next = record.fields.get(guess).filter(|field| field.name.as_bytes() == key);
            match next.map(|_| guess).or_else(|| record.field(key)) {
                Some(field) => {
                    self.members[first + field] = member as u32;
                    guess = field + 1;
                }
                None if self.settings.drops => self.counts.dropped += 1,
                None => return Err(Refusal::at("unknown_member", values.key_offset(member))),
            }
        }
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(Level::Record { id, value, first, field: 0 });
        Ok(())
    }
}

/// What a value is to write, without what is in it: about its bytes, or its members.
fn work(value: usize, values: &Values) -> u64 {
    let more = match values.kind(value) {
        Kind::Array | Kind::Object => values.count(value),
        _ => values.json(value).len(),
    };
    more as u64 + 1
}
