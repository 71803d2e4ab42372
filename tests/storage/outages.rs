//! When the database cannot answer, the answer is "later", in bounded time, and afterwards all is well again.

use std::time::{Duration, Instant};

use karat::storage::{Db, Error, OpenSettings};
use tokio::time::{sleep, timeout};

use crate::databases::{FreshDatabase, fresh_postgres, fresh_sqlite};
use crate::{count, on_both_databases, opened};

on_both_databases! {
    a_caller_waits_for_a_connection_only_so_long,
}

const INSERT: &str = "INSERT INTO counters (id, n) VALUES ($1, 0)";

fn impatient(fresh: &FreshDatabase) -> OpenSettings {
    let mut settings = fresh.settings();
    settings.max_connections = 1;
    settings.acquire_timeout = Duration::from_millis(300);
    settings.busy_timeout = Duration::from_millis(200);
    settings.statement_timeout = Duration::from_millis(400);
    settings
}

async fn a_caller_waits_for_a_connection_only_so_long(fresh: &FreshDatabase) {
    let db = opened(&impatient(fresh)).await;
    let mut held = db.begin().await.unwrap();
    held.sql(INSERT).bind(1).run().await.unwrap();
    let asked = Instant::now();
    assert!(matches!(db.begin().await.map(drop), Err(Error::Unavailable(_))));
    assert!(matches!(db.write(INSERT).bind(2).run().await, Err(Error::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_secs(5));
    drop(held);
    assert_written_soon(&db, 1).await;
}

/// A busy disk may take longer than the impatient wait.
async fn assert_written_soon(db: &Db, id: i64) {
    for _ in 0..30 {
        if !matches!(db.write(INSERT).bind(id).run().await, Err(Error::Unavailable(_))) {
            break;
        }
    }
    let (written,): (i64,) = db.read("SELECT COUNT(*) FROM counters WHERE id = $1").bind(id).one().await.unwrap();
    assert_eq!(written, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_recovers_from_another_process_that_holds_the_file() {
    let fresh = fresh_sqlite().await;
    let db = opened(&impatient(&fresh)).await;
    // Another node's handle on the same file stands for the other process.
    let other = Db::open(&fresh.settings()).await.unwrap();
    let mut held = other.begin().await.unwrap();
    held.sql(INSERT).bind(1).run().await.unwrap();
    for _ in 0..3 {
        assert!(matches!(db.write(INSERT).bind(2).run().await, Err(Error::Unavailable(_))));
        assert!(matches!(db.begin().await.map(drop), Err(Error::Unavailable(_))));
    }
    // Reading goes on meanwhile.
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 0);
    held.commit().await.unwrap();
    assert_written_soon(&db, 2).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_sqlite_file() {
    let fresh = fresh_sqlite().await;
    let dbs = [opened(&fresh.settings()).await, Db::open(&fresh.settings()).await.unwrap()];
    dbs[0].write(INSERT).bind(1).run().await.unwrap();
    let tasks = (0..100).map(|i| {
        let db = dbs[i % 2].clone();
        tokio::spawn(async move { db.write("UPDATE counters SET n = n + 1 WHERE id = 1").run().await })
    });
    for task in futures_util::future::join_all(tasks).await {
        assert_eq!(task.unwrap().unwrap(), 1);
    }
    assert_eq!(count(&dbs[1], "SELECT n FROM counters WHERE id = 1").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_connections_that_were_killed_while_idle_cost_no_request() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    for id in 0..3 {
        db.write(INSERT).bind(id).run().await.unwrap();
        kill_connections(&fresh).await;
        sleep(Duration::from_millis(700)).await;
    }
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_connections_killed_under_load_fail_as_unavailable_and_lose_nothing_acknowledged() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    let workers = (0..8).map(|worker| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for i in 0..60 {
                let id = worker * 1000 + i;
                match db.write(INSERT).bind(id).run().await {
                    Ok(_) => acknowledged.push(id),
                    Err(Error::Unavailable(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            acknowledged
        })
    });
    let workers: Vec<_> = workers.collect();
    for _ in 0..10 {
        kill_connections(&fresh).await;
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(700)).await;
    let mut stored: Vec<(i64,)> = Vec::new();
    for worker in workers {
        let acknowledged = worker.await.unwrap();
        if stored.is_empty() {
            sleep(Duration::from_millis(600)).await;
        }
        stored = db.read("SELECT id FROM counters").all().await.unwrap();
        assert!(acknowledged.iter().all(|id| stored.contains(&(*id,))));
    }
    db.write(INSERT).bind(-1).run().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_transaction_whose_connection_was_killed_cannot_commit() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    let mut tx = db.begin().await.unwrap();
    tx.sql(INSERT).bind(1).run().await.unwrap();
    kill_connections(&fresh).await;
    assert!(matches!(tx.commit().await, Err(Error::Unavailable(_))));
    let mut tx = db.begin().await.unwrap();
    tx.sql(INSERT).bind(2).run().await.unwrap();
    kill_connections(&fresh).await;
    assert!(matches!(tx.sql(INSERT).bind(3).run().await, Err(Error::Unavailable(_))));
    drop(tx);
    sleep(Duration::from_millis(700)).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_statement_that_takes_too_long_is_stopped() {
    let fresh = fresh_postgres().await;
    let db = opened(&impatient(&fresh)).await;
    let slow = timeout(Duration::from_secs(5), db.read("SELECT CAST(1 AS BIGINT) FROM pg_sleep(60)").one::<(i64,)>());
    assert!(matches!(slow.await.unwrap(), Err(Error::Unavailable(_))));
    db.write(INSERT).bind(1).run().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_server_that_is_not_there_is_unavailable_in_bounded_time() {
    let mut settings = OpenSettings::new("postgres://karat@127.0.0.1:1/karat");
    settings.acquire_timeout = Duration::from_millis(500);
    let refused = timeout(Duration::from_secs(5), Db::open(&settings)).await.unwrap();
    let Err(Error::Unavailable(cause)) = refused.map(drop) else { panic!("nobody answers, and yet it opened") };
    assert!(cause.to_string().contains("refused"), "{cause}");
}

async fn kill_connections(fresh: &FreshDatabase) {
    let mut connection = fresh.postgres_connection().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(kill).execute(&mut connection).await.unwrap();
}
