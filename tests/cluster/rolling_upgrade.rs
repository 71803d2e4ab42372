//! A node of this release takes over what the one before left: its schema, with people, sessions and tokens in it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::fleet::{Fleet, app, code, successor};
use crate::migration_killed::history_before;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_tokens_of_the_release_before_live_on_in_this_one() {
    let mut fleet = Fleet::on("sqlite:data/karat.db", "memory:", "").await;
    fleet.add(&[]);
    fleet.all_ready().await;
    let (visitor, held) = fleet.logged_in("erika@example.com").await;
    fleet.kill(0).await;

    // The same rows as the release before would have them.
    let [now, before] = ["data/karat.db", "before.db"].map(|file| fleet.installation.file(file));
    let db = karat::storage::Db::open(&karat::storage::OpenSettings::new(format!("sqlite:{}", before.display())))
        .await
        .unwrap();
    db.migrate_with(&history_before("0011")).await.unwrap();
    db.close().await;
    let options = SqliteConnectOptions::new().filename(&before).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    let attach = format!("ATTACH '{}' AS now", now.display());
    connection.execute(AssertSqlSafe(attach)).await.unwrap();
    let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'";
    let tables: Vec<(String,)> = sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap();
    for (table,) in &tables {
        let columns = format!("SELECT group_concat(name, ', ') FROM pragma_table_info('{table}')");
        let (columns,): (String,) = sqlx::query_as(AssertSqlSafe(columns)).fetch_one(&mut connection).await.unwrap();
        let copy =
            format!("DELETE FROM main.{table}; INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}");
        connection.execute(AssertSqlSafe(copy)).await.unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(fleet.installation.file(&format!("data/karat.db{end}")));
    }
    std::fs::rename(before, now).unwrap();

    fleet.start(0);
    fleet.all_ready().await;
    let next = successor(&visitor, &held.refresh).await;
    assert!(fleet.is_active_at(0, &next.access).await && fleet.is_active_at(0, &held.access).await);
    assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200, "the session is there");
}
