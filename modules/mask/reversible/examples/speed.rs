//! Nanoseconds a value, the best of ten runs.
//!
//!     cargo run --release --manifest-path modules/Cargo.toml -p maskgate-reversible --example speed

use std::hint::black_box;
use std::time::Instant;

use aes::Aes128;
use aes_siv::KeyInit;
use aes_siv::siv::Aes128Siv;
use fpe::ff1::{FF1, FlexibleNumeralString};
use maskgate_reversible::siv::Siv;
use maskgate_reversible::{Alphabet, Ends, Host, Integer, Part, Plausible, Text, Weak};

const KEY: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

fn measure(what: &str, mut call: impl FnMut(&mut Vec<u8>)) {
    const CALLS: u32 = 5_000;
    let mut out = Vec::new();
    let best = (0..10).map(|_| {
        let began = Instant::now();
        for _ in 0..CALLS {
            out.clear();
            call(&mut out);
            black_box(&out);
        }
        began.elapsed() / CALLS
    });
    println!("{:>8} ns  {what}", best.min().unwrap_or_default().as_nanos());
}

fn main() -> Result<(), Weak> {
    let text = |what: &str, alphabet: &str, plain: String| -> Result<(), Weak> {
        let mut text = Text::new(&KEY[..16], b"pci.pan", Alphabet::read(alphabet)?, Ends::default())?;
        measure(what, |out| text.encrypt(black_box(&plain), out).unwrap_or_default());
        Ok(())
    };
    text("ff1, 16 digits", "digits", "4111111111111111".into())?;
    text("ff1, 16 digits with spaces", "digits", "4111 1111 1111 1111".into())?;
    text("ff1, 30 digits", "digits", "1".repeat(30))?;
    text("ff1, 22 alphanumeric characters", "alphanumeric", "DE89370400440532013000".into())?;
    text("ff1, a UUID in hex", "hex", "01234567-89ab-cdef-0123-456789abcdef".into())?;
    text("ff1, 100 digits", "digits", "1".repeat(100))?;
    text("ff1, 1000 digits", "digits", "1".repeat(1000))?;
    text("ff1, 4096 digits", "digits", "1".repeat(4096))?;
    let mut integer = Integer::new(&KEY[..16], b"pci.pan", Ends::default())?;
    measure("ff1, an integer of 16 digits", |out| {
        integer.encrypt(black_box(b"4111111111111111"), out).unwrap_or_default();
    });
    if let Ok(theirs) = FF1::<Aes128>::new(&KEY[..16], 10) {
        measure("(fpe 0.7, 16 digits)", |_| {
            let plain = FlexibleNumeralString::from(vec![4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
            black_box(theirs.encrypt(b"pci.pan", black_box(&plain)).ok());
        });
    }

    let siv = Siv::new(KEY, &[b"pii.email"])?;
    let plain = b"\"someone.or.other@example.com\"";
    measure("siv, 30 bytes", |out| siv.encrypt_to_text(black_box(plain), out));
    let mut sealed = vec![];
    siv.encrypt_to_text(plain, &mut sealed);
    measure("siv, 30 bytes, back", |out| siv.decrypt_text(black_box(&sealed), out).unwrap_or_default());
    let large = vec![b'x'; 100_000];
    measure("siv, 100,000 bytes", |out| siv.encrypt_to_text(black_box(&large), out));
    let mut theirs = Aes128Siv::new(KEY.into());
    measure("(aes-siv 0.8, 30 bytes, not as text)", |_| {
        black_box(theirs.encrypt([b"pii.email"], black_box(plain)).ok());
    });

    let plausible = Plausible::new(KEY, b"pii.name")?;
    measure("name", |out| plausible.name(black_box(b"Ann Smith"), Part::Full, out));
    let host = Host::new("example.com")?;
    measure("email", |out| plausible.email(black_box(b"ann@example.com"), &host, out));
    Ok(())
}
