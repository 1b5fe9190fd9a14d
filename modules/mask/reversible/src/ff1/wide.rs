//! Strings whose halves don't fit into 96 bits. The halves are limbs; a round's CBC-MAC reads several blocks, and what
//! it draws is several blocks too.

use alloc::vec;
use alloc::vec::Vec;

use super::limbs::{self, Modulus};
use super::{Mac, ROUNDS, Turn};
use crate::block::ABREAST;

/// What depends on a string's length alone, and room for its halves.
pub struct Wide {
    length: usize,
    /// The state of the CBC-MAC before `q`.
    state: u128,
    /// The blocks that a round changes: the end of the tweak and zeros, the round's number, the other half.
    q: Vec<u8>,
    /// Where the round's number stands in `q`.
    round_at: usize,
    /// The radix to the power of the halves' lengths.
    moduli: [Modulus; 2],
    chunk: Chunk,
    a: Vec<u32>,
    b: Vec<u32>,
    /// The number that a round draws (the standard's y) and a zero.
    drawn: Vec<u32>,
}

/// As many numerals as fit into a limb.
struct Chunk {
    radix: u32,
    numerals: usize,
    /// The radix to the power of `numerals`.
    power: u32,
}

impl Wide {
    /// `length`: such that the radix to the power of half of it is above 2^32.
    pub fn new(mac: &Mac, length: usize) -> Self {
        let u = length / 2;
        let [first, second] = [u, length - u].map(|numerals| limbs::power(mac.radix, numerals));
        let used = 32 * second.len() - second.last().map_or(0, |limb| limb.leading_zeros() as usize);
        let bits = if mac.radix.is_power_of_two() { used - 1 } else { used }; // of the largest half
        let bytes = bits.div_ceil(8);
        let (state, mut q) = mac.begin(length, bytes);
        let round_at = q.len();
        q.resize(round_at + 1 + bytes, 0);
        let size = second.len();
        Self {
            length,
            state,
            q,
            round_at,
            moduli: [first, second].map(Modulus::new),
            chunk: Chunk::new(mac.radix),
            a: vec![0; size],
            b: vec![0; size],
            drawn: vec![0; bytes.div_ceil(4) + 2],
        }
    }

    pub fn length(&self) -> usize {
        self.length
    }

    /// `numerals`: of the length that this was made for, each below the radix.
    pub fn turn(&mut self, mac: &Mac, numerals: &mut [u16], turn: Turn) {
        let (first, second) = numerals.split_at_mut(self.length / 2);
        self.chunk.read(first, &mut self.a);
        self.chunk.read(second, &mut self.b);
        match turn {
            Turn::Encrypt => {
                for round in 0..ROUNDS {
                    let modulus = self.draw(mac, round, turn);
                    self.moduli[modulus].add(&mut self.a, &self.drawn);
                    core::mem::swap(&mut self.a, &mut self.b);
                }
            }
            Turn::Decrypt => {
                for round in (0..ROUNDS).rev() {
                    let modulus = self.draw(mac, round, turn);
                    self.moduli[modulus].subtract(&mut self.b, &self.drawn);
                    core::mem::swap(&mut self.a, &mut self.b);
                }
            }
        }
        self.chunk.write(&mut self.a, first);
        self.chunk.write(&mut self.b, second);
    }

    /// Puts into `drawn` the number that a round draws from a half, modulo the modulus of the other, whose index is
    /// returned.
    fn draw(&mut self, mac: &Mac, round: u32, turn: Turn) -> usize {
        let half = if turn == Turn::Encrypt { &self.b } else { &self.a };
        self.q[self.round_at] = round as u8;
        let bytes = half.iter().flat_map(|limb| limb.to_le_bytes());
        self.q[self.round_at + 1..].iter_mut().rev().zip(bytes).for_each(|(to, byte)| *to = byte);
        let first = mac.cipher.chain(self.state, &self.q);

        let Some((zero, places)) = self.drawn.split_last_mut() else { return 0 };
        *zero = 0;
        let mut places = places.iter_mut().rev(); // the most significant first, as in the blocks
        put(first, &mut places);
        let mut number = 1;
        while places.len() > 0 {
            let blocks = core::array::from_fn::<_, ABREAST, _>(|i| first ^ (number + i as u128));
            mac.cipher.encipher_abreast(blocks).into_iter().for_each(|block| put(block, &mut places));
            number += ABREAST as u128;
        }
        let modulus = round as usize % 2;
        self.moduli[modulus].reduce(&mut self.drawn);
        modulus
    }
}

/// The limbs of a block, as far as there are places.
fn put<'a>(block: u128, places: &mut impl Iterator<Item = &'a mut u32>) {
    (0..4).rev().zip(places).for_each(|(limb, place)| *place = (block >> (32 * limb)) as u32);
}

impl Chunk {
    fn new(radix: u32) -> Self {
        let numerals = u32::MAX.ilog(radix);
        Self { radix, numerals: numerals as usize, power: radix.pow(numerals) }
    }

    /// The number that numerals are, the most significant first.
    fn read(&self, numerals: &[u16], number: &mut [u32]) {
        let horner = |numerals: &[u16]| numerals.iter().fold(0, |number, n| number * self.radix + u32::from(*n));
        let (head, chunks) = numerals.split_at(numerals.len() % self.numerals);
        number.fill(0);
        number[0] = horner(head);
        let mut used = 1;
        for chunk in chunks.chunks_exact(self.numerals) {
            let carry = limbs::multiply_add(&mut number[..used], self.power, horner(chunk));
            if carry > 0 {
                number[used] = carry;
                used += 1;
            }
        }
    }

    /// Leaves zero in `number`.
    fn write(&self, number: &mut [u32], numerals: &mut [u16]) {
        let mut used = number.len();
        for chunk in numerals.rchunks_mut(self.numerals) {
            let mut rest = limbs::divide(&mut number[..used], self.power);
            while used > 0 && number[used - 1] == 0 {
                used -= 1;
            }
            for numeral in chunk.iter_mut().rev() {
                *numeral = (rest % self.radix) as u16;
                rest /= self.radix;
            }
        }
    }
}
