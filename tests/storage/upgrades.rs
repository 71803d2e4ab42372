//! While nodes are replaced one by one, the release before works on the schema of this one: what it asks for is there, and nothing is asked of it
//! that it does not know. Expand first, contract one release later.
//!
//! At each release: `cargo test --test storage keep_what_this_release_asks -- --ignored`, and raise `FIRST_NEW`.

use std::collections::BTreeMap;
use std::path::Path;

use karat::storage::History;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, SqlSafeStr};

use crate::databases::{FreshDatabase, fresh_postgres, fresh_sqlite};
use crate::queries::{GUESSED, queries};

/// The first migration that the release before does not have.
const FIRST_NEW: &str = "0011";
/// Every statement of the release before, one a line.
const STATEMENTS_BEFORE: &str = include_str!("statements_before.txt");

fn statements_before() -> Vec<&'static str> {
    let found: Vec<_> = STATEMENTS_BEFORE.lines().filter(|line| !line.is_empty()).collect();
    assert!(found.len() > 250, "{}", found.len());
    found
}

fn history_before() -> History {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".sql") && name.as_str() < FIRST_NEW {
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    History::from_files(&files).unwrap()
}

#[tokio::test]
async fn what_the_release_before_asks_is_understood_by_sqlite_on_this_schema() {
    let fresh = fresh_sqlite().await;
    let db = fresh.open_migrated().await;
    let file = fresh.folder().join("karat.db");
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    for text in statements_before() {
        let prepared = (&mut connection).prepare(AssertSqlSafe(text).into_sql_str()).await;
        assert!(prepared.is_ok(), "{text}\n{}", prepared.err().unwrap());
    }
    db.close().await;
}

#[tokio::test]
async fn what_the_release_before_asks_is_understood_by_postgres_on_this_schema() {
    let fresh = fresh_postgres().await;
    fresh.open_migrated().await.close().await;
    let mut connection = fresh.postgres_connection().await;
    for text in statements_before() {
        let Err(error) = (&mut connection).prepare(AssertSqlSafe(text).into_sql_str()).await else { continue };
        let code = error.as_database_error().and_then(|refusal| refusal.code()).unwrap_or_default().into_owned();
        assert!(GUESSED.contains(&&*code), "{text}\n{error}");
    }
}

#[tokio::test]
async fn nothing_that_the_release_before_knows_has_changed_its_shape() {
    let [old, new] = [fresh_postgres().await, fresh_postgres().await];
    let db = old.open().await;
    db.migrate_with(&history_before()).await.unwrap();
    db.close().await;
    new.open_migrated().await.close().await;
    let (before, now) = (Shape::of(&old).await, Shape::of(&new).await);
    assert!(before.columns.len() > 200, "{}", before.columns.len());
    assert_eq!(broken(&before, &now), [] as [String; 0]);
}

/// Columns by table and name; unique indexes by table and definition.
#[derive(Clone, Default)]
struct Shape {
    columns: BTreeMap<(String, String), Column>,
    unique: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    nullable: bool,
    has_default: bool,
}

impl Shape {
    async fn of(database: &FreshDatabase) -> Self {
        let mut connection = database.postgres_connection().await;
        let columns: Vec<(String, String, String, bool, bool)> = sqlx::query_as(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES', column_default IS NOT NULL \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let unique = "SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'";
        let unique = sqlx::query_as(unique).fetch_all(&mut connection).await.unwrap();
        let columns = columns.into_iter().map(|(table, column, kind, nullable, has_default)| {
            ((table, column), Column { kind, nullable, has_default })
        });
        Self { columns: columns.collect(), unique }
    }
}

/// What keeps the release before from working on `now`.
fn broken(before: &Shape, now: &Shape) -> Vec<String> {
    let mut found = Vec::new();
    let tables: Vec<_> = before.columns.keys().map(|(table, _)| table).collect();
    for (place, column) in &before.columns {
        match now.columns.get(place) {
            None => found.push(format!("{place:?} is gone")),
            Some(other) if (&other.kind, other.nullable) != (&column.kind, column.nullable) => {
                found.push(format!("{place:?} was {column:?} and is {other:?}"));
            }
            Some(_) => {}
        }
    }
    for (place, column) in &now.columns {
        let unknown = !before.columns.contains_key(place) && tables.contains(&&place.0);
        if unknown && !column.nullable && !column.has_default {
            found.push(format!("{place:?} is new, and who does not know it cannot insert"));
        }
    }
    for (table, index) in &now.unique {
        if tables.contains(&table) && !before.unique.iter().any(|(_, known)| known == index) {
            found.push(format!("{index} is new, and refuses what the release before writes"));
        }
    }
    found
}

#[test]
fn what_would_break_the_release_before_is_noticed() {
    let column = |nullable, has_default| Column { kind: "bigint".to_owned(), nullable, has_default };
    let place = |table: &str, name: &str| (table.to_owned(), name.to_owned());
    let mut before = Shape::default();
    before.columns.insert(place("t", "a"), column(false, false));
    let with = |change: &dyn Fn(&mut Shape)| {
        let mut now = before.clone();
        change(&mut now);
        broken(&before, &now).len()
    };
    for fine in [
        &(|now: &mut Shape| drop(now.columns.insert(place("t", "b"), column(true, false)))) as &dyn Fn(&mut Shape),
        &|now| drop(now.columns.insert(place("t", "b"), column(false, true))),
        &|now| drop(now.columns.insert(place("u", "b"), column(false, false))),
        &|now| now.unique.push(place("u", "unique u (b)")),
    ] {
        assert_eq!(with(fine), 0);
    }
    for breaks in [
        &(|now: &mut Shape| now.columns.clear()) as &dyn Fn(&mut Shape),
        &|now| drop(now.columns.insert(place("t", "a"), column(true, false))),
        &|now| now.columns.get_mut(&place("t", "a")).unwrap().kind = "text".to_owned(),
        &|now| drop(now.columns.insert(place("t", "b"), column(false, false))),
        &|now| now.unique.push(place("t", "unique t (a)")),
    ] {
        assert_eq!(with(breaks), 1);
    }
}

#[test]
#[ignore = "writes a file: run it when a release is made"]
fn keep_what_this_release_asks() {
    let mut texts: Vec<String> = queries().into_iter().map(|query| query.text.replace('\n', " ")).collect();
    texts.sort();
    texts.dedup();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/storage/statements_before.txt");
    std::fs::write(file, texts.join("\n") + "\n").unwrap();
}
