//! The time, where the host grants `clock`.

mod host {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u32;
    }
}

/// WASI's clock of the time of day.
const REALTIME: u32 = 0;

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. None: the clock isn't granted.
///
/// A module that calls this imports WASI's `clock_time_get`; one that doesn't imports nothing.
pub fn now() -> Option<u64> {
    let mut time = 0;
    // SAFETY: the host writes eight bytes there.
    let error = unsafe { host::clock_time_get(REALTIME, 1000, &mut time) };
    (error == 0).then_some(time)
}
