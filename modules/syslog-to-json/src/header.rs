//! What stands before a message's own text: RFC 5424 section 6.2, RFC 3164 section 4.1.

use core::ops::Range;

use maskgate_convert::{Writer, number, time};
use maskgate_guest::Refusal;

use crate::text::Line;

/// Which of the two a message is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Rfc5424,
    Rfc3164,
    Either,
}

/// Bytes that fields have at most (RFC 5424 section 6).
const HOSTNAME: usize = 255;
const APP_NAME: usize = 48;
const PROCID: usize = 128;
const MSGID: usize = 32;
/// Those of RFC 3164's tag.
const TAG: usize = 32;

/// The highest priority value: facility 23, severity 7.
const PRIORITY: u32 = 191;

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
    "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Places of fields in the line. None: the nil value, or a field that the form doesn't have.
pub struct Header {
    priority: u32,
    version: Option<u32>,
    timestamp: Option<Range<usize>>,
    hostname: Option<Range<usize>>,
    app_name: Option<Range<usize>>,
    process_id: Option<Range<usize>>,
    message_id: Option<Range<usize>>,
    /// Whether structured data follows, and a space stands before the text.
    pub structured: bool,
}

impl Header {
    pub fn read(line: &mut Line, form: Form) -> Result<Self, Refusal> {
        line.expect(b'<')?;
        let at = line.at;
        let priority = line.number()?;
        let zeros = line.at - at > 1 && line.bytes[at] == b'0';
        if priority > PRIORITY || zeros {
            return Err(Refusal::at("syslog_malformed", at));
        }
        line.expect(b'>')?;
        let versioned = line.rest().first().is_some_and(u8::is_ascii_digit);
        match form {
            Form::Rfc3164 => Self::of_3164(priority, line),
            Form::Either if !versioned => Self::of_3164(priority, line),
            _ => Self::of_5424(priority, line),
        }
    }

    fn of_5424(priority: u32, line: &mut Line) -> Result<Self, Refusal> {
        let at = line.at;
        let version = line.number()?;
        if version != 1 || line.at - at != 1 {
            return Err(Refusal::at("unknown_version", at));
        }
        line.expect(b' ')?;
        let at = line.at;
        let timestamp = line.field(64)?;
        if timestamp.clone().is_some_and(|place| !is_timestamp(&line.bytes[place])) {
            return Err(Refusal::at("syslog_malformed", at));
        }
        Ok(Self {
            priority,
            version: Some(version),
            timestamp,
            hostname: line.field(HOSTNAME)?,
            app_name: line.field(APP_NAME)?,
            process_id: line.field(PROCID)?,
            message_id: line.field(MSGID)?,
            structured: true,
        })
    }

    /// `Oct 11 22:14:15 host tag[pid]: text`
    fn of_3164(priority: u32, line: &mut Line) -> Result<Self, Refusal> {
        let start = line.at;
        if !line.rest().get(..15).is_some_and(is_old_timestamp) {
            return Err(line.wrong());
        }
        line.at += 15;
        let timestamp = Some(start..line.at);
        line.expect(b' ')?;
        let hostname = line.take(HOSTNAME, |byte| byte.is_ascii_graphic())?;
        line.expect(b' ')?;
        let tag = line.take(TAG, |byte| byte.is_ascii_graphic() && !b"[:".contains(&byte));
        let (mut app_name, mut process_id) = (None, None);
        match tag {
            Ok(tag) => {
                let behind = line.at;
                if line.passes(b'[') {
                    process_id = Some(line.take(PROCID, |byte| byte.is_ascii_graphic() && byte != b']')?);
                    line.expect(b']')?;
                }
                if line.passes(b':') || line.at > behind {
                    app_name = Some(tag);
                    line.passes(b' ');
                } else {
                    line.at = tag.start; // what stands there is no tag, but the text's first word
                }
            }
            Err(_) => line.at = hostname.end + 1,
        }
        Ok(Self {
            priority,
            version: None,
            timestamp,
            hostname: Some(hostname),
            app_name,
            process_id,
            message_id: None,
            structured: false,
        })
    }

    /// Adds the members of the open object.
    pub fn write(&self, line: &[u8], writer: &mut Writer) -> Result<(), Refusal> {
        let (facility, severity) = (self.priority / 8, self.priority % 8);
        for (name, value) in [("priority", self.priority), ("facility", facility), ("severity", severity)] {
            writer.key(name.as_bytes(), 0, 0)?;
            writer.value(|json| number::unsigned(u64::from(value), json))?;
        }
        writer.key(b"facility_name", 0, 0)?;
        writer.text(FACILITIES[facility as usize].as_bytes(), 0)?;
        writer.key(b"severity_name", 0, 0)?;
        writer.text(SEVERITIES[severity as usize].as_bytes(), 0)?;
        writer.key(b"version", 0, 0)?;
        match self.version {
            Some(version) => writer.value(|json| number::unsigned(u64::from(version), json))?,
            None => writer.literal(b"null")?,
        }
        for (name, place) in [
            ("timestamp", &self.timestamp),
            ("hostname", &self.hostname),
            ("app_name", &self.app_name),
            ("process_id", &self.process_id),
            ("message_id", &self.message_id),
        ] {
            writer.key(name.as_bytes(), 0, 0)?;
            match place {
                Some(place) => writer.text(&line[place.clone()], place.start)?,
                None => writer.literal(b"null")?,
            }
        }
        Ok(())
    }
}

/// RFC 3339 with a capital T and Z, and at most six digits of a second's fraction (RFC 5424 section 6.2.3).
fn is_timestamp(text: &[u8]) -> bool {
    let fraction = text.iter().position(|&byte| byte == b'.').map_or(0, |point| {
        text[point + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    });
    fraction <= 6 && !text.iter().any(u8::is_ascii_lowercase) && time::read_moment(text, true).is_some()
}

/// `Oct 11 22:14:15`, the day with a space or a zero before it. It has no year, so that nobody can tell more of it.
fn is_old_timestamp(text: &[u8]) -> bool {
    let (day, clock) = (&text[4..6], &text[7..]);
    let day_is = day[1].is_ascii_digit() && (day[0] == b' ' || day[0].is_ascii_digit());
    MONTHS.contains(&&text[..3])
        && text[3] == b' '
        && text[6] == b' '
        && day_is
        && (1..=31).contains(&(u32::from(day[0] & 0xf) * 10 + u32::from(day[1] - b'0')))
        && time::read_time(clock).is_some()
}
