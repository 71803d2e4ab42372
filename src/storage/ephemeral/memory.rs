//! The short-lived store of a single node: sharded maps in memory.
//!
//! Nothing live is ever evicted, because a forgotten replay guard or counter is a hole. Expired entries go with every
//! write, a few at a time; when the store is full nevertheless, writing answers [`Error::Unavailable`].

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Count, Taken, holds_a_counter, holds_a_value};
use crate::storage::Error;

/// How much the store may hold. Interactions and challenges, which cost a stranger one request each, may take half of it at most: there is
/// always room for the counters that slow strangers down, and for the codes of those who got through.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub entries: usize,
    /// Of keys and values.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, bytes: 256 << 20 }
    }
}

#[derive(Clone)]
pub(super) struct Memory(Arc<Shards>);

struct Shards {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    used: Ledger,
    limits: Limits,
}

const SHARDS: usize = 32;
/// Expired entries removed by each write: more than it adds, so that the store shrinks under any load.
const PURGED_PER_WRITE: usize = 4;
/// No deadline further ahead than this: `Instant` must not overflow.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 86_400);

/// What the keys begin with of that which a stranger can make the store keep: interactions, and challenges for passkeys.
const STRANGERS: [&str; 2] = ["interaction:", "ceremony:"];

#[derive(Default)]
struct Ledger {
    all: Used,
    strangers: Used,
}

#[derive(Default)]
struct Used {
    entries: AtomicUsize,
    bytes: AtomicUsize,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Arc<str>, Entry>,
    /// The same entries by the time they expire.
    deadlines: BTreeSet<(Instant, Arc<str>)>,
}

struct Entry {
    deadline: Instant,
    content: Content,
}

enum Content {
    Live(String),
    Spent(String),
    Counter(u64),
}

impl Memory {
    pub(super) fn new(limits: Limits) -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self(Arc::new(Shards { shards, hasher: RandomState::new(), used: Ledger::default(), limits }))
    }

    pub(super) fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        self.at(key).set(Content::Live(value.to_owned()), ttl)
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<String>, Error> {
        match self.at(key).content() {
            Some(Content::Live(value)) => Ok(Some(value.clone())),
            Some(Content::Counter(_)) => Err(holds_a_counter()),
            Some(Content::Spent(_)) | None => Ok(None),
        }
    }

    pub(super) fn take(&self, key: &str) -> Result<Option<String>, Error> {
        let mut place = self.at(key);
        match place.content() {
            Some(Content::Live(value)) => {
                let value = value.clone();
                place.remove();
                Ok(Some(value))
            }
            Some(Content::Counter(_)) => Err(holds_a_counter()),
            Some(Content::Spent(_)) | None => Ok(None),
        }
    }

    pub(super) fn take_leaving_tombstone(&self, key: &str, tombstone_ttl: Duration) -> Result<Taken, Error> {
        let mut place = self.at(key);
        match place.content() {
            Some(Content::Live(value)) => {
                let value = value.clone();
                place.set(Content::Spent(value.clone()), tombstone_ttl)?;
                Ok(Taken::First(value))
            }
            Some(Content::Spent(value)) => Ok(Taken::Again(value.clone())),
            Some(Content::Counter(_)) => Err(holds_a_counter()),
            None => Ok(Taken::Nothing),
        }
    }

    pub(super) fn compare_and_put(&self, key: &str, expected: &str, value: &str, ttl: Duration) -> Result<bool, Error> {
        let mut place = self.at(key);
        match place.content() {
            Some(Content::Live(found)) if found == expected => {
                place.set(Content::Live(value.to_owned()), ttl)?;
                Ok(true)
            }
            Some(Content::Counter(_)) => Err(holds_a_counter()),
            _ => Ok(false),
        }
    }

    pub(super) fn insert_if_absent(&self, key: &str, value: &str, ttl: Duration) -> Result<bool, Error> {
        let mut place = self.at(key);
        if place.content().is_some() {
            return Ok(false);
        }
        place.set(Content::Live(value.to_owned()), ttl)?;
        Ok(true)
    }

    pub(super) fn increment_within(&self, key: &str, window: Duration) -> Result<Count, Error> {
        let mut place = self.at(key);
        match place.content() {
            Some(Content::Counter(count)) => {
                *count = count.saturating_add(1);
                let count = *count;
                Ok(Count { count, resets_in: place.remaining() })
            }
            Some(_) => Err(holds_a_value()),
            None => {
                place.set(Content::Counter(1), window)?;
                Ok(Count { count: 1, resets_in: place.remaining() })
            }
        }
    }

    pub(super) fn give_back(&self, key: &str) -> Result<(), Error> {
        match self.at(key).content() {
            Some(Content::Counter(count)) => *count = count.saturating_sub(1),
            Some(_) => return Err(holds_a_value()),
            None => {}
        }
        Ok(())
    }

    pub(super) fn count(&self, key: &str) -> Result<Count, Error> {
        let mut place = self.at(key);
        match place.content() {
            Some(Content::Counter(count)) => {
                let count = *count;
                Ok(Count { count, resets_in: place.remaining() })
            }
            Some(_) => Err(holds_a_value()),
            None => Ok(Count { count: 0, resets_in: Duration::ZERO }),
        }
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
        self.at(key).remove();
        Ok(())
    }

    pub(super) fn ping(&self) -> Result<(), Error> {
        Ok(())
    }

    fn at<'a>(&'a self, key: &'a str) -> Place<'a> {
        let Shards { shards, hasher, .. } = &*self.0;
        let shard = lock(&shards[hasher.hash_one(key) as usize % SHARDS]);
        Place { key, now: Instant::now(), shard, store: &self.0 }
    }
}

/// No code panics while it holds a shard, so a poisoned lock guards whole data all the same.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One key, with its shard locked: what happens here happens atomically.
struct Place<'a> {
    key: &'a str,
    now: Instant,
    shard: MutexGuard<'a, Shard>,
    store: &'a Shards,
}

impl Place<'_> {
    /// What the key holds, unless it has expired.
    fn content(&mut self) -> Option<&mut Content> {
        let entry = self.shard.entries.get_mut(self.key)?;
        (entry.deadline > self.now).then_some(&mut entry.content)
    }

    fn remaining(&self) -> Duration {
        let deadline = self.shard.entries.get(self.key).map_or(self.now, |entry| entry.deadline);
        deadline.saturating_duration_since(self.now)
    }

    fn set(&mut self, content: Content, ttl: Duration) -> Result<(), Error> {
        self.shard.purge(self.now, PURGED_PER_WRITE, &self.store.used);
        let added = weight(self.key, &content);
        let freed = self.shard.entries.get(self.key).map(|old| weight(self.key, &old.content));
        let more = (usize::from(freed.is_none()), added.saturating_sub(freed.unwrap_or(0)));
        if !self.store.has_room(self.key, more) {
            self.purge_everywhere();
            if !self.store.has_room(self.key, more) {
                return Err(Error::unavailable("the short-lived store is full"));
            }
        }
        self.remove();
        let key: Arc<str> = self.key.into();
        let deadline = self.now + ttl.clamp(Duration::from_millis(1), LONGEST);
        self.shard.deadlines.insert((deadline, key.clone()));
        self.shard.entries.insert(key, Entry { deadline, content });
        self.store.used.of(self.key).for_each(|used| used.add(added));
        Ok(())
    }

    fn remove(&mut self) {
        self.shard.remove(self.key, &self.store.used);
    }

    /// Skips shards that others hold: waiting for them while holding this one could be waiting for each other.
    fn purge_everywhere(&mut self) {
        self.shard.purge(self.now, usize::MAX, &self.store.used);
        for shard in &self.store.shards {
            if let Ok(mut shard) = shard.try_lock() {
                shard.purge(self.now, usize::MAX, &self.store.used);
            }
        }
    }
}

impl Shards {
    fn has_room(&self, key: &str, more: (usize, usize)) -> bool {
        let Limits { entries, bytes } = self.limits;
        let half = Limits { entries: entries / 2, bytes: bytes / 2 };
        self.used.all.has_room(more, &self.limits) && (!is_strangers(key) || self.used.strangers.has_room(more, &half))
    }
}

impl Shard {
    fn remove(&mut self, key: &str, used: &Ledger) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            used.of(&key).for_each(|used| used.subtract(weight(&key, &entry.content)));
            self.deadlines.remove(&(entry.deadline, key));
        }
    }

    fn purge(&mut self, now: Instant, at_most: usize, used: &Ledger) {
        for _ in 0..at_most {
            match self.deadlines.first() {
                Some((deadline, key)) if *deadline <= now => {
                    let key = key.clone();
                    self.remove(&key, used);
                }
                _ => return,
            }
        }
    }
}

impl Ledger {
    /// Where a key counts.
    fn of(&self, key: &str) -> impl Iterator<Item = &Used> {
        std::iter::once(&self.all).chain(is_strangers(key).then_some(&self.strangers))
    }
}

impl Used {
    fn has_room(&self, (entries, bytes): (usize, usize), limits: &Limits) -> bool {
        self.entries.load(Ordering::Relaxed).saturating_add(entries) <= limits.entries
            && self.bytes.load(Ordering::Relaxed).saturating_add(bytes) <= limits.bytes
    }

    fn add(&self, bytes: usize) {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn subtract(&self, bytes: usize) {
        self.entries.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn is_strangers(key: &str) -> bool {
    STRANGERS.iter().any(|kind| key.starts_with(kind))
}

fn weight(key: &str, content: &Content) -> usize {
    /// About what the two collections add to one entry.
    const OVERHEAD: usize = 128;
    let value = match content {
        Content::Live(value) | Content::Spent(value) => value.len(),
        Content::Counter(_) => 8,
    };
    OVERHEAD + key.len() + value
}
