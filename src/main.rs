//! Parses the command line and calls the library.

use std::process::ExitCode;

/// The system's own slows down once a busy process has allocated and freed for a while, see `docs/decisions/0083-an-allocator-of-its-own.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    karat::cli::run()
}
