//! Keys that are IP prefixes: the longest that an address is in.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr};

/// Of an address for which there is no row.
const NONE: u32 = u32::MAX;

/// A prefix of IPv4 or IPv6, as numbers: its first address, how many bits it has, its row.
pub enum Entry {
    V4(u32, u32, u32),
    V6(u128, u32, u32),
}

impl Entry {
    /// Reads `ADDRESS` or `ADDRESS/BITS`. The error says what is wrong.
    pub fn read(text: &str, row: u32) -> Result<Self, &'static str> {
        const WRONG: &str = "has a key that is no IP address and no IP prefix";
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| WRONG)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let fits = |bits: &&str| {
            bits.bytes().all(|digit| digit.is_ascii_digit()) && (bits.len() == 1 || !bits.starts_with('0'))
        };
        let bits = match bits {
            Some(bits) => Some(bits).filter(fits).and_then(|bits| bits.parse().ok()).filter(|bits| *bits <= most),
            None => Some(most),
        };
        let bits = bits.ok_or(WRONG)?;
        let (entry, beyond) = match address {
            IpAddr::V4(address) => {
                let first = address.to_bits();
                (Self::V4(first, bits, row), u128::from(first & u32::MAX.checked_shr(bits).unwrap_or(0)))
            }
            IpAddr::V6(address) => {
                let first = address.to_bits();
                (Self::V6(first, bits, row), first & u128::MAX.checked_shr(bits).unwrap_or(0))
            }
        };
        if beyond == 0 { Ok(entry) } else { Err("has a prefix with bits set beyond its length") }
    }
}

/// From each address on, up to the next: its row, or NONE.
type Ranges<T> = Vec<(T, u32)>;

pub struct Ips {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Ips {
    /// The error is the row of a prefix that is there twice.
    pub fn new(entries: Vec<Entry>) -> Result<Self, u32> {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::V4(first, bits, row) => v4.push((first, first | u32::MAX.checked_shr(bits).unwrap_or(0), row)),
                Entry::V6(first, bits, row) => v6.push((first, first | u128::MAX.checked_shr(bits).unwrap_or(0), row)),
            }
        }
        Ok(Self {
            v4: ranges(v4, |address| address.checked_add(1))?,
            v6: ranges(v6, |address| address.checked_add(1))?,
        })
    }

    /// The row of the longest prefix that an address is in. An IPv4 address may be written as IPv6 has it (::ffff:1.2.3.4).
    pub fn row(&self, text: &[u8]) -> Option<u32> {
        let address: IpAddr = core::str::from_utf8(text).ok()?.parse().ok()?;
        match address {
            IpAddr::V4(address) => at(&self.v4, address.to_bits()),
            IpAddr::V6(address) => match Ipv6Addr::to_ipv4_mapped(&address) {
                Some(address) => at(&self.v4, address.to_bits()),
                None => at(&self.v6, address.to_bits()),
            },
        }
    }
}

fn at<T: Ord + Copy>(ranges: &Ranges<T>, address: T) -> Option<u32> {
    let behind = ranges.partition_point(|range| range.0 <= address);
    Some(ranges[behind.checked_sub(1)?].1).filter(|&row| row != NONE)
}

/// Prefixes lie within one another or apart. `prefixes`: first address, last address, row.
fn ranges<T: Ord + Copy>(mut prefixes: Vec<(T, T, u32)>, next: fn(T) -> Option<T>) -> Result<Ranges<T>, u32> {
    prefixes.sort_unstable_by(|one, other| (one.0, other.1, one.2).cmp(&(other.0, one.1, other.2)));
    if let Some(pair) = prefixes.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1) {
        return Err(pair[1].2);
    }
    let mut ranges: Ranges<T> = Vec::new();
    let mut open: Vec<(T, u32)> = Vec::new(); // last address and row of the prefixes that the place is in
    let begin = |ranges: &mut Ranges<T>, address: T, row: u32| match ranges.last_mut() {
        Some(last) if last.0 == address => last.1 = row,
        _ => ranges.push((address, row)),
    };
    let close = |ranges: &mut Ranges<T>, open: &mut Vec<(T, u32)>, last: T| {
        open.pop();
        if let Some(address) = next(last) {
            begin(ranges, address, open.last().map_or(NONE, |&(_, row)| row));
        }
    };
    for (first, last, row) in prefixes {
        while let Some(&(end, _)) = open.last().filter(|&&(end, _)| end < first) {
            close(&mut ranges, &mut open, end);
        }
        begin(&mut ranges, first, row);
        open.push((last, row));
    }
    while let Some(&(end, _)) = open.last() {
        close(&mut ranges, &mut open, end);
    }
    Ok(ranges)
}
