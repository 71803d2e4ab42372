//! Several statements, all or none.

use futures_util::future::join_all;
use karat::storage::{Bound, Db, Error};

use crate::databases::FreshDatabase;
use crate::{count, on_both_databases, opened};

on_both_databases! {
    a_committed_transaction_is_seen_and_an_open_one_is_not,
    a_dropped_transaction_leaves_nothing,
    after_a_failed_statement_nothing_can_be_committed,
    a_row_that_does_not_decode_can_be_rolled_back,
    a_deferred_refusal_fails_the_commit,
    transactions_and_single_writes_take_turns,
    an_early_return_rolls_back,
    what_is_run_before_a_write_happens_with_it_or_not_at_all,
    of_two_hundred_that_wait_only_those_whose_write_fails_leave_nothing,
}

const PARENT: &str = "INSERT INTO parents (id, name) VALUES ($1, $2)";
const PARENTS: &str = "SELECT COUNT(*) FROM parents";

async fn a_committed_transaction_is_seen_and_an_open_one_is_not(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let mut tx = db.begin().await.unwrap();
    tx.sql(PARENT).bind(1).bind("ada").run().await.unwrap();
    let (inside,): (i64,) = tx.sql(PARENTS).one().await.unwrap();
    assert_eq!((inside, count(&db, PARENTS).await), (1, 0));
    tx.commit().await.unwrap();
    assert_eq!(count(&db, PARENTS).await, 1);
}

async fn a_dropped_transaction_leaves_nothing(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    for _ in 0..30 {
        let mut tx = db.begin().await.unwrap();
        tx.sql(PARENT).bind(1).bind("ada").run().await.unwrap();
        drop(tx);
    }
    drop(db.begin().await.unwrap());
    assert_eq!(count(&db, PARENTS).await, 0);
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
}

async fn after_a_failed_statement_nothing_can_be_committed(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.sql(PARENT).bind(2).bind("bob").run().await.unwrap();
    assert!(matches!(tx.sql(PARENT).bind(3).bind("ada").run().await, Err(Error::Conflict)));
    assert!(tx.sql(PARENT).bind(4).bind("eve").run().await.is_err());
    assert!(tx.commit().await.is_err());
    assert_eq!(count(&db, PARENTS).await, 1);
    db.write(PARENT).bind(2).bind("bob").run().await.unwrap();
}

async fn a_row_that_does_not_decode_can_be_rolled_back(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let mut tx = db.begin().await.unwrap();
    let insert = tx.sql("INSERT INTO parents (id, name) VALUES ($1, $2) RETURNING name").bind(1).bind("ada");
    assert!(matches!(insert.one::<(i64,)>().await, Err(Error::Corrupt(_))));
    drop(tx);
    assert_eq!(count(&db, PARENTS).await, 0);
}

async fn a_deferred_refusal_fails_the_commit(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let mut tx = db.begin().await.unwrap();
    tx.sql("INSERT INTO promises (id, parent) VALUES ($1, $2)").bind(1).bind(404).run().await.unwrap();
    assert!(matches!(tx.commit().await, Err(Error::Other(_))));
    assert_eq!(count(&db, "SELECT COUNT(*) FROM promises").await, 0);
    // Also alone, and answering rows that the end then takes back.
    let insert = db.write("INSERT INTO promises (id, parent) VALUES ($1, $2) RETURNING id").bind(1).bind(404);
    assert!(matches!(insert.one::<(i64,)>().await, Err(Error::Other(_))));
    assert_eq!(count(&db, "SELECT COUNT(*) FROM promises").await, 0);
}

async fn what_is_run_before_a_write_happens_with_it_or_not_at_all(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO counters (id, n) VALUES (1, 0)").run().await.unwrap();
    assert!(matches!(counted_parent(&db, 1).await, Ok(1)));
    assert_eq!(count(&db, COUNTED).await, 1);
    assert!(matches!(counted_parent(&db, 1).await, Err(Error::Conflict)));
    assert_eq!(count(&db, COUNTED).await, 1, "counted for a write that failed");
    // Inside a transaction as well.
    let mut tx = db.begin().await.unwrap();
    tx.sql(PARENT).bind(2).bind("2").after(Bound::new(COUNT_ONE).bind(1)).run().await.unwrap();
    drop(tx);
    assert_eq!((count(&db, COUNTED).await, count(&db, PARENTS).await), (1, 1));
}

async fn of_two_hundred_that_wait_only_those_whose_write_fails_leave_nothing(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO counters (id, n) VALUES (1, 0)").run().await.unwrap();
    // Each of a hundred names is wanted by two.
    let tasks = (0..200).map(|i| {
        let db = db.clone();
        tokio::spawn(async move { counted_parent(&db, i % 100).await })
    });
    let results: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(1))).count(), 100);
    assert_eq!(results.iter().filter(|result| matches!(result, Err(Error::Conflict))).count(), 100);
    assert_eq!((count(&db, COUNTED).await, count(&db, PARENTS).await), (100, 100));
}

const COUNT_ONE: &str = "UPDATE counters SET n = n + 1 WHERE id = $1";
const COUNTED: &str = "SELECT n FROM counters WHERE id = 1";

async fn counted_parent(db: &Db, id: i64) -> Result<u64, Error> {
    db.write(PARENT).bind(id).bind(id.to_string()).after(Bound::new(COUNT_ONE).bind(1)).run().await
}

async fn transactions_and_single_writes_take_turns(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO counters (id, n) VALUES (1, 0), (2, 0)").run().await.unwrap();
    let tasks = (0..120).map(|i| {
        let db = db.clone();
        tokio::spawn(async move {
            match i % 3 {
                0 => increment_both(&db, true).await,
                1 => increment_both(&db, false).await,
                _ => {
                    let increment = "UPDATE counters SET n = n + 1 WHERE id = $1";
                    assert_eq!(db.write(increment).bind(1).run().await.unwrap(), 1);
                }
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    // Forty committed transactions, forty rolled back, forty single writes.
    assert_eq!(count(&db, "SELECT n FROM counters WHERE id = 1").await, 80);
    assert_eq!(count(&db, "SELECT n FROM counters WHERE id = 2").await, 40);
}

async fn increment_both(db: &Db, commit: bool) {
    let mut tx = db.begin().await.unwrap();
    for id in [1, 2] {
        tx.sql("UPDATE counters SET n = n + 1 WHERE id = $1").bind(id).run().await.unwrap();
    }
    if commit {
        tx.commit().await.unwrap();
    }
}

async fn an_early_return_rolls_back(fresh: &FreshDatabase) {
    async fn two(db: &Db) -> Result<(), Error> {
        let mut tx = db.begin().await?;
        tx.sql(PARENT).bind(1).bind("ada").run().await?;
        tx.sql(PARENT).bind(2).bind("ada").run().await?;
        tx.commit().await
    }
    let db = opened(&fresh.settings()).await;
    assert!(matches!(two(&db).await, Err(Error::Conflict)));
    assert_eq!(count(&db, PARENTS).await, 0);
}
