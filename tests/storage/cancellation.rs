//! Callers go away at any moment: a browser closes its connection, a request times out. What they leave behind is whole.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use karat::storage::{Db, Error};
use tokio::time::{sleep, timeout};

use crate::databases::FreshDatabase;
use crate::{count, on_both_databases, opened};

on_both_databases! {
    a_transaction_cancelled_anywhere_happened_wholly_or_not_at_all,
    a_write_cancelled_anywhere_happened_or_not_and_later_ones_go_on,
    a_statement_cancelled_inside_a_transaction_ends_it,
    a_transaction_given_up_while_it_begins_takes_no_later_write_along,
    waiting_for_a_transaction_can_be_given_up,
}

/// Long enough that nobody is refused, short enough to notice a writer that never comes back.
const PATIENCE: Duration = Duration::from_secs(20);

async fn a_transaction_cancelled_anywhere_happened_wholly_or_not_at_all(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let tasks = (0..150).map(|id| {
        let db = db.clone();
        tokio::spawn(async move {
            // From at once to well after the end.
            timeout(Duration::from_micros(id as u64 * 150), both_halves(&db, id)).await.is_ok()
        })
    });
    let finished: Vec<bool> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    // Whoever was told "done" finds it; nobody finds a half.
    timeout(PATIENCE, both_halves(&db, 1000)).await.unwrap().unwrap();
    let halves: Vec<(i64, i64)> =
        db.read("SELECT id, COUNT(*) FROM pairs GROUP BY id ORDER BY id").all().await.unwrap();
    assert!(halves.iter().all(|(_, halves)| *halves == 2), "{halves:?}");
    for (id, _) in finished.iter().enumerate().filter(|(_, finished)| **finished) {
        assert!(halves.contains(&(id as i64, 2)), "{id} was acknowledged and is lost");
    }
}

async fn both_halves(db: &Db, id: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for half in [1, 2] {
        tx.sql("INSERT INTO pairs (id, half) VALUES ($1, $2)").bind(id).bind(half).run().await?;
    }
    tx.commit().await
}

async fn a_write_cancelled_anywhere_happened_or_not_and_later_ones_go_on(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let insert = "INSERT INTO counters (id, n) VALUES ($1, 0)";
    let tasks = (0..150).map(|id| {
        let db = db.clone();
        tokio::spawn(async move {
            timeout(Duration::from_micros(id as u64 * 100), db.write(insert).bind(id).run()).await.is_ok()
        })
    });
    let finished: Vec<bool> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    timeout(PATIENCE, db.write(insert).bind(1000).run()).await.unwrap().unwrap();
    let stored: Vec<(i64,)> = db.read("SELECT id FROM counters").all().await.unwrap();
    for (id, _) in finished.iter().enumerate().filter(|(_, finished)| **finished) {
        assert!(stored.contains(&(id as i64,)), "{id} was acknowledged and is lost");
    }
}

async fn a_statement_cancelled_inside_a_transaction_ends_it(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let mut tx = db.begin().await.unwrap();
    tx.sql("INSERT INTO pairs (id, half) VALUES (1, 1)").run().await.unwrap();
    // Polled once, then dropped. On a busy machine a statement may be done by the first poll: the next one then.
    let mut cut_short = false;
    for half in 2..200_i64 {
        let statement = tx.sql("INSERT INTO pairs (id, half) VALUES (1, $1)").bind(half);
        cut_short = statement.run().now_or_never().is_none();
        if cut_short {
            break;
        }
    }
    assert!(cut_short, "no statement was cut short");
    assert!(matches!(tx.commit().await, Err(Error::Other(_))));
    timeout(PATIENCE, both_halves(&db, 2)).await.unwrap().unwrap();
    assert_eq!(count(&db, "SELECT COUNT(*) FROM pairs WHERE id = 1").await, 0);
}

async fn a_transaction_given_up_while_it_begins_takes_no_later_write_along(fresh: &FreshDatabase) {
    let mut settings = fresh.settings();
    settings.max_connections = 1;
    let (db, other) = (opened(&settings).await, opened(&fresh.settings()).await);
    let mut given_up = 0;
    for id in 0..50 {
        // Polled once: the database was asked and has not answered.
        given_up += i32::from(db.begin().now_or_never().is_none());
        timeout(PATIENCE, db.write("INSERT INTO counters (id, n) VALUES ($1, 0)").bind(id).run())
            .await
            .unwrap()
            .unwrap();
        let (written,): (i64,) =
            other.read("SELECT COUNT(*) FROM counters WHERE id = $1").bind(id).one().await.unwrap();
        assert_eq!(written, 1, "{id} was acknowledged and nobody sees it");
    }
    assert!(given_up > 0, "none was given up");
}

async fn waiting_for_a_transaction_can_be_given_up(fresh: &FreshDatabase) {
    let mut settings = fresh.settings();
    settings.max_connections = 1;
    let db = opened(&settings).await;
    let mut held = db.begin().await.unwrap();
    held.sql("INSERT INTO pairs (id, half) VALUES (1, 1)").run().await.unwrap();
    for _ in 0..20 {
        assert!(timeout(Duration::from_millis(5), db.begin()).await.is_err());
        assert!(timeout(Duration::from_millis(5), db.write("DELETE FROM pairs").run()).await.is_err());
    }
    held.commit().await.unwrap();
    timeout(PATIENCE, both_halves(&db, 2)).await.unwrap().unwrap();
    // None of those who gave up before it began has deleted anything.
    sleep(Duration::from_millis(20)).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM pairs").await, 3);
}
