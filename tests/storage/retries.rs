//! What PostgreSQL undid or refused is asked for once more, where that is safe; what may have happened is not.

use karat::storage::{Db, Error};
use sqlx::{AssertSqlSafe, Executor};

use crate::databases::{FreshDatabase, fresh_postgres, postgres_url};
use crate::{count, opened};

const INSERT: &str = "INSERT INTO counters (id, n) VALUES ($1, 0)";
const COUNT: &str = "SELECT COUNT(*) FROM counters";

/// The next so many inserts fail with this code; a sequence is not rolled back, and so counts them.
async fn fails(fresh: &FreshDatabase, times: usize, code: &str) {
    let text = format!(
        "CREATE SEQUENCE IF NOT EXISTS tries; ALTER SEQUENCE tries RESTART;
         CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'not this time' USING ERRCODE = '{code}'; END IF;
           RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER failing BEFORE INSERT ON counters FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    fresh.postgres_connection().await.execute(AssertSqlSafe(text)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_postgres_undid_is_tried_once_more() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    for (id, code) in [(1, "40001"), (2, "40P01")] {
        fails(&fresh, 1, code).await;
        assert_eq!(db.write(INSERT).bind(id).run().await.unwrap(), 1, "{code}");
    }
    assert_eq!(count(&db, COUNT).await, 2);
    fails(&fresh, 2, "40001").await;
    assert!(matches!(db.write(INSERT).bind(3).run().await, Err(Error::Unavailable(_))), "once, and not again");
    // In a transaction the statements before it are undone as well: that is for the caller to repeat.
    fails(&fresh, 1, "40001").await;
    let mut tx = db.begin().await.unwrap();
    assert!(matches!(tx.sql(INSERT).bind(4).run().await, Err(Error::Unavailable(_))));
    drop(tx);
    for code in ["55P03", "53100", "57014", "57P01"] {
        fails(&fresh, 1, code).await;
        assert!(matches!(db.write(INSERT).bind(5).run().await, Err(Error::Unavailable(_))), "{code}");
    }
    assert_eq!(count(&db, COUNT).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_the_primary_any_more_is_left_for_the_one_that_is() {
    let fresh = fresh_postgres().await;
    drop(opened(&fresh.settings()).await);
    let name = fresh.url.rsplit('/').next().unwrap().to_owned();
    let admin = async |text: String| {
        let options: sqlx::postgres::PgConnectOptions = postgres_url().parse().unwrap();
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        connection.execute(AssertSqlSafe(text)).await.unwrap();
    };
    // Connections made now take no writes, those made later do: as of a name that comes to stand for another server.
    admin(format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let db = Db::open(&fresh.settings()).await.unwrap();
    let reads: Vec<_> = (0..4).map(|_| db.begin()).collect();
    drop(futures_util::future::join_all(reads).await);
    assert!(matches!(db.write(INSERT).bind(1).run().await, Err(Error::Unavailable(_))));
    admin(format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;

    let mut tx = db.begin().await.unwrap();
    // This connection may be one of the old ones still: its transaction is lost, and with it all trust in them.
    let _ = tx.sql(INSERT).bind(2).run().await;
    drop(tx);
    for id in 3..9 {
        assert_eq!(db.write(INSERT).bind(id).run().await.unwrap(), 1);
    }
    assert_eq!(count(&db, COUNT).await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_and_beginning_outlive_connections_that_broke() {
    let fresh = fresh_postgres().await;
    let db = opened(&fresh.settings()).await;
    for _ in 0..5 {
        // Several connections that were used just now.
        let begun: Vec<_> = (0..4).map(|_| db.begin()).collect();
        for tx in futures_util::future::join_all(begun).await {
            tx.unwrap().commit().await.unwrap();
        }
        let mut connection = fresh.postgres_connection().await;
        let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::query(kill).execute(&mut connection).await.unwrap();
        assert_eq!(count(&db, COUNT).await, 0);
        db.begin().await.unwrap().commit().await.unwrap();
    }
}
