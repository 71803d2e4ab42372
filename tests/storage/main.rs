//! One contract for both databases, and one for both short-lived stores.

#[path = "../support/databases.rs"]
mod databases;

mod cancellation;
mod grouping;
mod migrations;
mod outages;
mod plans;
mod postgres;
mod queries;
mod retries;
mod short_lived;
mod short_lived_limits;
mod short_lived_many;
mod short_lived_outages;
mod sqlite;
mod statements;
mod transactions;
mod upgrades;
mod values;

use karat::storage::{Db, History, OpenSettings};

/// Runs each named function, `async fn(&FreshDatabase)`, once on SQLite and once on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(&crate::databases::fresh_sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(&crate::databases::fresh_postgres().await).await;
            })+
        }
    };
}
use on_both_databases;

/// Tables for the contracts, apart from the product's own.
const SCHEMA: &str = "
    CREATE TABLE samples (id BIGINT PRIMARY KEY, number BIGINT, flag BOOLEAN, words TEXT, bytes BLOB);
    CREATE TABLE parents (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL REFERENCES parents (id));
    CREATE TABLE promises (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);
    CREATE TABLE codes (id BIGINT PRIMARY KEY, used_at BIGINT);
    CREATE TABLE pairs (id BIGINT NOT NULL, half BIGINT NOT NULL, PRIMARY KEY (id, half));
";

async fn opened(settings: &OpenSettings) -> Db {
    let db = Db::open(settings).await.unwrap();
    db.migrate_with(&History::from_files(&[("0001_contract.sql", SCHEMA)]).unwrap()).await.unwrap();
    db
}

async fn count(db: &Db, text: &'static str) -> i64 {
    let (count,): (i64,) = db.read(text).one().await.unwrap();
    count
}
