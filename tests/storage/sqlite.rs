//! What only SQLite has: a file, its mode, its pragmas, its backup.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use karat::storage::{Db, Error, Kind, OpenSettings};

use crate::databases::fresh_sqlite;
use crate::{count, opened};

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
