//! An IP address becomes its network.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{Invalid, Value};

/// Bits that stay.
pub struct Network {
    v4: u8,
    v6: u8,
}

/// Characters of the longest address: eight groups, the last two as an IPv4 address.
const LONGEST: usize = 45;

impl Network {
    /// `v4`: 32 at most. `v6`: 128 at most.
    pub fn new(v4: u8, v6: u8) -> Result<Self, Invalid> {
        match (v4, v6) {
            (0..=32, 0..=128) => Ok(Self { v4, v6 }),
            (33.., _) => Err(Invalid { key: "v4", text: "must be 32 at most" }),
            _ => Err(Invalid { key: "v6", text: "must be 128 at most" }),
        }
    }

    /// Reads four decimal numbers without leading zeros, or an IPv6 address as RFC 4291 section 2.2 writes it. With a port, a
    /// zone, brackets or a prefix length it is no address. Writes RFC 5952's form, and the length.
    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let Value::String(text) = value else { return false };
        let Some(text) = Some(text).filter(|text| text.len() <= LONGEST).and_then(|text| str::from_utf8(text).ok())
        else {
            return false;
        };
        let length = if let Ok(address) = text.parse::<Ipv4Addr>() {
            let kept = cut(u128::from(address.to_bits()) << 96, self.v4) >> 96;
            dotted(Ipv4Addr::from_bits(kept as u32), out);
            self.v4
        } else if let Ok(address) = text.parse::<Ipv6Addr>() {
            let length = self.length(address);
            groups(Ipv6Addr::from_bits(cut(address.to_bits(), length)), out);
            length
        } else {
            return false;
        };
        out.push(b'/');
        decimal(length, out);
        true
    }

    /// Of an address that has an IPv4 address in it no more of that stays than of any other: of ::ffff:0:0/96 (mapped, RFC 4291)
    /// as much, of 2002::/16 (6to4, RFC 3056), 64:ff9b::/96 (RFC 6052), 2001::/32 (Teredo, RFC 4380) and ::/96 no more.
    fn length(&self, address: Ipv6Addr) -> u8 {
        match address.segments() {
            [0, 0, 0, 0, 0, 0xffff, ..] => 96 + self.v4,
            [0x2002, ..] => self.v6.min(16 + self.v4),
            [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x2001, 0, ..] | [0, 0, 0, 0, 0, 0, ..] => self.v6.min(96 + self.v4),
            _ => self.v6,
        }
    }
}

/// The first `length` bits; the others become 0.
fn cut(bits: u128, length: u8) -> u128 {
    bits & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

fn dotted(address: Ipv4Addr, out: &mut Vec<u8>) {
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            out.push(b'.');
        }
        decimal(octet, out);
    }
}

fn decimal(number: u8, out: &mut Vec<u8>) {
    let digits = [number / 100, number / 10 % 10, number % 10].map(|digit| b'0' + digit);
    out.extend_from_slice(&digits[usize::from(number < 100) + usize::from(number < 10)..]);
}

/// RFC 5952 section 4: lower case, no leading zeros, `::` for the longest run of two zero groups or more, the first of equals;
/// section 5: a mapped address shows the IPv4 address in it.
fn groups(address: Ipv6Addr, out: &mut Vec<u8>) {
    if let Some(mapped) = address.to_ipv4_mapped() {
        out.extend_from_slice(b"::ffff:");
        return dotted(mapped, out);
    }
    let groups = address.segments();
    let (mut zeros, mut run) = (0..0, 0);
    for (place, &group) in groups.iter().enumerate() {
        run = if group == 0 { run + 1 } else { 0 };
        if run > zeros.len() && run > 1 {
            zeros = place + 1 - run..place + 1;
        }
    }
    if zeros.is_empty() {
        return joined(&groups, out);
    }
    joined(&groups[..zeros.start], out);
    out.extend_from_slice(b"::");
    joined(&groups[zeros.end..], out);
}

fn joined(groups: &[u16], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (place, &group) in groups.iter().enumerate() {
        if place > 0 {
            out.push(b':');
        }
        let digits = [group >> 12, group >> 8, group >> 4, group].map(|digit| DIGITS[usize::from(digit & 15)]);
        let zeros = digits[..3].iter().take_while(|digit| **digit == b'0').count();
        out.extend_from_slice(&digits[zeros..]);
    }
}
