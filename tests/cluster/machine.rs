//! What can be wrong with a node's machine: its clock, its disk. A small library, loaded before the C library (`faults.c`), makes it so for
//! one process, without a word of it in the product.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Compiled once, by the compiler that links Rust programs.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/faults.c");
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&made).arg(&source).arg("-ldl");
        assert!(compiler.status().expect("cc is there").success(), "{} does not compile", source.display());
        let kept = made.with_file_name("faults.so");
        std::fs::rename(made, &kept).unwrap();
        kept
    })
}

/// The environment of a node whose clock goes ahead by so many seconds, or behind.
pub fn clock_off(seconds: i64) -> Vec<(String, String)> {
    vec![preload(), ("FAULT_CLOCK_SECONDS".to_owned(), seconds.to_string())]
}

/// The environment of a node whose disk is full as long as there is a file at `sign`.
pub fn full_while(sign: &Path) -> Vec<(String, String)> {
    vec![preload(), ("FAULT_DISK_FULL".to_owned(), sign.to_str().unwrap().to_owned())]
}

fn preload() -> (String, String) {
    ("LD_PRELOAD".to_owned(), library().to_str().unwrap().to_owned())
}
