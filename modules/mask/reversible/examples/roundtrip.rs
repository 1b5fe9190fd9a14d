//! A million random values of each named alphabet and a million integers, there and back; and the smallest domain
//! whole.
//!
//!     cargo run --release --manifest-path modules/Cargo.toml -p maskgate-reversible --example roundtrip [SEED]
//!
//! Prints a line for each and ends with 0; the first difference ends it with another status.

#[path = "../tests/reversible/random.rs"]
mod random;

use std::process::ExitCode;
use std::time::Instant;

use maskgate_reversible::{Alphabet, Ends, Integer, Text, Weak};
use random::Random;

const VALUES: usize = 1_000_000;

fn main() -> ExitCode {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut random = Random::new(seed);
    let mut round_trips = || -> Result<Vec<(String, usize)>, Weak> {
        let mut different = vec![];
        for (name, characters) in Alphabet::NAMED {
            let began = Instant::now();
            let count = texts(name, characters, &mut random)?;
            println!("{name}: {VALUES} values of 6 to 45 characters, {count} differ, {:.1?}", began.elapsed());
            different.push((name.to_string(), count));
        }
        let began = Instant::now();
        let count = integers(&mut random)?;
        println!("integers: {VALUES} values of 6 to 19 digits, {count} differ, {:.1?}", began.elapsed());
        different.push(("integers".to_string(), count));
        let began = Instant::now();
        let count = whole_domain(&mut random)?;
        println!("six digits: all {VALUES}, {count} not reached, {:.1?}", began.elapsed());
        different.push(("six digits".to_string(), count));
        Ok(different)
    };
    match round_trips() {
        Ok(different) if different.iter().all(|(_, count)| *count == 0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(weak) => {
            eprintln!("{weak}");
            ExitCode::FAILURE
        }
    }
}

/// How many don't come back, or come out as something else than such a text.
fn texts(name: &str, characters: &str, random: &mut Random) -> Result<usize, Weak> {
    let key = random.bytes(16);
    let mut text = Text::new(&key, name.as_bytes(), Alphabet::read(name)?, Ends::default())?;
    let (mut plain, mut made, mut back) = (String::new(), vec![], vec![]);
    let mut different = 0;
    for _ in 0..VALUES {
        plain.clear();
        let length = 6 + random.below(40);
        plain.extend((0..length).map(|_| char::from(characters.as_bytes()[random.below(characters.len())])));
        made.clear();
        back.clear();
        let there = text.encrypt(&plain, &mut made);
        let again = std::str::from_utf8(&made).map(|made| text.decrypt(made, &mut back));
        let alike = made.len() == length && made.iter().all(|byte| characters.as_bytes().contains(byte));
        different += usize::from(!(there == Ok(()) && again == Ok(Ok(())) && alike && back == plain.as_bytes()));
    }
    Ok(different)
}

fn integers(random: &mut Random) -> Result<usize, Weak> {
    let key = random.bytes(16);
    let mut integer = Integer::new(&key, b"integers", Ends::default())?;
    let (mut made, mut back) = (vec![], vec![]);
    let mut different = 0;
    for _ in 0..VALUES {
        let least = 10_i64.pow(5 + random.below(14) as u32);
        let plain = least + (random.next() >> 1) as i64 % (9 * (least / 9).max(1));
        let plain = if random.below(2) == 0 { plain } else { -plain }.to_string();
        made.clear();
        back.clear();
        let there = integer.encrypt(plain.as_bytes(), &mut made);
        let again = integer.decrypt(&made, &mut back);
        let alike = made.len() == plain.len() && made.starts_with(b"-") == plain.starts_with('-');
        different += usize::from(!(there == Ok(()) && again == Ok(()) && alike && back == plain.as_bytes()));
    }
    Ok(different)
}

/// How many strings of six digits no string is encrypted to.
fn whole_domain(random: &mut Random) -> Result<usize, Weak> {
    let key = random.bytes(16);
    let mut text = Text::new(&key, b"six digits", Alphabet::read("digits")?, Ends::default())?;
    let mut reached = vec![false; VALUES];
    let mut made = vec![];
    for number in 0..VALUES {
        made.clear();
        if text.encrypt(&format!("{number:06}"), &mut made).is_ok() {
            let number = made.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
            reached[number] = true;
        }
    }
    Ok(reached.iter().filter(|reached| !**reached).count())
}
