//! Data in the binary encoding, read as their schema says, without recursion, and written as JSON.

use alloc::vec::Vec;

use maskgate_avro::{Binary, Id, Node};
use maskgate_convert::{Nonfinite, Reader, Writer};
use maskgate_guest::{Full, Refusal};

use crate::plan::Plan;
use crate::scalar;
use crate::varint::{Block, block, bytes, int, long};

/// Items of a message that take no bytes, at most: nothing else bounds a count of them.
const EMPTY: u64 = 1 << 16;

pub struct Settings {
    pub binary: Binary,
    pub nonfinite: Nonfinite,
    /// Whether a union's value is an object with the name of its branch.
    pub tagged: bool,
}

/// Something that is open, a container of the JSON text too.
enum Level {
    /// A record, and the number of its next field.
    Record(Id, usize),
    /// An array or a map of this node, and items that are left in its block.
    Items { inner: Id, map: bool, left: u64, end: Option<usize> },
    /// A union's value.
    Tagged,
}

/// Reads data; its memory is used again.
pub struct Data {
    pub settings: Settings,
    pub writer: Writer,
    levels: Vec<Level>,
    /// Items of this message that take no bytes.
    empty: u64,
    /// Numbers that aren't finite, in this batch.
    pub replaced: u64,
}

impl Data {
    pub fn new(settings: Settings) -> Self {
        Self { settings, writer: Writer::default(), levels: Vec::new(), empty: 0, replaced: 0 }
    }

    /// Begins a message.
    pub fn begin(&mut self) {
        self.writer.begin();
        self.levels.clear();
        self.empty = 0;
    }

    /// Counts items of a node against the bytes that are left for them, or against the limit of those that take none.
    pub fn expect(&mut self, items: u64, of: Id, at: usize, left: usize, plan: &Plan) -> Result<(), Refusal> {
        if plan.schema.takes_nothing(of) {
            self.empty = self.empty.saturating_add(items);
            return if self.empty > EMPTY { Err(Refusal::at("too_many_items", at)) } else { Ok(()) };
        }
        if items > left as u64 { Err(Refusal::at("truncated", at)) } else { Ok(()) }
    }

    /// Reads a datum and writes it as a JSON text.
    pub fn read(&mut self, plan: &Plan, reader: &mut Reader) -> Result<(), Refusal> {
        self.value(0, plan, reader)?;
        while let Some(level) = self.levels.last_mut() {
            match level {
                &mut Level::Record(id, next) => self.fields(id, next, plan, reader)?,
                Level::Items { left: 0, end, .. } => {
                    if end.is_some_and(|end| end != reader.at()) {
                        return Err(Refusal::at("invalid_avro", reader.at()));
                    }
                    self.next_block(plan, reader)?;
                }
                Level::Items { inner, map, left, .. } => {
                    *left -= 1;
                    let inner = *inner;
                    if *map {
                        let at = reader.at();
                        let key = bytes(reader)?;
                        self.writer.key(key, at, reader.at() - key.len())?;
                    }
                    self.value(inner, plan, reader)?;
                }
                Level::Tagged => self.close()?,
            }
        }
        self.writer.end()
    }

    fn close(&mut self) -> Result<(), Refusal> {
        self.levels.pop();
        self.writer.close()
    }

    fn open(&mut self, level: Level) -> Result<(), Refusal> {
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(level);
        Ok(())
    }

    /// The fields of the record that was opened last, up to one that opens something.
    #[inline(always)]
    fn fields(&mut self, id: Id, mut next: usize, plan: &Plan, reader: &mut Reader) -> Result<(), Refusal> {
        let Node::Record(record) = plan.schema.node(id) else { return self.close() };
        let (depth, keys) = (self.levels.len(), &plan.keys[id]);
        while let (Some(field), Some(key)) = (record.fields.get(next), keys.get(next)) {
            next += 1;
            self.writer.literal(key.as_bytes())?;
            self.value(field.node, plan, reader)?;
            if self.levels.len() > depth {
                self.levels[depth - 1] = Level::Record(id, next);
                return Ok(());
            }
        }
        self.close()
    }

    fn next_block(&mut self, plan: &Plan, reader: &mut Reader) -> Result<(), Refusal> {
        let at = reader.at();
        let found = block(reader)?;
        let Some(Level::Items { inner, map, left, end }) = self.levels.last_mut() else { return Ok(()) };
        let Some(Block { items, end: until }) = found else { return self.close() };
        (*left, *end) = (items, until);
        if *map {
            // A key takes a byte.
            return if items > reader.left() as u64 { Err(Refusal::at("truncated", at)) } else { Ok(()) };
        }
        let inner = *inner;
        self.expect(items, inner, at, reader.left(), plan)
    }

    /// A value whole, or the beginning of one that opens something.
    #[inline(always)]
    fn value(&mut self, mut id: Id, plan: &Plan, reader: &mut Reader) -> Result<(), Refusal> {
        if let Node::Union(branches) = plan.schema.node(id) {
            let at = reader.at();
            let branch = usize::try_from(long(reader)?).ok().and_then(|number| branches.get(number));
            id = *branch.ok_or_else(|| Refusal::at("unknown_branch", at))?;
            if self.settings.tagged && !matches!(plan.schema.node(id), Node::Null) {
                self.writer.object(at)?;
                self.open(Level::Tagged)?;
                self.writer.key(plan.schema.label(id).as_bytes(), at, at)?;
            }
        }
        let (at, writer) = (reader.at(), &mut self.writer);
        match plan.schema.node(id) {
            Node::Null | Node::Union(_) => writer.literal(b"null"),
            Node::Boolean => match reader.byte()? {
                0 => writer.literal(b"false"),
                1 => writer.literal(b"true"),
                _ => Err(Refusal::at("invalid_avro", at)),
            },
            Node::Int(logical) => scalar::integer(i64::from(int(reader)?), *logical, at, writer),
            Node::Long(logical) => scalar::integer(long(reader)?, *logical, at, writer),
            Node::Float => self.single(f32::from_le_bytes(reader.array()?), at),
            Node::Double => {
                let number = f64::from_le_bytes(reader.array()?);
                self.settings.nonfinite.write(number, at, writer, &mut self.replaced)
            }
            Node::Bytes(logical) => scalar::bytes(bytes(reader)?, *logical, self.settings.binary, at, writer),
            Node::String => {
                let text = bytes(reader)?;
                writer.text(text, reader.at() - text.len())
            }
            Node::Fixed(fixed) => {
                let content = reader.take(fixed.size as u64)?;
                scalar::bytes(content, fixed.logical, self.settings.binary, at, writer)
            }
            Node::Enum(symbols) => {
                let symbol = usize::try_from(int(reader)?).ok().and_then(|number| symbols.symbols.get(number));
                let symbol = symbol.ok_or_else(|| Refusal::at("unknown_symbol", at))?;
                writer.text(symbol.as_bytes(), at)
            }
            Node::Record(_) => {
                writer.object(at)?;
                self.open(Level::Record(id, 0))
            }
            &Node::Array(inner) => {
                writer.array(at)?;
                self.open(Level::Items { inner, map: false, left: 0, end: None })
            }
            &Node::Map(inner) => {
                writer.object(at)?;
                self.open(Level::Items { inner, map: true, left: 0, end: None })
            }
        }
    }

    /// By the shortest digits that mean the same float of 32 bits.
    fn single(&mut self, value: f32, at: usize) -> Result<(), Refusal> {
        if !value.is_finite() {
            return self.settings.nonfinite.write(f64::from(value), at, &mut self.writer, &mut self.replaced);
        }
        self.writer.value(|json| {
            json.try_reserve(32).map_err(|_| Full)?;
            json.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
            Ok(())
        })
    }
}
