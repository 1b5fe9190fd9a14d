//! {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//!
//! Everything here is meant to be changed. A command is run for each message: it reads that from standard input, and writes
//! what leaves to standard output. If it writes nothing, the message is dropped.

use std::env;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::str;

use maskgate_json::value::{self, Value};

const REFUSED: u8 = 65; // EX_DATAERR of sysexits.h

/// What the policy says under `with`, which is the argument. The manifest's schema has checked it.
struct Settings {
    label: String,
    comment: String,
    /// Bytes that a line may have.
    longest: usize,
}

impl Settings {
    fn read() -> Self {
        let mut settings = Self { label: String::new(), comment: "#".into(), longest: 4096 };
        let given = env::args().nth(1).map(|json| value::parse(json.as_bytes()).expect("JSON"));
        let Some(Value::Object(members)) = given else { return settings };
        for (name, value) in members {
            match (name.as_str(), value) {
                ("label", Value::String(text)) => settings.label = text,
                ("comment", Value::String(text)) => settings.comment = text,
                ("longest", Value::Number(digits)) => settings.longest = digits.parse().expect("an integer"),
                _ => panic!("the schema is another"),
            }
        }
        settings
    }
}

/// A code that the manifest lists, and a byte's place in the message.
struct Refusal(&'static str, usize);

/// What leaves of a message; None: it is dropped.
fn transform<'a>(settings: &Settings, message: &'a [u8]) -> Result<Option<&'a str>, Refusal> {
    let mut line = message;
    while let [rest @ .., b'\r' | b'\n'] = line {
        line = rest;
    }
    if line.starts_with(settings.comment.as_bytes()) {
        return Ok(None);
    }
    if line.len() > settings.longest {
        return Err(Refusal("line_too_long", settings.longest));
    }
    str::from_utf8(line).map(Some).map_err(|error| Refusal("invalid_utf8", error.valid_up_to()))
}

fn main() -> io::Result<ExitCode> {
    let settings = Settings::read();
    let mut message = Vec::new();
    io::stdin().read_to_end(&mut message)?;
    match transform(&settings, &message) {
        Ok(Some(line)) => writeln!(io::stdout(), "{}{line}", settings.label)?,
        Ok(None) => {}
        Err(Refusal(code, offset)) => {
            eprintln!("{code} {offset}");
            return Ok(ExitCode::from(REFUSED));
        }
    }
    Ok(ExitCode::SUCCESS)
}
