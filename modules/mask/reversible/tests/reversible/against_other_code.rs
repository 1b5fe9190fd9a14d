//! The same as two crates of others' for random keys, lengths, radices, tweaks and associated data.

use crate::random::Random;
use aes::{Aes128, Aes192, Aes256};
use aes_siv::KeyInit;
use aes_siv::siv::{Aes128Siv, Aes256Siv, CmacSiv};
use fpe::ff1::{FF1, FlexibleNumeralString};
use maskgate_reversible::ff1::{Ff1, TWEAK_MOST};
use maskgate_reversible::siv::Siv;

fn theirs(key: &[u8], radix: u32, tweak: &[u8], numerals: &[u16]) -> Vec<u16> {
    let numerals = FlexibleNumeralString::from(numerals.to_vec());
    let made = match key.len() {
        16 => FF1::<Aes128>::new(key, radix).unwrap().encrypt(tweak, &numerals),
        24 => FF1::<Aes192>::new(key, radix).unwrap().encrypt(tweak, &numerals),
        _ => FF1::<Aes256>::new(key, radix).unwrap().encrypt(tweak, &numerals),
    };
    made.unwrap().into()
}

fn same(key: &[u8], radix: u32, tweak: &[u8], plaintext: &[u16]) {
    let place = format!("radix {radix}, {} numerals, a tweak of {} bytes", plaintext.len(), tweak.len());
    let mut ff1 = Ff1::new(key, radix, tweak).unwrap();
    for _ in 0..2 {
        let mut string = plaintext.to_vec(); // the second time what was computed for the length is there
        ff1.encrypt(&mut string).unwrap();
        assert_eq!(string, theirs(key, radix, tweak, plaintext), "{place}");
        ff1.decrypt(&mut string).unwrap();
        assert_eq!(string, plaintext, "{place}");
    }
}

/// Every length up to where halves are wide, and beyond.
#[test]
fn ff1_at_every_short_length() {
    let mut random = Random::new(1);
    for radix in [2, 3, 8, 10, 16, 26, 36, 62, 255, 256, 257, 4096, 32768, 65535] {
        let key = random.bytes(16);
        let (least, most) = Ff1::new(&key, radix, b"").map(|ff1| (ff1.least(), ff1.most())).unwrap();
        let step = if radix == 2 { 5 } else { 1 };
        for length in (least..most.min(if radix == 2 { 220 } else { 70 })).step_by(step) {
            let tweak = random.below(40);
            let tweak = random.bytes(tweak);
            let numerals: Vec<u16> = (0..length).map(|_| random.below(radix as usize) as u16).collect();
            same(&key, radix, &tweak, &numerals);
        }
    }
}

/// Up to `most`, of any order of magnitude.
fn skewed(random: &mut Random, most: usize) -> usize {
    let shift = random.below(most.ilog2() as usize);
    random.below(most + 1) >> shift
}

#[test]
fn ff1_at_random_radices_and_lengths() {
    let mut random = Random::new(2);
    for _ in 0..150 {
        let size = [16, 24, 32][random.below(3)];
        let key = random.bytes(size);
        let radix = 2 + skewed(&mut random, 65533) as u32;
        let size = skewed(&mut random, TWEAK_MOST);
        let tweak = random.bytes(size);
        let (least, most) = Ff1::new(&key, radix, b"").map(|ff1| (ff1.least(), ff1.most())).unwrap();
        let length = least + skewed(&mut random, most - least);
        let numerals: Vec<u16> = (0..length).map(|_| random.below(radix as usize) as u16).collect();
        same(&key, radix, &tweak, &numerals);
    }
}

/// All numerals 0, all the highest: numbers at the ends of what fits.
#[test]
fn ff1_at_the_ends_of_its_range() {
    let key = Random::new(3).bytes(32);
    for radix in [2, 10, 16, 62, 65535_u32] {
        let (least, most) = Ff1::new(&key, radix, b"").map(|ff1| (ff1.least(), ff1.most())).unwrap();
        for length in [least, 16, 33, 64, 65, 193, 194, most].into_iter().filter(|length| *length >= least) {
            same(&key, radix, b"orders", &vec![0; length]);
            same(&key, radix, b"orders", &vec![(radix - 1) as u16; length]);
        }
    }
}

#[test]
fn siv_at_every_length() {
    let mut random = Random::new(4);
    for length in 0..200 {
        let plaintext = random.bytes(length);
        let associated: Vec<Vec<u8>> = (0..length % 4).map(|i| random.bytes(length * i % 50)).collect();
        let key = random.bytes([32, 48, 64][length % 3]);
        let theirs = match key.len() {
            32 => Aes128Siv::new_from_slice(&key).unwrap().encrypt(&associated, &plaintext),
            48 => CmacSiv::<Aes192>::new_from_slice(&key).unwrap().encrypt(&associated, &plaintext),
            _ => Aes256Siv::new_from_slice(&key).unwrap().encrypt(&associated, &plaintext),
        };
        let associated: Vec<&[u8]> = associated.iter().map(Vec::as_slice).collect();
        let siv = Siv::new(&key, &associated).unwrap();
        let mut ours = b"before".to_vec();
        siv.encrypt(&plaintext, &mut ours);
        assert_eq!(ours[6..], theirs.unwrap(), "{length} bytes");
        let mut back = b"before".to_vec();
        siv.decrypt(&ours[6..], &mut back).unwrap();
        assert_eq!(back[6..], plaintext, "{length} bytes");
    }
}
