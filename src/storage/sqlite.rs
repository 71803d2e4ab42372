//! The SQLite side of [`Db`](super::db::Db): the file, its readers and its single writer.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::str::FromStr;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use super::db::{Connections, OpenSettings};
use super::error::{Cause, Error};
use super::writer::Writer;

#[derive(Clone)]
pub(super) struct Sqlite {
    pub(super) readers: SqlitePool,
    pub(super) writer: Writer,
    options: SqliteConnectOptions,
}

/// Pages of the file that the system maps once for all connections: reading copies nothing.
const MAPPED_BYTES: &str = "67108864";
/// Negative: kibibytes, for each connection.
const CACHE: &str = "-2048";
/// What the write-ahead log keeps on disk after a burst.
const LOG_KEPT_BYTES: &str = "33554432";

impl Sqlite {
    pub(super) async fn open(settings: &OpenSettings) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(&settings.url)?;
        if settings.url.contains(":memory:") || settings.url.contains("mode=memory") {
            return Err(Error::Unsupported("storage.url: a SQLite database must be a file".into()));
        }
        create_private(options.get_filename())?;
        let options = options
            .busy_timeout(settings.busy_timeout)
            .foreign_keys(true)
            // Nothing acknowledged is lost when the power fails.
            .synchronous(SqliteSynchronous::Full)
            .statement_cache_capacity(settings.statement_cache)
            .pragma("mmap_size", MAPPED_BYTES)
            .pragma("cache_size", CACHE)
            .pragma("temp_store", "memory");
        let for_writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("journal_size_limit", LOG_KEPT_BYTES)
            .optimize_on_close(true, 400);
        let writer = Writer::open(for_writing, settings.acquire_timeout + settings.busy_timeout).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(settings.max_connections.max(1))
            .acquire_timeout(settings.acquire_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().pragma("query_only", "on"));
        Ok(Self { readers, writer, options })
    }

    /// A consistent copy, taken while writing goes on. It appears under its name only when it is whole and on disk.
    pub(super) async fn backup_to(&self, path: &Path) -> Result<(), Error> {
        if path.try_exists().map_err(io_error)? {
            return Err(Error::Unsupported(format!("{} exists already; a backup does not overwrite", path.display())));
        }
        let unfinished = path.with_added_extension("unfinished");
        let _ = fs::remove_file(&unfinished);
        create_private(&unfinished)?;
        let name = unfinished.to_str().ok_or_else(|| Error::Unsupported("the backup's path is not UTF-8".into()))?;
        let copied = async {
            let mut connection = self.connect().await?;
            sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
            connection.close().await?;
            // Syncing a large file takes its time: not on a thread that serves requests.
            let copy = tokio::fs::File::open(&unfinished).await.map_err(io_error)?;
            copy.sync_all().await.map_err(io_error)?;
            fs::rename(&unfinished, path).map_err(io_error)?;
            sync_folder_of(path).map_err(io_error)
        };
        let result = copied.await;
        if result.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        result
    }

    async fn connect(&self) -> Result<SqliteConnection, Error> {
        Ok(self.options.connect().await?)
    }

    pub(super) fn connections(&self) -> Connections {
        Connections { open: usize::try_from(self.readers.size()).unwrap_or(usize::MAX), idle: self.readers.num_idle() }
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Creates the file for its owner alone, and its folder when missing. SQLite gives its log files the same mode.
fn create_private(path: &Path) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => sync_folder_of(path).map_err(io_error),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io_error(error)),
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn io_error(error: io::Error) -> Error {
    Error::Unavailable(Cause::new(error))
}
