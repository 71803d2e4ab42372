//! What only SQLite has: a file, its mode, its pragmas, its backup.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use karat::storage::{Db, Error, Kind, OpenSettings};

use crate::databases::fresh_sqlite;
use crate::{count, opened};

/// More than what is done on the spot.
const COUNT_TO_A_MILLION: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT COUNT(*) FROM n";

#[tokio::test]
async fn the_files_are_for_their_owner_alone_and_the_folder_is_made() {
    let fresh = fresh_sqlite().await;
    let folder = fresh.folder().join("new/folders");
    let db = opened(&OpenSettings::new(format!("sqlite:{}/karat.db", folder.display()))).await;
    db.ping().await.unwrap();
    for file in ["karat.db", "karat.db-wal", "karat.db-shm"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&folder), 0o700);
}

#[tokio::test]
async fn both_spellings_of_the_address_open_the_same_file() {
    let fresh = fresh_sqlite().await;
    let path = fresh.folder().join("karat.db");
    opened(&OpenSettings::new(format!("sqlite:{}", path.display()))).await.close().await;
    let db = Db::open(&OpenSettings::new(format!("sqlite://{}", path.display()))).await.unwrap();
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 0);
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_to_a_power_cut() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    assert_eq!(db.kind(), Kind::Sqlite);
    // 2 is FULL. The writer answers through RETURNING-less pragmas only inside a transaction.
    let mut tx = db.begin().await.unwrap();
    for (pragma, expected) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA query_only", 0)] {
        assert_eq!(tx.sql(pragma).one::<(i64,)>().await.unwrap(), (expected,), "{pragma}");
    }
    assert_eq!(tx.sql("PRAGMA journal_mode").one::<(String,)>().await.unwrap(), ("wal".into(),));
}

#[tokio::test]
async fn a_read_cannot_write() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    assert!(db.read("INSERT INTO counters (id, n) VALUES (1, 1)").run().await.is_err());
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_writing_is_whole() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (db, stop) = (db.clone(), stop.clone());
        async move {
            let mut id = 0;
            while !stop.load(Ordering::Relaxed) {
                let mut tx = db.begin().await.unwrap();
                for half in [1, 2] {
                    tx.sql("INSERT INTO pairs (id, half) VALUES ($1, $2)").bind(id).bind(half).run().await.unwrap();
                }
                tx.commit().await.unwrap();
                id += 1;
            }
        }
    });
    for n in 0..5 {
        let acknowledged = count(&db, "SELECT COUNT(*) FROM pairs").await;
        let path = fresh.folder().join(format!("backups/{n}.db"));
        db.backup_to(&path).await.unwrap();
        assert_eq!(mode(&path), 0o600);
        let copy = Db::open(&OpenSettings::new(format!("sqlite:{}", path.display()))).await.unwrap();
        let copied = count(&copy, "SELECT COUNT(*) FROM pairs").await;
        assert!(copied >= acknowledged && copied % 2 == 0, "{copied} rows copied of {acknowledged}");
        assert_eq!(
            copy.pending_of(&karat::storage::History::from_files(&[("0001_contract.sql", crate::SCHEMA)]).unwrap())
                .await
                .unwrap()
                .len(),
            0
        );
    }
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    let path = fresh.folder().join("precious");
    std::fs::write(&path, "precious").unwrap();
    let Err(Error::Unsupported(message)) = db.backup_to(&path).await else { panic!("overwritten") };
    assert!(message.contains("exists already"), "{message}");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() {
    let fresh = fresh_sqlite().await;
    std::fs::create_dir_all(fresh.folder()).unwrap();
    std::fs::write(fresh.folder().join("karat.db"), "this is not a database, ".repeat(100)).unwrap();
    let refused = Db::open(&fresh.settings()).await.map(drop);
    assert!(matches!(refused, Err(Error::Corrupt(_))), "{refused:?}");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_read_that_takes_long_holds_nobody_up() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    let counting = db.clone();
    let long = tokio::spawn(async move { counting.read(COUNT_TO_A_MILLION).one::<(i64,)>().await });
    tokio::task::yield_now().await;
    for _ in 0..20 {
        assert_eq!(db.read("SELECT COUNT(*) FROM samples").one::<(i64,)>().await.unwrap(), (0,));
    }
    assert!(!long.is_finished(), "the long read ended first");
    assert_eq!(long.await.unwrap().unwrap(), (1_000_000,));
}

#[tokio::test]
async fn more_long_reads_than_connections_wait_their_turn() {
    let fresh = fresh_sqlite().await;
    let db = opened(&OpenSettings { max_connections: 1, ..fresh.settings() }).await;
    let count = |db: karat::storage::Db| async move { db.read(COUNT_TO_A_MILLION).long().one::<(i64,)>().await };
    let (first, second) = tokio::join!(count(db.clone()), count(db.clone()));
    assert_eq!((first.unwrap(), second.unwrap()), ((1_000_000,), (1_000_000,)));
    assert_eq!((db.connections().open, db.connections().idle), (1, 1));
}

#[tokio::test]
async fn nothing_is_read_after_closing() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    db.read("SELECT COUNT(*) FROM samples").one::<(i64,)>().await.unwrap();
    db.close().await;
    for asked in [db.read("SELECT COUNT(*) FROM samples"), db.read("SELECT COUNT(*) FROM samples").long()] {
        assert!(matches!(asked.one::<(i64,)>().await, Err(Error::Unavailable(_))));
    }
    let left: Vec<_> = std::fs::read_dir(fresh.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with("-wal")), "a connection was left open: {left:?}");
}

#[tokio::test]
async fn what_an_address_may_ask_for_is_done_or_refused() {
    let fresh = fresh_sqlite().await;
    let address = |asked: &str| format!("sqlite:{}/karat.db{asked}", fresh.folder().display());
    Db::open(&OpenSettings::new(address("?mode=rwc"))).await.unwrap();
    for asked in ["?mode=ro", "?immutable=1", "?mode=rwc&vfs=unix-dotfile", "?cache=shared"] {
        let refused = Db::open(&OpenSettings::new(address(asked))).await.err().expect(asked);
        assert!(matches!(&refused, Error::Unsupported(why) if why.starts_with("storage.url: ")), "{asked}: {refused}");
    }
}

karat::record! {
    struct Wider {
        id: i64,
        more: Option<String>,
    }
}

#[tokio::test]
async fn a_column_that_another_version_adds_meanwhile_is_read_by_its_name() {
    const ALL: &str = "SELECT * FROM samples";
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO samples (id) VALUES (7)").run().await.unwrap();
    assert!(db.read(ALL).one::<Wider>().await.is_err());
    let other = Db::open(&fresh.settings()).await.unwrap();
    other.write("ALTER TABLE samples ADD COLUMN more TEXT").run().await.unwrap();
    other.write("UPDATE samples SET more = 'seen'").run().await.unwrap();
    let wider: Wider = db.read(ALL).one().await.unwrap();
    assert_eq!((wider.id, wider.more.as_deref()), (7, Some("seen")));
}

#[tokio::test]
async fn a_statement_takes_all_the_values_that_are_bound() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    assert!(db.read("SELECT id FROM samples WHERE id = $1").bind(1).bind(2).optional::<(i64,)>().await.is_err());
    assert!(db.read("SELECT id FROM samples WHERE id = $1").optional::<(i64,)>().await.is_err());
    assert!(db.read("SELECT id FROM samples WHERE id = $1").bind(1).optional::<(i64,)>().await.unwrap().is_none());
}
