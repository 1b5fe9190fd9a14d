//! The automaton as the walk reads it: nodes that point to each other, a hash table of keys in each.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr;

/// What happens to a value at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays. A container is gone into where `into` says so.
    Keep,
    /// No path matches it, nor anything beneath it.
    Unlisted,
    /// It stays, but for what its rule finds in it.
    Scan,
    /// Its rule's treatment applies to all of it.
    Treat,
}

/// In `Node::rule`: no rule.
pub const NO_RULE: u32 = u32::MAX;

pub struct Node {
    pub verdict: Verdict,
    pub into_object: bool,
    pub into_array: bool,
    /// The rule that decided, also where it keeps the value.
    pub rule: u32,
    /// Bit n: a key of n bytes is listed; bit 63 stands for longer ones too.
    lengths: u64,
    slots: *const Slot,
    mask: u32,
    /// For any key or index that isn't listed.
    pub other: *const Node,
    pub indexes: Vec<(u32, *const Node)>,
    /// What `slots` points to.
    _table: Box<[Slot]>,
    _keys: Vec<Box<[u8]>>,
}

/// A key and its node. One whose `child` is null is free.
#[derive(Clone, Copy)]
struct Slot {
    /// The first eight bytes, zeros behind a shorter key.
    head: u64,
    /// The last eight bytes of a key of more than eight.
    tail: u64,
    len: u32,
    child: *const Node,
    key: *const u8,
}

const FREE: Slot = Slot { head: 0, tail: 0, len: 0, child: ptr::null(), key: ptr::null() };

/// For each length up to 8 the bits of the bytes that belong to a key.
const MASKS: [u64; 9] =
    [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, 0xffff_ffff_ffff, 0xff_ffff_ffff_ffff, u64::MAX];

impl Node {
    pub fn new(verdict: Verdict, rule: u32) -> Self {
        let table: Box<[Slot]> = Box::new([FREE]);
        Self {
            verdict,
            into_object: false,
            into_array: false,
            rule,
            lengths: 0,
            slots: table.as_ptr(),
            mask: 0,
            other: ptr::null(),
            indexes: Vec::new(),
            _table: table,
            _keys: Vec::new(),
        }
    }

    /// Fills the table; `children` has no key twice.
    pub fn set_children(&mut self, children: &[(&str, *const Node)]) {
        let size = (children.len() * 2).next_power_of_two().max(1);
        let mut table = alloc::vec![FREE; size].into_boxed_slice();
        self.mask = size as u32 - 1;
        for &(key, child) in children {
            self.lengths |= 1 << key.len().min(63);
            let mut padded = Vec::from(key.as_bytes());
            padded.resize(key.len().next_multiple_of(16) + 16, 0);
            let padded = padded.into_boxed_slice();
            // SAFETY: eight bytes can be read at the key's start and, if it is longer than eight, before its end.
            let (head, tail) = unsafe { (head(padded.as_ptr(), key.len()), tail(padded.as_ptr(), key.len())) };
            let mut at = hash(head, key.len()) & self.mask;
            while !table[at as usize].child.is_null() {
                at = (at + 1) & self.mask;
            }
            table[at as usize] = Slot { head, tail, len: key.len() as u32, child, key: padded.as_ptr() };
            self._keys.push(padded);
        }
        self.slots = table.as_ptr();
        self._table = table;
    }

    /// The node of the member called `key..key + len`.
    ///
    /// # Safety
    /// Eight bytes can be read at `key`, whatever `len` is; this is a node that is gone into.
    #[inline(always)]
    pub unsafe fn member(&self, key: *const u8, len: usize) -> *const Node {
        if self.lengths >> len.min(63) & 1 == 0 {
            return self.other;
        }
        unsafe {
            let head = head(key, len);
            let mut at = hash(head, len) & self.mask;
            loop {
                let slot = &*self.slots.add(at as usize);
                if slot.child.is_null() {
                    return self.other;
                }
                if slot.head == head && slot.len == len as u32 && (len <= 8 || same(slot, key, len)) {
                    return slot.child;
                }
                at = (at + 1) & self.mask;
            }
        }
    }

    /// The node of an array's item.
    #[inline(always)]
    pub fn item(&self, index: u32) -> *const Node {
        if self.indexes.is_empty() {
            return self.other;
        }
        self.indexes.binary_search_by_key(&index, |entry| entry.0).map_or(self.other, |at| self.indexes[at].1)
    }
}

#[inline(always)]
unsafe fn head(key: *const u8, len: usize) -> u64 {
    unsafe { key.cast::<u64>().read_unaligned() & *MASKS.get_unchecked(len.min(8)) }
}

#[inline(always)]
unsafe fn tail(key: *const u8, len: usize) -> u64 {
    if len > 8 { unsafe { key.add(len - 8).cast::<u64>().read_unaligned() } } else { 0 }
}

/// Whether a key of more than eight bytes, the first of which are right, is the slot's.
#[inline(always)]
unsafe fn same(slot: &Slot, key: *const u8, len: usize) -> bool {
    unsafe {
        slot.tail == tail(key, len)
            && (len <= 16 || core::slice::from_raw_parts(slot.key, len) == core::slice::from_raw_parts(key, len))
    }
}

/// The table is the configuration's alone: no message can make its chains longer.
#[inline(always)]
fn hash(head: u64, len: usize) -> u32 {
    ((head ^ (len as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u32
}
