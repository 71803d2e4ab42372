//! Fresh databases for tests: a folder with a SQLite file, or a database of its own on the server that `tests/run` started.
//! Both vanish when dropped.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use karat::storage::{Db, OpenSettings};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

/// A database that nobody has used or migrated yet.
pub struct FreshDatabase {
    pub url: String,
    home: Home,
}

enum Home {
    Folder(PathBuf),
    Server(String),
}

/// In a folder of its own, which does not exist yet: opening creates it.
pub async fn fresh_sqlite() -> FreshDatabase {
    let folder = std::env::temp_dir().join(unique_name());
    let _ = std::fs::remove_dir_all(&folder);
    FreshDatabase { url: format!("sqlite:{}/karat.db", folder.display()), home: Home::Folder(folder) }
}

pub async fn fresh_postgres() -> FreshDatabase {
    let name = unique_name();
    // Left over when a process of the same id was killed.
    on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    on_server(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let mut url = url::Url::parse(&postgres_url()).expect("KARAT_TEST_POSTGRES is a URL");
    url.set_path(&name);
    FreshDatabase { url: url.into(), home: Home::Server(name) }
}

/// A prefix that no other test uses, for the Redis at [`redis_url`].
pub fn fresh_prefix() -> String {
    format!("{}:", unique_name())
}

/// The maintenance database of a server where tests may create databases.
pub fn postgres_url() -> String {
    from_environment("KARAT_TEST_POSTGRES")
}

pub fn redis_url() -> String {
    from_environment("KARAT_TEST_REDIS")
}

impl FreshDatabase {
    pub fn settings(&self) -> OpenSettings {
        OpenSettings::new(&self.url)
    }

    pub async fn open(&self) -> Db {
        Db::open(&self.settings()).await.expect("a fresh database opens")
    }

    /// With the embedded migrations.
    pub async fn open_migrated(&self) -> Db {
        let db = self.open().await;
        db.migrate().await.expect("a fresh database migrates");
        db
    }

    /// The folder of a SQLite database.
    pub fn folder(&self) -> &Path {
        match &self.home {
            Home::Folder(folder) => folder,
            Home::Server(_) => panic!("a PostgreSQL database has no folder"),
        }
    }

    /// A connection past the product's own code.
    pub async fn postgres_connection(&self) -> PgConnection {
        self.url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap()
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        match &self.home {
            Home::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Home::Server(name) => {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                // The test's own runtime may be ending.
                let thread = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(on_server(&drop));
                });
                let _ = thread.join();
            }
        }
    }
}

async fn on_server(statement: &str) {
    let mut connection = PgConnection::connect(&postgres_url()).await.expect("KARAT_TEST_POSTGRES answers");
    connection.execute(AssertSqlSafe(statement)).await.expect(statement);
    connection.close().await.expect("PostgreSQL says goodbye");
}

fn from_environment(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: start this test through tests/run, or see `tests/run services`"))
}

fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("karat_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
