//! Nanoseconds a value, the best of ten runs.
//!
//!     cargo run --release --manifest-path modules/Cargo.toml -p maskgate-generalise --example speed

use std::hint::black_box;
use std::time::Instant;

use maskgate_generalise::{
    As, By, Date, Edges, Fixed, Form, Format, Invalid, Network, Noise, Part, Partial, Shift, Steps, Truncate, Value,
};

const SECRET: &[u8; 16] = b"0123456789abcdef";

fn measure(what: &str, text: &str, write: impl Fn(Value, &mut Vec<u8>) -> bool) {
    const CALLS: u32 = 50_000;
    let mut out = Vec::new();
    let best = (0..10).map(|_| {
        let began = Instant::now();
        for _ in 0..CALLS {
            out.clear();
            assert!(write(black_box(Value::String(text.as_bytes())), &mut out));
            black_box(&out);
        }
        began.elapsed() / CALLS
    });
    println!("{:>6} ns  {what}: {text:.40}", best.min().unwrap_or_default().as_nanos());
}

fn main() -> Result<(), Invalid> {
    let steps = Steps::new(b"10", b"0", As::Range)?;
    measure("bucket, range", "47", |value, out| steps.write(value, out));
    measure("bucket, range", "-1234567.89", |value, out| steps.write(value, out));
    measure("bucket, range", "123456789012345678901234567890", |value, out| steps.write(value, out));
    measure("bucket, range", "1e400", |value, out| steps.write(value, out));
    let edges: [&[u8]; 5] = [b"18", b"30", b"45", b"65", b"80"];
    let edges = Edges::new(&edges, None)?;
    measure("bucket, edges", "47", |value, out| edges.write(value, out));
    for (keep, form) in [(Part::Year, Form::Short), (Part::Month, Form::Same), (Part::Week, Form::Short)] {
        let date = Date { format: Format::Iso, keep, form };
        measure("date", "2024-05-17T13:45:10.123+02:00", |value, out| date.write(value, out));
    }
    let date = Date { format: Format::EpochMilliseconds, keep: Part::Month, form: Form::Same };
    measure("date", "1715946310123", |value, out| date.write(value, out));
    let shift = Shift::new(SECRET, "pii.birth_date", 30, Format::Iso)?;
    measure("shift, days known", "1987-05-17", |value, out| shift.write(17, value, out));
    measure("shift", "1987-05-17", |value, out| shift.write(shift.days(b"c-17"), value, out));
    let network = Network::new(24, 48)?;
    for address in ["203.0.113.77", "2001:db8:1234:5678:9abc:def0:1234:5678", "::ffff:203.0.113.77"] {
        measure("network", address, |value, out| network.write(value, out));
    }
    let noise = Noise::new(SECRET, "hr.salary", By::Amount(b"100"))?;
    measure("noise", "51234.50", |value, out| noise.write(value, out));
    measure("truncate", "SW1A 1AA", |value, out| Truncate { keep: 4 }.write(value, out));
    let fixed = Fixed::new(8, '*', 1, 1)?;
    measure("fixed", "Ada Lovelace", |value, out| fixed.write(value, out));
    for (domain, separators) in [(false, false), (true, false), (false, true)] {
        let partial = Partial::new(1, 0, '*', domain, separators);
        measure("partial", "ada.lovelace@example.org", |value, out| partial.write(value, out));
    }
    Ok(())
}
