//! Single statements: what they answer, and who wins a race.

use futures_util::future::join_all;
use karat::storage::{Db, Error};

use crate::databases::FreshDatabase;
use crate::{count, on_both_databases, opened};

on_both_databases! {
    a_statement_answers_how_many_rows_it_touched,
    optional_one_and_all_answer_the_rows,
    a_row_that_must_exist_and_does_not_is_corrupt,
    a_taken_unique_value_is_a_conflict,
    a_missing_parent_is_no_conflict,
    broken_sql_is_a_mistake_of_ours,
    a_read_sees_every_acknowledged_write,
    of_fifty_who_redeem_a_code_one_succeeds,
    two_hundred_parallel_writes_fail_only_for_themselves,
    two_hundred_parallel_increments_are_all_counted,
    a_closed_database_is_unavailable,
    an_open_database_answers_a_ping,
    the_word_is_kept_when_the_database_is_opened_again,
}

const PARENT: &str = "INSERT INTO parents (id, name) VALUES ($1, $2)";

async fn a_statement_answers_how_many_rows_it_touched(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let three = "INSERT INTO counters (id, n) VALUES (1, 0), (2, 0), (3, 5)";
    assert_eq!(db.write(three).run().await.unwrap(), 3);
    // Matched rows count, also when nothing changes in them.
    assert_eq!(db.write("UPDATE counters SET n = $1 WHERE n = $2").bind(0).bind(0).run().await.unwrap(), 2);
    assert_eq!(db.write("UPDATE counters SET n = 1 WHERE id = $1").bind(9).run().await.unwrap(), 0);
    let again = db.write("INSERT INTO counters (id, n) VALUES ($1, 7) ON CONFLICT (id) DO NOTHING").bind(1).run();
    assert_eq!(again.await.unwrap(), 0);
    let upsert = "INSERT INTO counters (id, n) VALUES ($1, 7) ON CONFLICT (id) DO UPDATE SET n = excluded.n";
    assert_eq!(db.write(upsert).bind(1).run().await.unwrap(), 1);
    assert_eq!(db.write("DELETE FROM counters WHERE id < $1").bind(3).run().await.unwrap(), 2);
}

async fn optional_one_and_all_answer_the_rows(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let insert = "INSERT INTO counters (id, n) VALUES ($1, $2), ($3, $4) RETURNING id, n";
    let inserted: Vec<(i64, i64)> = db.write(insert).bind(1).bind(10).bind(2).bind(20).all().await.unwrap();
    assert_eq!(inserted, [(1, 10), (2, 20)]);
    let all: Vec<(i64, i64)> = db.read("SELECT id, n FROM counters ORDER BY id DESC").all().await.unwrap();
    assert_eq!(all, [(2, 20), (1, 10)]);
    let by_id = "SELECT n FROM counters WHERE id = $1";
    assert_eq!(db.read(by_id).bind(2).optional::<(i64,)>().await.unwrap(), Some((20,)));
    assert_eq!(db.read(by_id).bind(3).optional::<(i64,)>().await.unwrap(), None);
    assert_eq!(db.read(by_id).bind(1).one::<(i64,)>().await.unwrap(), (10,));
    let deleted: Option<(i64,)> =
        db.write("DELETE FROM counters WHERE id = $1 RETURNING n").bind(1).optional().await.unwrap();
    assert_eq!(deleted, Some((10,)));
    assert_eq!(count(&db, "SELECT COUNT(*) FROM counters").await, 1);
}

async fn a_row_that_must_exist_and_does_not_is_corrupt(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let read = db.read("SELECT n FROM counters WHERE id = $1").bind(1);
    assert!(matches!(read.one::<(i64,)>().await, Err(Error::Corrupt(_))));
}

async fn a_taken_unique_value_is_a_conflict(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
    assert!(matches!(db.write(PARENT).bind(2).bind("ada").run().await, Err(Error::Conflict)));
    assert!(matches!(db.write(PARENT).bind(1).bind("bob").run().await, Err(Error::Conflict)));
    db.write(PARENT).bind(2).bind("bob").run().await.unwrap();
    let rename = db.write("UPDATE parents SET name = $2 WHERE id = $1").bind(2).bind("ada").run().await;
    assert!(matches!(rename, Err(Error::Conflict)));
}

async fn a_missing_parent_is_no_conflict(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let orphan = db.write("INSERT INTO children (id, parent) VALUES ($1, $2)").bind(1).bind(404).run().await;
    assert!(matches!(orphan, Err(Error::Other(_))), "{orphan:?}");
}

async fn broken_sql_is_a_mistake_of_ours(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    assert!(matches!(db.read("SELECT FROM WHERE").all::<(i64,)>().await, Err(Error::Other(_))));
    assert!(matches!(db.write("UPDATE nothing SET n = 1").run().await, Err(Error::Other(_))));
    // Neither the connection nor the writer suffers.
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
}

async fn a_read_sees_every_acknowledged_write(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let tasks = (0..50).map(|id| {
        let db = db.clone();
        tokio::spawn(async move {
            db.write("INSERT INTO counters (id, n) VALUES ($1, 0)").bind(id).run().await.unwrap();
            for n in 1..10 {
                db.write("UPDATE counters SET n = $2 WHERE id = $1").bind(id).bind(n).run().await.unwrap();
                let (found,): (i64,) = db.read("SELECT n FROM counters WHERE id = $1").bind(id).one().await.unwrap();
                assert_eq!(found, n);
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
}

async fn of_fifty_who_redeem_a_code_one_succeeds(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO codes (id) VALUES ($1)").bind(1).run().await.unwrap();
    let redeemed = parallel(&db, 50, |db, at| async move {
        let redeem = "UPDATE codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL";
        db.write(redeem).bind(1).bind(at).run().await.unwrap()
    });
    assert_eq!(redeemed.await.into_iter().sum::<u64>(), 1);
}

async fn two_hundred_parallel_writes_fail_only_for_themselves(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    // Each of a hundred names is wanted by two; every tenth statement is nonsense on top.
    let results = parallel(&db, 200, |db, i| async move {
        if i % 10 == 0 {
            let result = db.write("INSERT INTO children (id, parent) VALUES ($1, $2)").bind(i).bind(-1).run().await;
            assert!(matches!(result, Err(Error::Other(_))), "{result:?}");
        }
        db.write(PARENT).bind(i).bind(format!("name {}", i % 100)).run().await
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(1))).count(), 100);
    assert_eq!(results.iter().filter(|result| matches!(result, Err(Error::Conflict))).count(), 100);
    for (i, result) in results.iter().enumerate() {
        let row =
            db.read("SELECT name FROM parents WHERE id = $1").bind(i as i64).optional::<(String,)>().await.unwrap();
        assert_eq!(row.is_some(), result.is_ok(), "what {i} was told is not what is stored");
    }
    assert_eq!(count(&db, "SELECT COUNT(*) FROM children").await, 0);
}

async fn two_hundred_parallel_increments_are_all_counted(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO counters (id, n) VALUES ($1, 0)").bind(1).run().await.unwrap();
    let counted = parallel(&db, 200, |db, _| async move {
        let (n,): (i64,) =
            db.write("UPDATE counters SET n = n + 1 WHERE id = $1 RETURNING n").bind(1).one().await.unwrap();
        n
    });
    let mut counted = counted.await;
    counted.sort_unstable();
    assert_eq!(counted, (1..=200).collect::<Vec<i64>>());
}

async fn a_closed_database_is_unavailable(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
    db.close().await;
    assert!(matches!(db.ping().await, Err(Error::Unavailable(_))));
    assert!(matches!(db.write(PARENT).bind(2).bind("bob").run().await, Err(Error::Unavailable(_))));
    assert!(matches!(db.begin().await.map(drop), Err(Error::Unavailable(_))));
    db.close().await;
}

async fn an_open_database_answers_a_ping(fresh: &FreshDatabase) {
    opened(&fresh.settings()).await.ping().await.unwrap();
}

async fn the_word_is_kept_when_the_database_is_opened_again(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write(PARENT).bind(1).bind("ada").run().await.unwrap();
    db.close().await;
    let db = opened(&fresh.settings()).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM parents").await, 1);
}

async fn parallel<T, F>(db: &Db, times: i64, work: impl Fn(Db, i64) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..times).map(|i| tokio::spawn(work(db.clone(), i))).collect::<Vec<_>>();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}
