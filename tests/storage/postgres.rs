//! What only PostgreSQL has.

use std::path::Path;
use std::time::Duration;

use karat::storage::{Db, Error, Kind};
use tokio::time::timeout;

use crate::databases::fresh_postgres;
use crate::opened;

#[tokio::test]
async fn sessions_are_limited_and_named() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    assert_eq!(db.kind(), Kind::Postgres);
    for (setting, expected) in [
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("synchronous_commit", "on"),
        ("application_name", "karat"),
    ] {
        let (value,): (String,) = db.read("SELECT current_setting($1)").bind(setting).one().await.unwrap();
        assert_eq!(value, expected, "{setting}");
    }
}

#[tokio::test]
async fn a_backup_is_left_to_the_tools_of_postgres() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    let path = std::env::temp_dir().join("karat-test-never-written");
    let Err(Error::Unsupported(message)) = db.backup_to(&path).await else { panic!("a backup of PostgreSQL?") };
    assert!(message.contains("pg_dump"), "{message}");
    assert!(!Path::new(&path).exists());
}

#[tokio::test]
async fn an_answer_that_nobody_waited_for_answers_nothing_else() {
    let fresh = fresh_postgres().await;
    let mut settings = fresh.settings();
    settings.max_connections = 1;
    let db = opened(&settings).await;
    let session = session(&db).await;
    for number in 0..5_i64 {
        let slow = db.read("SELECT 'slow' FROM pg_sleep(0.2) WHERE $1 >= 0").bind(number).all::<(String,)>();
        assert!(timeout(Duration::from_millis(20), slow).await.is_err(), "it was not waited for");
        let (told,): (i64,) = db.read("SELECT $1").bind(number).one().await.unwrap();
        assert_eq!(told, number);
    }
    assert_eq!(self::session(&db).await, session, "and the connection was kept");
}

async fn session(db: &Db) -> i64 {
    db.read("SELECT pg_backend_pid()::bigint").one::<(i64,)>().await.unwrap().0
}

#[tokio::test]
async fn who_waits_in_vain_is_told_for_what() {
    let fresh = fresh_postgres().await;
    let mut settings = fresh.settings();
    (settings.max_connections, settings.acquire_timeout) = (1, Duration::from_millis(200));
    let db = opened(&settings).await;
    let held = db.begin().await.unwrap();
    let error = db.read("SELECT 1").all::<(i64,)>().await.unwrap_err().to_string();
    assert!(error.contains("all connections to the database are in use"), "{error}");
    drop(held);
    // Nothing listens there.
    settings.url = "postgres://nobody@127.0.0.1:9/nothing".to_owned();
    let error = Db::open(&settings).await.map(drop).unwrap_err().to_string();
    assert!(error.contains("PostgreSQL cannot be reached") && error.contains("refused"), "{error}");
}
