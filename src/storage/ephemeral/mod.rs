//! Short-lived state: interactions, authorization codes and their tombstones, challenges, replay guards, rate counters.
//!
//! Every operation is atomic, also between nodes that share a Redis. A key holds either a value or a counter; to use it as
//! the other is a mistake ([`Error::Other`]). Keys must not hold secrets in the clear (hash them); values may, they live
//! for minutes.
//!
//! What Redis acknowledged may be forgotten when it restarts without its disk or fails over to a replica that lagged: then
//! people start again, and a spent code could come back to life for the rest of its minute. The grant it led to is durable
//! and unique in SQL, and that is what the last word rests on.
//!
//! Time-to-live runs on the store's own clock, from the moment it is set, at a millisecond's resolution.

mod memory;
mod redis;
mod way;

use std::time::Duration;

pub use memory::Limits;
use tracing::Instrument;

use super::Error;
use crate::TRACES;

/// Cheap to clone; all clones share the state.
#[derive(Clone)]
pub struct Ephemeral(Store);

#[derive(Clone)]
enum Store {
    Memory(memory::Memory),
    Redis(redis::Redis),
}

/// What [`Ephemeral::take_leaving_tombstone`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The value, to exactly one caller.
    First(String),
    /// Somebody took it before: the spent value, as evidence of what was replayed.
    Again(String),
    /// Never there, or expired (the tombstone included).
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub count: u64,
    /// Until the counter starts again at zero; zero when it stands there already.
    pub resets_in: Duration,
}

/// Each operation of the interface, on whichever store it is.
macro_rules! ask {
    ($self:ident, $operation:ident($($argument:expr),*)) => {
        match &$self.0 {
            Store::Memory(memory) => memory.$operation($($argument),*),
            Store::Redis(redis) => {
                let operation = stringify!($operation);
                let span = tracing::debug_span!(target: TRACES, "short-lived state", otel.kind = "client", operation);
                redis.$operation($($argument),*).instrument(span).await
            }
        }
    };
}

impl Ephemeral {
    /// For one node; forgotten when the process ends.
    pub fn memory() -> Self {
        Self::memory_with(Limits::default())
    }

    pub fn memory_with(limits: Limits) -> Self {
        Self(Store::Memory(memory::Memory::new(limits)))
    }

    /// Connects now, and again by itself whenever the connection is lost. `prefix` comes before every key, so that several
    /// installations can share a server.
    pub async fn redis(url: &str, prefix: &str) -> Result<Self, Error> {
        Ok(Self(Store::Redis(redis::Redis::connect(url, prefix).await?)))
    }

    /// `memory:`, or the way to a Redis (`way.rs`): `redis://`, `redis+sentinel://`, `redis+cluster://`, or with `rediss` for TLS.
    pub async fn open(url: &str, prefix: &str) -> Result<Self, Error> {
        match url.split(':').next() {
            Some("memory") => Ok(Self::memory()),
            Some(scheme) if matches!(scheme.split('+').next(), Some("redis" | "rediss")) => {
                Self::redis(url, prefix).await
            }
            _ => Err(Error::Unsupported("ephemeral.url must start with memory:, redis: or rediss:".into())),
        }
    }

    /// Sets the value, replacing whatever the key held.
    pub async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        ask!(self, put(key, value, ttl))
    }

    /// The value; a tombstone reads as `None`.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        ask!(self, get(key))
    }

    /// Reads and removes. Of several callers one gets the value.
    pub async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        ask!(self, take(key))
    }

    /// Like [`Ephemeral::take`], but the spent value stays for `tombstone_ttl` as evidence for whoever comes again.
    pub async fn take_leaving_tombstone(&self, key: &str, tombstone_ttl: Duration) -> Result<Taken, Error> {
        ask!(self, take_leaving_tombstone(key, tombstone_ttl))
    }

    /// Replaces the value if it still is `expected`, and says whether it was. Absent and spent values never match.
    pub async fn compare_and_put(&self, key: &str, expected: &str, value: &str, ttl: Duration) -> Result<bool, Error> {
        ask!(self, compare_and_put(key, expected, value, ttl))
    }

    /// Sets the value if the key holds nothing, and says whether it did. A tombstone counts as something.
    pub async fn insert_if_absent(&self, key: &str, value: &str, ttl: Duration) -> Result<bool, Error> {
        ask!(self, insert_if_absent(key, value, ttl))
    }

    /// Counts one more, this one included. The window starts with the first increment and is not prolonged by later ones.
    pub async fn increment_within(&self, key: &str, window: Duration) -> Result<Count, Error> {
        ask!(self, increment_within(key, window))
    }

    /// Takes one count back, never below zero; the window stays. For what was counted before its outcome was known.
    pub async fn give_back(&self, key: &str) -> Result<(), Error> {
        ask!(self, give_back(key))
    }

    /// The counter as it stands.
    pub async fn count(&self, key: &str) -> Result<Count, Error> {
        ask!(self, count(key))
    }

    /// Removes value, tombstone or counter.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        ask!(self, delete(key))
    }

    pub async fn ping(&self) -> Result<(), Error> {
        ask!(self, ping())
    }
}

fn holds_a_counter() -> Error {
    Error::Other("the key holds a counter, not a value".into())
}

fn holds_a_value() -> Error {
    Error::Other("the key holds a value, not a counter".into())
}
