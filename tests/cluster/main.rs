//! Several nodes as processes before PostgreSQL and Redis, behind a balancer, and what happens when a part of it all fails.
//!
//! Of every fault: nothing that was acknowledged is lost, nothing is granted that should not be, what counts once counts once, and service
//! comes back by itself. What people see meanwhile stands in docs/runbook, one page a fault.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/folder.rs"]
mod folder;

#[allow(dead_code)]
#[path = "../operator/process.rs"]
mod process;

#[allow(dead_code)]
#[path = "../operator/visitor.rs"]
mod visitor;

mod balancer;
mod fleet;
mod link;
mod machine;
mod services;

mod background_jobs;
mod clock_off;
mod disk_full;
mod migration_killed;
mod node_killed;
mod postgres_restarted;
mod postgres_unreachable;
mod redis_emptied;
mod rolling_upgrade;
mod rotation_killed;
mod seen_by_all;

use std::time::{Duration, Instant};

/// How long anything may take to come back; far more than it does.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until it is so.
async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A port for a process that is about to start. Not one of those that outgoing connections get, or it may be gone by then.
fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 500) as u16 * 24;
    for _ in 0..12_000 {
        let port = 20_000 + first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
