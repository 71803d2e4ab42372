//! The history of the schema on both databases.

use futures_util::future::join_all;
use karat::storage::{Db, Error, History};

use crate::databases::FreshDatabase;
use crate::{count, on_both_databases};

on_both_databases! {
    the_embedded_history_runs_once,
    several_nodes_may_start_at_once,
    a_database_of_a_newer_release_is_refused,
    a_release_catches_up_with_what_is_new,
    a_migration_edited_after_its_release_is_refused,
    a_migration_that_fails_leaves_no_half,
}

const FIRST: (&str, &str) =
    ("0001_first_things.sql", "CREATE TABLE things (id BIGINT PRIMARY KEY, content BLOB NOT NULL);");
const SECOND: (&str, &str) = (
    "0002_more_of_them.sql",
    "CREATE TABLE more (id BIGINT PRIMARY KEY);
     INSERT INTO more (id) VALUES (1), (2);
     CREATE INDEX more_ids ON more (id);",
);

fn history(files: &[(&str, &str)]) -> History {
    History::from_files(files).unwrap()
}

async fn the_embedded_history_runs_once(fresh: &FreshDatabase) {
    let db = fresh.open().await;
    let pending = db.pending_migrations().await.unwrap();
    assert!(!pending.is_empty());
    assert_eq!(db.migrate().await.unwrap().applied, pending);
    assert_eq!(db.pending_migrations().await.unwrap(), [] as [String; 0]);
    assert_eq!(db.migrate().await.unwrap().applied, [] as [String; 0]);
}

async fn several_nodes_may_start_at_once(fresh: &FreshDatabase) {
    let starts = (0..6).map(|_| async {
        let db = fresh.open().await;
        db.migrate_with(&history(&[FIRST, SECOND])).await.unwrap().applied.len()
    });
    let ran = join_all(starts).await;
    assert_eq!(ran.iter().sum::<usize>(), 2, "{ran:?}");
    assert_eq!(count(&fresh.open().await, "SELECT COUNT(*) FROM more").await, 2);
}

async fn a_database_of_a_newer_release_is_refused(fresh: &FreshDatabase) {
    let db = fresh.open().await;
    db.migrate_with(&history(&[FIRST, SECOND])).await.unwrap();
    let refusals =
        [db.migrate_with(&history(&[FIRST])).await.map(drop), db.pending_of(&history(&[FIRST])).await.map(drop)];
    for refusal in refusals {
        let Err(Error::Unsupported(message)) = refusal else { panic!("{refusal:?}") };
        assert!(message.contains("newer Karat (migration 2; this one knows up to 1)"), "{message}");
    }
    // Also with no history at all, and without harm.
    assert!(matches!(db.migrate_with(&history(&[])).await, Err(Error::Unsupported(_))));
    assert_eq!(count(&db, "SELECT COUNT(*) FROM more").await, 2);
}

async fn a_release_catches_up_with_what_is_new(fresh: &FreshDatabase) {
    let db = fresh.open().await;
    assert_eq!(db.migrate_with(&history(&[FIRST])).await.unwrap().applied, ["0001 first things"]);
    db.write("INSERT INTO things (id, content) VALUES ($1, $2)").bind(1).bind([1u8, 0]).run().await.unwrap();
    let both = history(&[SECOND, FIRST]);
    assert_eq!(db.pending_of(&both).await.unwrap(), ["0002 more of them"]);
    assert_eq!(db.migrate_with(&both).await.unwrap().applied, ["0002 more of them"]);
    let (content,): (Vec<u8>,) = db.read("SELECT content FROM things").one().await.unwrap();
    assert_eq!(content, [1, 0]);
}

async fn a_migration_edited_after_its_release_is_refused(fresh: &FreshDatabase) {
    let db = fresh.open().await;
    db.migrate_with(&history(&[FIRST])).await.unwrap();
    let edited = (FIRST.0, "CREATE TABLE things (id BIGINT PRIMARY KEY);");
    let refusal = db.migrate_with(&history(&[edited, SECOND])).await;
    let Err(Error::Unsupported(message)) = refusal else { panic!("{refusal:?}") };
    assert!(message.contains("migration 1 was changed after it ran"), "{message}");
    assert_eq!(db.pending_of(&history(&[FIRST, SECOND])).await.unwrap(), ["0002 more of them"]);
}

async fn a_migration_that_fails_leaves_no_half(fresh: &FreshDatabase) {
    let db = fresh.open().await;
    db.migrate_with(&history(&[FIRST])).await.unwrap();
    let broken = ("0002_broken.sql", "CREATE TABLE more (id BIGINT PRIMARY KEY); CREATE TABLE things (id BIGINT);");
    assert!(db.migrate_with(&history(&[FIRST, broken])).await.is_err());
    // A mended one runs, which it could not if a half were left.
    assert_eq!(db.migrate_with(&history(&[FIRST, SECOND])).await.unwrap().applied, ["0002 more of them"]);
    assert_eq!(count(&db, "SELECT COUNT(*) FROM more").await, 2);
}

#[test]
fn a_history_with_doubtful_files_is_refused() {
    for files in [
        &[("0001_a.sql", ""), ("1_b.sql", "")][..],
        &[("first.sql", "")][..],
        &[("0001_a.txt", "")][..],
        &[("x001_a.sql", "")][..],
    ] {
        assert!(History::from_files(files).is_err(), "{files:?}");
    }
}

#[tokio::test]
async fn an_address_of_no_known_database_is_refused() {
    for url in ["mysql://localhost/karat", "karat.db", "", "sqlite::memory:", "sqlite:file?mode=memory"] {
        let refusal = Db::open(&karat::storage::OpenSettings::new(url)).await.map(drop);
        assert!(matches!(refusal, Err(Error::Unsupported(_))), "{url}: {refusal:?}");
    }
}
