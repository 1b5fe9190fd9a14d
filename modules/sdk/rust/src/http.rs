//! Requests to hosts that the host grants, made between two runs of a batch.
//!
//! The first time that something is asked for, the answer is `Pending`: go on with the next message, and so on to the batch's end. What
//! the run gives is thrown away. The host fetches all that was asked for, and the same batch is transformed again, with the answers at
//! hand. So `Module::message` must do the same again for the same message.

use alloc::vec::Vec;


use maskgate_json::{PADDING, text};

use crate::message::Message;

mod host {
    #[link(wasm_import_module = "maskgate")]
    unsafe extern "C" {
        pub fn http(request: *const u8, request_len: usize, out: *mut u8, out_cap: usize) -> i32;
    }
}

/// Bytes that an answer may have, the status before them included.
const ROOM: usize = 4 + (1 << 20);

/// What a request led to.
pub enum Answer<'a> {
    /// Not there yet.
    Pending,
    /// No grant names the host.
    NotGranted,
    /// No answer: the host isn't there, took too long, said too much; or too much was asked for.
    Failed,
    /// Whatever the status is.
    Given { status: u32, body: Body<'a> },
}

/// An answer's content, until the next request.
pub struct Body<'a>(&'a mut [u8]);

impl Body<'_> {
    pub fn bytes(&self) -> &[u8] {
        &self.0[..self.0.len() - PADDING]
    }

    /// The content as if it had been sent: what reads messages reads it too.
    pub fn message(&mut self) -> Message {
        // SAFETY: PADDING bytes of 0 stand behind it, and it is this value's own.
        unsafe { Message::new(self.0.as_mut_ptr(), self.0.len() - PADDING) }
    }
}

/// Asks, and has room for one answer at a time.
#[derive(Default)]
pub struct Client {
    room: Vec<u8>,
}

impl Client {
    pub fn new() -> Self {
        Self::default()
    }

    /// What came of `request`, which `request` wrote.
    ///
    /// A module that calls this imports `maskgate.http`; one that doesn't imports nothing.
    pub fn ask(&mut self, request: &[u8]) -> Answer<'_> {
        if self.room.is_empty() {
            if self.room.try_reserve_exact(ROOM + PADDING).is_err() {
                return Answer::Failed;
            }
            self.room.resize(ROOM + PADDING, 0);
        }
        let out = self.room.as_mut_ptr();
        // SAFETY: the host reads the request and writes at most ROOM bytes.
        let len = unsafe { host::http(request.as_ptr(), request.len(), out, ROOM) };
        match usize::try_from(len) {
            Ok(len) if (4..=ROOM).contains(&len) => {
                self.room[len..len + PADDING].fill(0);
                let status = self.room[..4].iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte));
                Answer::Given { status, body: Body(&mut self.room[4..len + PADDING]) }
            }
            _ if len == -1 => Answer::NotGranted,
            _ if len == -3 => Answer::Pending,
            _ => Answer::Failed,
        }
    }
}

/// Writes a request to `out`: a GET, or a POST of `body` (UTF-8; None: a GET).
pub fn request(url: &str, headers: &[(&str, &str)], body: Option<&[u8]>, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(b"{\"url\":");
    out.extend_from_slice(&text::quoted(url));
    if !headers.is_empty() {
        out.extend_from_slice(b",\"headers\":");
        for (number, (name, value)) in headers.iter().enumerate() {
            out.push(if number == 0 { b'{' } else { b',' });
            out.extend_from_slice(&text::quoted(name));
            out.push(b':');
            out.extend_from_slice(&text::quoted(value));
        }
        out.push(b'}');
    }
    if let Some(body) = body {
        out.extend_from_slice(b",\"method\":\"POST\",\"body\":");
        out.extend_from_slice(&text::quoted(core::str::from_utf8(body).unwrap_or_default()));
    }
    out.push(b'}');
}
