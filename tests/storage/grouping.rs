//! SQLite: writes that wait together share one COMMIT, and still stand or fall each for itself.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use karat::storage::{Db, Error};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::databases::fresh_sqlite;
use crate::{count, opened};

const INSERT: &str = "INSERT INTO counters (id, n) VALUES ($1, 0)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_waiting_writes_share_a_commit() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    let before = commits(fresh.folder());
    let writes =
        queued_behind_a_transaction(&db, 100, |db, id| async move { db.write(INSERT).bind(id).run().await }).await;
    assert!(writes.into_iter().all(|result| result == Ok(1)));
    let commits = commits(fresh.folder()) - before;
    assert!((1..=2).contains(&commits), "{commits} commits for a hundred writes that waited together");
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_group_only_who_broke_a_deferred_promise_fails() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    let write = |db: Db, id: i64| async move {
        match id {
            50 => db.write("INSERT INTO promises (id, parent) VALUES ($1, 404)").bind(id).run().await,
            _ => db.write(INSERT).bind(id).run().await,
        }
    };
    let results = queued_behind_a_transaction(&db, 100, write).await;
    for (id, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), id != 50, "{id}: {result:?}");
    }
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 99);
    assert_eq!(count(&db, "SELECT COUNT(*) FROM promises").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_is_fair_between_writes_and_transactions() {
    let fresh = fresh_sqlite().await;
    let db = opened(&fresh.settings()).await;
    // A transaction in the middle sees what queued before it and nothing that queued after.
    let seen = queued_behind_a_transaction(&db, 101, |db, id| async move {
        if id != 50 {
            return db.write(INSERT).bind(id).run().await;
        }
        let mut tx = db.begin().await?;
        let (seen,): (i64,) = tx.sql("SELECT COUNT(*) FROM counters").one().await?;
        Ok(seen as u64)
    });
    assert_eq!(seen.await[50], Ok(50));
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 100);
}

/// Starts the writes in order while a transaction holds the writer, then lets them go.
async fn queued_behind_a_transaction<F>(db: &Db, writes: i64, write: impl Fn(Db, i64) -> F) -> Vec<Result<u64, String>>
where
    F: Future<Output = Result<u64, Error>> + Send + 'static,
{
    let held = db.begin().await.unwrap();
    let mut waiting: Vec<JoinHandle<_>> = Vec::new();
    for id in 0..writes {
        waiting.push(tokio::spawn(write(db.clone(), id)));
        sleep(Duration::from_millis(2)).await;
    }
    drop(held);
    join_all(waiting).await.into_iter().map(|result| result.unwrap().map_err(|error| error.to_string())).collect()
}

/// Counts the commits in the write-ahead log: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>. A header of
/// 32 bytes with the page size at 8; frames of 24 bytes and a page; in a commit's last frame the size at 4 is not zero.
fn commits(folder: &Path) -> usize {
    // It is made by the first write.
    let Ok(log) = std::fs::read(folder.join("karat.db-wal")) else { return 0 };
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    let frame = 24 + number(&log[8..12]);
    log[32..].chunks_exact(frame).filter(|frame| number(&frame[4..8]) != 0).count()
}
