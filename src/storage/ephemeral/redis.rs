//! The short-lived store shared by several nodes: Redis, or a service that speaks its protocol (6 or newer).
//!
//! A value is stored behind a mark: `=` live, `!` spent. A counter is a bare integer. What reads and then writes is a Lua
//! script, which the server runs as one step. A script names its one key, so that a cluster can route it.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind};
use tokio::time::timeout;

use super::way::{ALTOGETHER, Way};
use super::{Count, Taken, holds_a_counter, holds_a_value};
use crate::storage::Error;
use crate::storage::error::Cause;

#[derive(Clone)]
pub(super) struct Redis {
    way: Way,
    prefix: Arc<str>,
    scripts: Arc<Scripts>,
}

struct Scripts {
    take: Script,
    take_leaving_tombstone: Script,
    compare_and_put: Script,
    increment_within: Script,
    give_back: Script,
    count: Script,
}

impl Scripts {
    fn new() -> Self {
        Self {
            take: Script::new(
                "local found = redis.call('GET', KEYS[1])
                 if found and string.sub(found, 1, 1) == '=' then redis.call('DEL', KEYS[1]) end
                 return found",
            ),
            take_leaving_tombstone: Script::new(
                "local found = redis.call('GET', KEYS[1])
                 if found and string.sub(found, 1, 1) == '=' then
                   redis.call('SET', KEYS[1], '!' .. string.sub(found, 2), 'PX', ARGV[1])
                 end
                 return found",
            ),
            compare_and_put: Script::new(
                "local found = redis.call('GET', KEYS[1])
                 if found == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
                 return found",
            ),
            increment_within: Script::new(
                "local count = redis.call('INCR', KEYS[1])
                 if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
                 return {count, redis.call('PTTL', KEYS[1])}",
            ),
            give_back: Script::new(
                "local count = tonumber(redis.call('GET', KEYS[1]) or '0')
                 if count and count > 0 then redis.call('DECR', KEYS[1]) end
                 return 0",
            ),
            count: Script::new("return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}"),
        }
    }
}

/// What a key holds, as far as values go.
enum Found {
    Live(String),
    Spent(String),
    Nothing,
}

impl Redis {
    pub(super) async fn connect(url: &str, prefix: &str) -> Result<Self, Error> {
        let way = timeout(ALTOGETHER, Way::to(url)).await.map_err(|_| no_answer())?.map_err(failed)?;
        Ok(Self { way, prefix: prefix.into(), scripts: Arc::new(Scripts::new()) })
    }

    pub(super) async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        self.ask(redis::cmd("SET").arg(self.key(key)).arg(live(value)).arg("PX").arg(milliseconds(ttl))).await
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        match found(self.ask(redis::cmd("GET").arg(self.key(key))).await?)? {
            Found::Live(value) => Ok(Some(value)),
            Found::Spent(_) | Found::Nothing => Ok(None),
        }
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        match found(self.run(&self.scripts.take, key, &[]).await?)? {
            Found::Live(value) => Ok(Some(value)),
            Found::Spent(_) | Found::Nothing => Ok(None),
        }
    }

    pub(super) async fn take_leaving_tombstone(&self, key: &str, tombstone_ttl: Duration) -> Result<Taken, Error> {
        let ttl = milliseconds(tombstone_ttl).to_string();
        Ok(match found(self.run(&self.scripts.take_leaving_tombstone, key, &[&ttl]).await?)? {
            Found::Live(value) => Taken::First(value),
            Found::Spent(value) => Taken::Again(value),
            Found::Nothing => Taken::Nothing,
        })
    }

    pub(super) async fn compare_and_put(
        &self,
        key: &str,
        expected: &str,
        value: &str,
        ttl: Duration,
    ) -> Result<bool, Error> {
        let arguments = [&*live(expected), &*live(value), &*milliseconds(ttl).to_string()];
        Ok(match found(self.run(&self.scripts.compare_and_put, key, &arguments).await?)? {
            Found::Live(found) => found == expected,
            Found::Spent(_) | Found::Nothing => false,
        })
    }

    pub(super) async fn insert_if_absent(&self, key: &str, value: &str, ttl: Duration) -> Result<bool, Error> {
        let mut set = redis::cmd("SET");
        set.arg(self.key(key)).arg(live(value)).arg("NX").arg("PX").arg(milliseconds(ttl));
        let done: Option<String> = self.ask(&set).await?;
        Ok(done.is_some())
    }

    pub(super) async fn increment_within(&self, key: &str, window: Duration) -> Result<Count, Error> {
        let window = milliseconds(window).to_string();
        let (count, left): (u64, i64) = self.run(&self.scripts.increment_within, key, &[&window]).await?;
        Ok(Count { count, resets_in: resets_in(left) })
    }

    pub(super) async fn give_back(&self, key: &str) -> Result<(), Error> {
        let _: i64 = self.run(&self.scripts.give_back, key, &[]).await?;
        Ok(())
    }

    pub(super) async fn count(&self, key: &str) -> Result<Count, Error> {
        let (count, left): (Option<String>, i64) = self.run(&self.scripts.count, key, &[]).await?;
        let count = count.map_or(Ok(0), |digits| digits.parse().map_err(|_| holds_a_value()))?;
        Ok(Count { count, resets_in: resets_in(left) })
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), Error> {
        self.ask(redis::cmd("DEL").arg(self.key(key))).await
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        self.ask(&redis::cmd("PING")).await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn ask<T: FromRedisValue + Send>(&self, command: &Cmd) -> Result<T, Error> {
        let answer = timeout(ALTOGETHER, self.way.ask(command)).await;
        answer.map_err(|_| no_answer())?.map_err(failed)
    }

    async fn run<T: FromRedisValue + Send>(&self, script: &Script, key: &str, arguments: &[&str]) -> Result<T, Error> {
        let mut invocation = script.key(self.key(key));
        for argument in arguments {
            invocation.arg(*argument);
        }
        let answer = timeout(ALTOGETHER, self.way.run(&invocation)).await;
        answer.map_err(|_| no_answer())?.map_err(failed)
    }
}

fn live(value: &str) -> String {
    format!("={value}")
}

fn found(stored: Option<String>) -> Result<Found, Error> {
    let Some(stored) = stored else { return Ok(Found::Nothing) };
    match stored.split_at_checked(1) {
        Some(("=", value)) => Ok(Found::Live(value.to_owned())),
        Some(("!", value)) => Ok(Found::Spent(value.to_owned())),
        _ => Err(holds_a_counter()),
    }
}

/// Redis refuses a time-to-live of zero.
fn milliseconds(ttl: Duration) -> u64 {
    const LONGEST: u128 = 10 * 366 * 86_400_000;
    u64::try_from(ttl.as_millis().clamp(1, LONGEST)).unwrap_or(1)
}

/// PTTL answers a negative number for a key that is not there.
fn resets_in(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

fn no_answer() -> Error {
    Error::unavailable("Redis did not answer in time")
}

/// Whatever keeps Redis from answering is an outage. Left are answers that name a mistake of ours.
fn failed(error: RedisError) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedReturnType | ErrorKind::Parse => Error::Corrupt(format!("the answer of Redis: {error}")),
        ErrorKind::Server(ServerErrorKind::ResponseError)
            if error.detail().is_some_and(|text| text.contains("not an integer")) =>
        {
            holds_a_value()
        }
        ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot) | ErrorKind::Client => {
            Error::Other(Cause::new(error))
        }
        ErrorKind::InvalidClientConfig | ErrorKind::RESP3NotSupported => {
            Error::Unsupported(format!("ephemeral.url: {error}"))
        }
        _ => Error::Unavailable(Cause::new(error)),
    }
}
