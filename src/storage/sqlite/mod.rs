//! The SQLite side of [`Db`](super::db::Db): the file, its readers and its single writer.

mod connection;
mod readers;
mod writer;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _, Executor};
use tokio::task::spawn_blocking;

use self::connection::Place;
use self::readers::Readers;
pub(super) use self::writer::{SqliteTx, Writer};
use super::db::{Connections, Kind, OpenSettings};
use super::error::{Cause, Error};
use super::migrations::{History, MigrationReport};
use super::statement::{Answer, Bound, Wants};

#[derive(Clone)]
pub(super) struct Sqlite {
    readers: Readers,
    pub(super) writer: Writer,
    place: Place,
}

impl Sqlite {
    pub(super) async fn open(settings: &OpenSettings) -> Result<Self, Error> {
        if settings.url.contains(":memory:") || settings.url.contains("mode=memory") {
            return Err(Error::Unsupported("storage.url: a SQLite database must be a file".into()));
        }
        let asked = settings.url.split_once('?').map_or("", |(_, asked)| asked);
        if let Some(other) = asked.split('&').find(|option| !matches!(*option, "" | "mode=rwc" | "mode=rw")) {
            let why =
                format!("storage.url: a SQLite database is not opened with {other}: leave out what follows the ?");
            return Err(Error::Unsupported(why));
        }
        let options = SqliteConnectOptions::from_str(&settings.url)?;
        create_private(options.get_filename())?;
        let place = Place {
            path: options.get_filename().to_owned(),
            busy_timeout: settings.busy_timeout,
            statement_cache: settings.statement_cache,
        };
        let writer = Writer::open(place.clone(), settings.acquire_timeout + settings.busy_timeout).await?;
        let readers = Readers::new(place.clone(), settings.max_connections, settings.acquire_timeout);
        Ok(Self { readers, writer, place })
    }

    pub(super) async fn read(&self, asked: Bound, wants: Wants) -> Result<Answer, Error> {
        self.readers.read(asked, wants).await
    }

    pub(super) async fn read_long(&self, asked: Bound, wants: Wants) -> Result<Answer, Error> {
        self.readers.read_long(asked, wants).await
    }

    /// sqlx keeps the record of migrations, on a connection of its own.
    pub(super) async fn migrate(&self, history: &History) -> Result<MigrationReport, Error> {
        let options = SqliteConnectOptions::new().filename(&self.place.path).busy_timeout(self.place.busy_timeout);
        let mut connection = options.connect().await?;
        // One transaction around all of it keeps a second process out; the connection's end undoes what is not committed.
        connection.execute("BEGIN IMMEDIATE").await?;
        let report = history.run_on(Kind::Sqlite, &mut connection).await?;
        connection.execute("COMMIT").await?;
        connection.close().await?;
        Ok(report)
    }

    /// A consistent copy, taken while writing goes on. It appears under its name only when it is whole and on disk.
    pub(super) async fn backup_to(&self, path: &Path) -> Result<(), Error> {
        if path.try_exists().map_err(io_error)? {
            return Err(Error::Unsupported(format!("{} exists already; a backup does not overwrite", path.display())));
        }
        let (place, path) = (self.place.clone(), path.to_owned());
        let copying = spawn_blocking(move || copy(&place, &path));
        copying.await.unwrap_or_else(|_| Err(Error::unavailable("copying the database was broken off")))
    }

    pub(super) fn connections(&self) -> Connections {
        self.readers.connections()
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn closed() -> Error {
    Error::unavailable("the database is closed")
}

fn copy(place: &Place, path: &Path) -> Result<(), Error> {
    let unfinished = path.with_added_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    create_private(&unfinished)?;
    let name = unfinished.to_str().ok_or_else(|| Error::Unsupported("the backup's path is not UTF-8".into()))?;
    let copied = place.copy_to(name).and_then(|()| {
        let whole = File::open(&unfinished).and_then(|copy| copy.sync_all()).and_then(|()| {
            fs::rename(&unfinished, path)?;
            sync_folder_of(path)
        });
        whole.map_err(io_error)
    });
    if copied.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    copied
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
