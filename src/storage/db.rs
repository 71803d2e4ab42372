//! The door to the durable store: one SQL text with `$1` placeholders over SQLite or PostgreSQL.
//!
//! ```ignore
//! db.read("SELECT id, name FROM clients WHERE id = $1").bind(id).optional::<ClientRow>().await?;
//! db.write("UPDATE codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL").bind(id).bind(now).run().await? == 1;
//! let mut tx = db.begin().await?;
//! tx.sql("INSERT INTO ..").bind(id).run().await?;
//! tx.commit().await?;
//! ```
//!
//! What holds on both: a write is on disk when it is acknowledged; a read sees every acknowledged write; a transaction
//! with a failed statement cannot commit. What does not: SQLite runs transactions one after another, PostgreSQL side by
//! side at READ COMMITTED. Therefore single use is a guarded statement (`.. WHERE used_at IS NULL`), never a read and then
//! a write. See `docs/decisions/0001-one-sql-for-two-databases.md`.

use std::path::Path;
use std::time::Duration;

use tracing::Instrument;

use super::error::Error;
use super::migrations::{History, MigrationReport};
use super::postgres::{Again, Postgres, PostgresTx};
use super::sqlite::{Sqlite, SqliteTx};
use super::statement::{Statement, Target};
use crate::TRACES;

/// Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Db(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// Asked by migrations, backup and doctor; never to choose a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }
}

/// Of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub open: usize,
    pub idle: usize,
}

#[derive(Clone, Debug)]
pub struct OpenSettings {
    /// `sqlite:karat.db`, `sqlite:///var/lib/karat/karat.db` or `postgres://user:password@host/database`.
    pub url: String,
    /// Those of SQLite for what takes longer (its writer, and one a processor for short reads, come on top), all connections to
    /// PostgreSQL.
    pub max_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// PostgreSQL: how long one statement may take, and a transaction may stand idle.
    pub statement_timeout: Duration,
    /// SQLite: how long to wait for another process that writes.
    pub busy_timeout: Duration,
    /// Prepared statements kept by each connection.
    pub statement_cache: usize,
}

impl OpenSettings {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            busy_timeout: Duration::from_secs(5),
            statement_cache: 500,
        }
    }
}

impl Db {
    /// Connects, and creates the file of a SQLite database. Does not migrate.
    pub async fn open(settings: &OpenSettings) -> Result<Self, Error> {
        let scheme = settings.url.split(':').next().unwrap_or_default();
        Ok(Self(match scheme {
            "sqlite" => Engine::Sqlite(Sqlite::open(settings).await?),
            "postgres" | "postgresql" => Engine::Postgres(Box::new(Postgres::open(settings).await?)),
            _ => return Err(Error::Unsupported("storage.url must start with sqlite: or postgres:".into())),
        }))
    }

    pub fn kind(&self) -> Kind {
        match &self.0 {
            Engine::Sqlite(_) => Kind::Sqlite,
            Engine::Postgres(_) => Kind::Postgres,
        }
    }

    /// A statement that changes nothing.
    pub fn read(&self, text: &'static str) -> Statement<'_> {
        let target = match &self.0 {
            Engine::Sqlite(sqlite) => Target::SqliteReaders(sqlite),
            Engine::Postgres(postgres) => Target::Postgres(postgres, Again::WhenLost),
        };
        Statement::new(text, target)
    }

    /// A statement committed by itself, on disk before it answers. Must not be awaited while holding a [`Tx`]: SQLite has
    /// one writer, and it would wait for itself until it times out.
    pub fn write(&self, text: &'static str) -> Statement<'_> {
        let target = match &self.0 {
            Engine::Sqlite(sqlite) => Target::SqliteWriter(&sqlite.writer),
            Engine::Postgres(postgres) => Target::Postgres(postgres, Again::WhenUndone),
        };
        Statement::new(text, target)
    }

    /// Keep transactions short and free of anything slow: on SQLite all other writers wait.
    pub async fn begin(&self) -> Result<Tx, Error> {
        Ok(Tx(match &self.0 {
            Engine::Sqlite(sqlite) => TxEngine::Sqlite(Box::pin(sqlite.writer.begin()).await?),
            Engine::Postgres(postgres) => TxEngine::Postgres(Box::pin(postgres.begin()).await?),
        }))
    }

    /// Brings the schema up to this binary's. Safe when several nodes start at once; refuses a database that a newer
    /// Karat has migrated.
    pub async fn migrate(&self) -> Result<MigrationReport, Error> {
        self.migrate_with(&History::embedded()?).await
    }

    /// `version name` of each migration that [`Db::migrate`] would run. Refuses what `migrate` refuses.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        self.pending_of(&History::embedded()?).await
    }

    /// [`Db::migrate`] with another history than the embedded one.
    pub async fn migrate_with(&self, history: &History) -> Result<MigrationReport, Error> {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.migrate(history).await,
            // sqlx holds an advisory lock meanwhile; it goes with the connection.
            Engine::Postgres(postgres) => {
                history.run_on(Kind::Postgres, &mut postgres.connect_unlimited().await?).await
            }
        }
    }

    pub async fn pending_of(&self, history: &History) -> Result<Vec<String>, Error> {
        let applied = match &self.0 {
            Engine::Sqlite(_) => {
                self.read("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
            }
            Engine::Postgres(_) => self.read(
                "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
            ),
        };
        let (tables,): (i64,) = applied.one().await?;
        let applied: Vec<(i64,)> = match tables {
            0 => Vec::new(),
            _ => self.read("SELECT version FROM _sqlx_migrations ORDER BY version").all().await?,
        };
        history.pending_after(&applied.into_iter().map(|(version,)| version).collect::<Vec<_>>())
    }

    /// Whether the database answers now; a write is not tried.
    pub async fn ping(&self) -> Result<(), Error> {
        let (_one,): (i64,) = self.read("SELECT CAST(1 AS BIGINT)").long().one().await?;
        Ok(())
    }

    /// Those that can be used side by side; the single writer of SQLite is not among them.
    pub fn connections(&self) -> Connections {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.connections(),
            Engine::Postgres(postgres) => postgres.connections(),
        }
    }

    /// Writes a consistent copy while the service runs. `path` must not exist yet.
    pub async fn backup_to(&self, path: &Path) -> Result<(), Error> {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.backup_to(path).await,
            Engine::Postgres(_) => Err(Error::Unsupported(
                "a PostgreSQL database is backed up with its own tools: pg_dump --format=custom, or your service's snapshots"
                    .into(),
            )),
        }
    }

    /// Waits for what is under way, then disconnects. Whoever asks afterwards gets [`Error::Unavailable`].
    pub async fn close(&self) {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// A transaction; dropping it rolls back. After a failed or cancelled statement only dropping is left: further statements
/// and `commit` are refused, because PostgreSQL would turn the COMMIT into a quiet rollback.
pub struct Tx(TxEngine);

enum TxEngine {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

impl Tx {
    pub fn sql(&mut self, text: &'static str) -> Statement<'_> {
        let target = match &mut self.0 {
            TxEngine::Sqlite(tx) => Target::SqliteTx(tx),
            TxEngine::Postgres(tx) => Target::PostgresTx(tx),
        };
        Statement::new(text, target)
    }

    /// On disk when it answers `Ok`. After [`Error::Unavailable`] it is unknown whether the transaction happened.
    pub async fn commit(self) -> Result<(), Error> {
        let span = tracing::debug_span!(target: TRACES, "database", otel.kind = "client", db.query.text = "COMMIT");
        let commit = async {
            match self.0 {
                TxEngine::Sqlite(tx) => Box::pin(tx.commit()).await,
                TxEngine::Postgres(tx) => Box::pin(tx.commit()).await,
            }
        };
        commit.instrument(span).await
    }
}

pub(super) fn unfit() -> Error {
    Error::Other("a statement of this transaction failed: it can only be rolled back".into())
}
