//! Nodes are killed in the middle of a migration, several of them starting at once: the next start completes it.

use std::time::Duration;

use karat::storage::{Db, History};
use sqlx::{Connection, Executor, PgConnection};

use crate::eventually;
use crate::fleet::{Fleet, app};
use crate::process::Installation;
use crate::support::databases::{FreshDatabase, fresh_postgres, redis_url};

/// The embedded history up to the version before `until`.
pub fn history_before(until: &str) -> History {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<(String, String)> = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".sql") && name.as_str() < until {
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    History::from_files(&files).unwrap()
}

/// Everything that a schema is made of.
async fn schema(database: &FreshDatabase) -> Vec<(String,)> {
    let mut connection = database.postgres_connection().await;
    let columns = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') \
                   FROM information_schema.columns WHERE table_schema = 'public' \
                   UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
                   UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
                   WHERE connamespace = 'public'::regnamespace ORDER BY 1";
    sqlx::query_as(columns).fetch_all(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_killed_in_the_middle_of_a_migration_leave_no_half_and_the_next_start_completes_it() {
    let clean = fresh_postgres().await;
    clean.open_migrated().await.close().await;

    let database = fresh_postgres().await;
    let db = database.open().await;
    db.migrate_with(&history_before("0010")).await.unwrap();
    db.close().await;
    // Whoever reads a table keeps a migration that changes it waiting, in its middle.
    let mut reader = database.postgres_connection().await;
    let mut reading = reader.begin().await.unwrap();
    reading.execute("LOCK TABLE kyc_cases IN ACCESS SHARE MODE").await.unwrap();

    let mut fleet = Fleet::on(&database.url, &redis_url(), "").await;
    for _ in 0..3 {
        fleet.add(&[]);
    }
    let mut looking = database.postgres_connection().await;
    eventually("one node migrates and two wait for it", async || {
        waiting(&mut looking, "relation").await == 1 && waiting(&mut looking, "advisory").await == 2
    })
    .await;
    for node in fleet.nodes() {
        fleet.kill(node).await;
    }
    reading.rollback().await.unwrap();
    eventually("what the dead nodes had begun is undone", async || {
        waiting(&mut looking, "relation").await + waiting(&mut looking, "advisory").await == 0
    })
    .await;
    for node in fleet.nodes() {
        fleet.start(node);
    }
    fleet.all_ready().await;
    assert_eq!(schema(&database).await, schema(&clean).await);
    let (visitor, held) = fleet.logged_in("erika@example.com").await;
    assert_eq!(visitor.refresh(&app(), &held.refresh).await.unwrap().0, 200);
}

/// How many wait for a lock of this kind in this database.
async fn waiting(connection: &mut PgConnection, kind: &str) -> i64 {
    let text = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = $1 \
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (count,): (i64,) = sqlx::query_as(text).bind(kind).fetch_one(connection).await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_killed_at_any_point_is_completed_by_the_next() {
    let clean = Installation::new();
    let began = std::time::Instant::now();
    clean.karat(&["migrate"]).succeeded();
    let whole = began.elapsed();
    let killed = Installation::new();
    for part in 1..=10 {
        let mut migrating = killed.begin(&[], &["migrate"]);
        tokio::time::sleep(whole * part / 11).await;
        migrating.signal("KILL");
        migrating.ended(Duration::from_secs(10)).await;
    }
    killed.karat(&["migrate"]).succeeded();
    assert_eq!(embedded_schema(&killed).await, embedded_schema(&clean).await);
    killed.serve().await.stop().await;
}

async fn embedded_schema(installation: &Installation) -> Vec<(String, String)> {
    let url = format!("sqlite:{}", installation.file("data/karat.db").display());
    let db = Db::open(&karat::storage::OpenSettings::new(url)).await.unwrap();
    let found = db.read("SELECT name, COALESCE(sql, '') FROM sqlite_master ORDER BY name").all().await.unwrap();
    db.close().await;
    found
}
