//! Secrets that the host grants, while a module is being configured.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::setting::Wrong;

mod host {
    #[link(wasm_import_module = "maskgate")]
    unsafe extern "C" {
        pub fn secret(name: *const u8, name_len: usize, out: *mut u8, out_cap: usize) -> i32;
    }
}

/// Bytes that a secret may have.
const LIMIT: usize = 4096;

/// The secret called `name`. Only in `Module::configure`.
///
/// A module that calls this imports `maskgate.secret`; one that doesn't imports nothing.
pub fn secret(name: &str) -> Result<Vec<u8>, Wrong> {
    let mut bytes = vec![0; LIMIT];
    // SAFETY: the host reads the name and writes at most LIMIT bytes.
    let len = unsafe { host::secret(name.as_ptr(), name.len(), bytes.as_mut_ptr(), LIMIT) };
    match usize::try_from(len) {
        Ok(len) if len <= LIMIT => {
            bytes.truncate(len);
            Ok(bytes)
        }
        _ if len == -1 => Err(Wrong::new(format!("the secret `{name}` is not granted"))),
        _ => Err(Wrong::new(format!("the secret `{name}` has more than {LIMIT} bytes"))),
    }
}
