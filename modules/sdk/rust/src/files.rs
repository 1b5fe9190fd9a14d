//! Files that the host grants, read whole while a module is being configured.
//!
//! WASI preview 1: the host opens the folders in which granted files lie (descriptors from 3 on, each with its name), and a
//! file is opened by its path within one of them.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::setting::Wrong;

/// A buffer that the host writes to.
#[repr(C)]
struct Vector {
    start: *mut u8,
    len: usize,
}

mod host {
    use super::Vector;

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub fn fd_prestat_get(folder: u32, prestat: *mut [u32; 2]) -> u32;
        pub fn fd_prestat_dir_name(folder: u32, name: *mut u8, len: usize) -> u32;
        pub fn path_open(
            folder: u32,
            lookup: u32,
            path: *const u8,
            len: usize,
            open: u32,
            rights: u64,
            inheriting: u64,
            flags: u32,
            file: *mut u32,
        ) -> u32;
        pub fn fd_read(file: u32, vectors: *const Vector, count: usize, read: *mut usize) -> u32;
        pub fn fd_close(file: u32) -> u32;
    }
}

/// The first descriptor that may be an open folder's.
const FIRST: u32 = 3;
/// Descriptors that are looked at, and bytes of a folder's name.
const FOLDERS: u32 = 64;
const NAME: usize = 4096;
/// The right to read a file.
const READ: u64 = 1 << 1;
/// Bytes that are read at once.
const STEP: usize = 64 << 10;

/// What stands in the file at `path` (absolute). Only in `Module::configure`.
///
/// A module that calls this imports WASI's functions for files; one that doesn't imports nothing.
pub fn read(path: &str) -> Result<Vec<u8>, Wrong> {
    let (folder, rest) = folder(path).ok_or_else(|| Wrong::new(format!("the file `{path}` is not granted")))?;
    let mut file = 0;
    // SAFETY: the host reads the path and writes the descriptor.
    let error = unsafe { host::path_open(folder, 0, rest.as_ptr(), rest.len(), 0, READ, 0, 0, &mut file) };
    if error != 0 {
        return Err(Wrong::new(format!("the file `{path}` can't be opened (error {error})")));
    }
    let content = all(file).map_err(|what| Wrong::new(format!("the file `{path}` {what}")));
    // SAFETY: the file is open. Whether closing it worked is of no use to anyone.
    unsafe { host::fd_close(file) };
    content
}

/// The open folder that the path is in, the deepest, and the path within it.
fn folder(path: &str) -> Option<(u32, &str)> {
    let mut found: Option<(u32, &str)> = None;
    for folder in FIRST..FIRST + FOLDERS {
        let Some(name) = name(folder) else { break };
        let within = path.strip_prefix(name.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        let Some(within) = within.filter(|within| !within.is_empty()) else { continue };
        if found.is_none_or(|(_, other)| within.len() < other.len()) {
            found = Some((folder, within));
        }
    }
    found
}

/// The name of an open folder. None: there is no such folder, nor one behind it.
fn name(folder: u32) -> Option<String> {
    let mut prestat = [0; 2]; // a tag, 0 for a folder; the length of its name
    // SAFETY: the host writes eight bytes there, and then as many as it said into a buffer that has them.
    unsafe {
        if host::fd_prestat_get(folder, &mut prestat) != 0 || prestat[0] & 0xff != 0 {
            return None;
        }
        let len = prestat[1] as usize;
        let mut bytes = vec![0; len.min(NAME)];
        if len > NAME || host::fd_prestat_dir_name(folder, bytes.as_mut_ptr(), len) != 0 {
            return Some(String::new());
        }
        Some(String::from_utf8_lossy(&bytes).trim_end_matches('\0').into())
    }
}

/// The rest of an open file.
fn all(file: u32) -> Result<Vec<u8>, String> {
    let mut content: Vec<u8> = Vec::new();
    loop {
        let start = content.len();
        content.try_reserve(STEP).map_err(|_| String::from("doesn't fit into the sandbox's memory"))?;
        content.resize(start + STEP, 0);
        let vector = Vector { start: content[start..].as_mut_ptr(), len: STEP };
        let mut read = 0;
        // SAFETY: the vector names STEP bytes of the buffer.
        let error = unsafe { host::fd_read(file, &vector, 1, &mut read) };
        if error != 0 || read > STEP {
            return Err(format!("can't be read (error {error})"));
        }
        content.truncate(start + read);
        if read == 0 {
            return Ok(content);
        }
    }
}
