//! What can go wrong in storage, in the few kinds that callers act on. Both databases and both short-lived stores answer
//! with the same kinds.

use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Nothing wrong with the question; the store cannot answer now (connection lost, pool exhausted, time-out, disk
    /// full, store full). The caller answers "later" (503), never "skip". Whether a write happened is unknown.
    #[error("storage is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// A unique value is taken already.
    #[error("a unique value is taken already")]
    Conflict,
    /// What is stored cannot be what was written: a row that does not decode, a damaged file, a missing row that must exist.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// This store cannot do that, or must not: the text is meant for the operator.
    #[error("{0}")]
    Unsupported(String),
    /// A mistake of ours: broken SQL, a violated constraint other than uniqueness.
    #[error("storage failed: {0}")]
    Other(#[source] Cause),
}

/// The driver's error. Prints the message only: drivers put the values of rows into their debug output, and logs must not
/// hold them.
#[derive(Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl From<&str> for Cause {
    fn from(message: &str) -> Self {
        Self(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(message)))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Cause {}

impl Error {
    pub(crate) fn unavailable(message: &str) -> Self {
        Self::Unavailable(message.into())
    }
}

/// What may be said of a statement of PostgreSQL that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// The server undid it and would take it again: a deadlock, or transactions that got into each other's way.
    Undone,
    /// The server takes no writes: it is not the primary any more.
    NotThePrimary,
    /// The connection broke, or the server goes down. Whether anything happened is unknown.
    Lost,
    Other,
}

impl Error {
    pub(super) fn aftermath(&self) -> Aftermath {
        let Self::Unavailable(Cause(cause)) = self else { return Aftermath::Other };
        match cause.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::Io(_)) => Aftermath::Lost,
            Some(sqlx::Error::Database(refusal)) => match refusal.code().as_deref() {
                Some("40001" | "40P01") => Aftermath::Undone,
                Some("25006") => Aftermath::NotThePrimary,
                Some(code) if code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03") => Aftermath::Lost,
                _ => Aftermath::Other,
            },
            _ => Aftermath::Other,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::Io(_) | E::Tls(_) | E::Protocol(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(Cause::new(error))
            }
            E::RowNotFound => Self::Corrupt("a row that must exist is missing".into()),
            E::ColumnDecode { .. } | E::Decode(_) => Self::Corrupt(error.to_string()),
            E::Configuration(cause) => Self::Unsupported(format!("storage.url: {cause}")),
            E::Database(ref refusal) => match kind_of_refusal(refusal.as_ref()) {
                Refusal::Taken => Self::Conflict,
                Refusal::NotNow => Self::Unavailable(Cause::new(error)),
                Refusal::Damaged => Self::Corrupt(refusal.message().to_owned()),
                Refusal::Mistake => Self::Other(Cause::new(error)),
            },
            other => Self::Other(Cause::new(other)),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let Some(refusal) = error.sqlite_error() else { return Self::Other(Cause::new(error)) };
        match kind_of_sqlite_code(refusal.extended_code) {
            Refusal::Taken => Self::Conflict,
            Refusal::NotNow => Self::Unavailable(Cause::new(error)),
            Refusal::Damaged => Self::Corrupt(error.to_string()),
            Refusal::Mistake => Self::Other(Cause::new(error)),
        }
    }
}

enum Refusal {
    Taken,
    NotNow,
    Damaged,
    Mistake,
}

fn kind_of_refusal(refusal: &dyn sqlx::error::DatabaseError) -> Refusal {
    let code = refusal.code().unwrap_or_default();
    if refusal.is_unique_violation() {
        Refusal::Taken
    } else if refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        kind_of_sqlstate(&code)
    } else {
        kind_of_sqlite_code(code.parse().unwrap_or(0))
    }
}

/// The classes of PostgreSQL's appendix A: 08 connection, 25 transaction state (idle too long; read-only after a
/// fail-over), 40 rolled back (deadlock), 53 resources, 55 lock not available, 57 operator (shutdown, cancelled by
/// statement_timeout), 58 system, XX corruption.
fn kind_of_sqlstate(code: &str) -> Refusal {
    match code {
        "25P03" | "25006" | "55P03" => Refusal::NotNow,
        "XX001" | "XX002" => Refusal::Damaged,
        _ => match code.get(..2) {
            Some("08" | "40" | "53" | "57" | "58") => Refusal::NotNow,
            _ => Refusal::Mistake,
        },
    }
}

/// SQLite's primary result code is the low byte of the extended one.
fn kind_of_sqlite_code(code: i32) -> Refusal {
    const BUSY_LOCKED_NOMEM_READONLY: std::ops::RangeInclusive<i32> = 5..=8;
    const INTERRUPT: i32 = 9;
    const IOERR: i32 = 10;
    const CORRUPT: i32 = 11;
    const FULL_CANTOPEN_PROTOCOL: std::ops::RangeInclusive<i32> = 13..=15;
    const NOT_A_DATABASE: i32 = 26;
    const PRIMARY_KEY_OR_UNIQUE: [i32; 2] = [1555, 2067];
    match code & 0xff {
        _ if PRIMARY_KEY_OR_UNIQUE.contains(&code) => Refusal::Taken,
        code if BUSY_LOCKED_NOMEM_READONLY.contains(&code) || FULL_CANTOPEN_PROTOCOL.contains(&code) => Refusal::NotNow,
        INTERRUPT | IOERR => Refusal::NotNow,
        CORRUPT | NOT_A_DATABASE => Refusal::Damaged,
        _ => Refusal::Mistake,
    }
}
