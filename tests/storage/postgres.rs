//! What only PostgreSQL has.

use std::path::Path;

use karat::storage::{Error, Kind};

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
