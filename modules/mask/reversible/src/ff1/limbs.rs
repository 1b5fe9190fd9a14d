//! Whole numbers as limbs of 32 bits, the least significant first, in slices of a length that the caller chose: what is
//! beyond a number's own limbs is zero.

use alloc::vec::Vec;

/// `number = number * factor + more`; what doesn't fit is returned.
pub fn multiply_add(number: &mut [u32], factor: u32, more: u32) -> u32 {
    number.iter_mut().fold(more, |carry, limb| {
        let wide = u64::from(*limb) * u64::from(factor) + u64::from(carry);
        *limb = wide as u32;
        (wide >> 32) as u32
    })
}

/// `number = number / divisor`; the remainder is returned.
pub fn divide(number: &mut [u32], divisor: u32) -> u32 {
    number.iter_mut().rev().fold(0, |rest, limb| {
        let wide = u64::from(rest) << 32 | u64::from(*limb);
        *limb = (wide / u64::from(divisor)) as u32;
        (wide % u64::from(divisor)) as u32
    })
}

/// `base` to the power of `exponent`, without a zero limb at its end.
pub fn power(base: u32, exponent: usize) -> Vec<u32> {
    let at_once = u32::MAX.ilog(base) as usize;
    let mut power = alloc::vec![1];
    for factors in (0..exponent).step_by(at_once).map(|done| at_once.min(exponent - done)) {
        let carry = multiply_add(&mut power, base.pow(factors as u32), 0);
        if carry > 0 {
            power.push(carry);
        }
    }
    power
}

/// A number above 2^32 that others are taken modulo.
pub struct Modulus {
    limbs: Vec<u32>,
    /// The same with as many bits shifted in that the last limb's highest is set (Knuth, volume 2, 4.3.1, algorithm D).
    shifted: Vec<u32>,
    shift: u32,
}

impl Modulus {
    /// `limbs`: two or more, the last not zero.
    pub fn new(limbs: Vec<u32>) -> Self {
        let shift = limbs.last().map_or(0, |limb| limb.leading_zeros());
        let mut shifted = limbs.clone();
        shift_left(&mut shifted, shift);
        Self { limbs, shifted, shift }
    }

    /// `number = number mod this`. The last limb of `number` is zero, and it has more limbs than this.
    pub fn reduce(&self, number: &mut [u32]) {
        let size = self.shifted.len();
        shift_left(number, self.shift);
        let [.., second, first] = self.shifted[..] else { return };
        let (first, second) = (u64::from(first), u64::from(second));
        for at in (0..number.len() - size).rev() {
            let part = &mut number[at..=at + size];
            let highest = u64::from(part[size]) << 32 | u64::from(part[size - 1]);
            let (mut quotient, mut rest) = (highest / first, highest % first);
            while quotient > u64::from(u32::MAX) || quotient * second > rest << 32 | u64::from(part[size - 2]) {
                quotient -= 1;
                rest += first;
                if rest > u64::from(u32::MAX) {
                    break;
                }
            }
            if subtract_times(part, &self.shifted, quotient as u32) {
                add(part, &self.shifted);
            }
        }
        shift_right(number, self.shift);
    }

    /// `a = (a + b) mod this`, of numbers below this; both have at least this one's limbs.
    pub fn add(&self, a: &mut [u32], b: &[u32]) {
        let size = self.limbs.len();
        let over = add(&mut a[..size], &b[..size]);
        if over || !below(&a[..size], &self.limbs) {
            subtract(&mut a[..size], &self.limbs);
        }
    }

    /// `a = (a - b) mod this`, likewise.
    pub fn subtract(&self, a: &mut [u32], b: &[u32]) {
        let size = self.limbs.len();
        if subtract(&mut a[..size], &b[..size]) {
            add(&mut a[..size], &self.limbs);
        }
    }
}

fn below(a: &[u32], b: &[u32]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a += b`, whose last limb is followed by zeros if it has fewer; whether it overflowed.
fn add(a: &mut [u32], b: &[u32]) -> bool {
    let mut carry = false;
    for (i, limb) in a.iter_mut().enumerate() {
        let (sum, over) = limb.overflowing_add(b.get(i).copied().unwrap_or(0));
        let (sum, more) = sum.overflowing_add(u32::from(carry));
        (*limb, carry) = (sum, over | more);
    }
    carry
}

/// `a -= b`; whether it went below zero.
fn subtract(a: &mut [u32], b: &[u32]) -> bool {
    let mut borrow = false;
    for (limb, less) in a.iter_mut().zip(b) {
        let (rest, under) = limb.overflowing_sub(*less);
        let (rest, more) = rest.overflowing_sub(u32::from(borrow));
        (*limb, borrow) = (rest, under | more);
    }
    borrow
}

/// `a -= b * factor`, where `a` has one limb more; whether it went below zero.
fn subtract_times(a: &mut [u32], b: &[u32], factor: u32) -> bool {
    let mut carry = 0_u64;
    for (limb, less) in a.iter_mut().zip(b) {
        carry += u64::from(*less) * u64::from(factor);
        let (rest, under) = limb.overflowing_sub(carry as u32);
        *limb = rest;
        carry = (carry >> 32) + u64::from(under);
    }
    let Some(last) = a.last_mut() else { return false };
    let (rest, under) = last.overflowing_sub(carry as u32);
    *last = rest;
    under
}

/// `shift`: below 32.
fn shift_left(number: &mut [u32], shift: u32) {
    number.iter_mut().fold(0, |carry, limb| {
        let wide = u64::from(*limb) << shift;
        *limb = wide as u32 | carry;
        (wide >> 32) as u32
    });
}

/// `shift`: below 32.
fn shift_right(number: &mut [u32], shift: u32) {
    number.iter_mut().rev().fold(0, |carry, limb| {
        let wide = (u64::from(*limb) << 32) >> shift;
        *limb = (wide >> 32) as u32 | carry;
        wide as u32
    });
}
