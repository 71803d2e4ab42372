//! Every SQL text of the product is understood by both databases. There is no compile-time check of the queries, so this
//! finds them in the sources: every string literal in `src/storage` that starts like a statement.

use std::fs;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, SqlSafeStr};

use crate::databases::{fresh_postgres, fresh_sqlite};

const STATEMENTS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
/// The texts of the engine itself are for one database each.
const ENGINE: [&str; 4] = ["db.rs", "sqlite.rs", "postgres.rs", "writer.rs"];
/// PostgreSQL is told the types of parameters when a statement is run, and has to guess here. Where it guesses wrong
/// (mismatch, undetermined), running the statement has to show that it is right.
pub const GUESSED: [&str; 3] = ["42804", "42P18", "42883"];

#[tokio::test]
async fn sqlite_understands_every_query() {
    let fresh = fresh_sqlite().await;
    let db = fresh.open_migrated().await;
    let file = fresh.folder().join("karat.db");
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    for Query { file, text } in queries() {
        let prepared = (&mut connection).prepare(AssertSqlSafe(text.as_str()).into_sql_str()).await;
        assert!(prepared.is_ok(), "{file}: {text}\n{}", prepared.err().unwrap());
    }
    db.close().await;
}

#[tokio::test]
async fn postgres_understands_every_query() {
    let fresh = fresh_postgres().await;
    let db = fresh.open_migrated().await;
    let mut connection = fresh.postgres_connection().await;
    let mut guessed = 0;
    let queries = queries();
    for Query { file, text } in &queries {
        let prepared = (&mut connection).prepare(AssertSqlSafe(text.as_str()).into_sql_str()).await;
        let Err(error) = prepared else { continue };
        let code = error.as_database_error().and_then(|refusal| refusal.code()).unwrap_or_default().into_owned();
        assert!(GUESSED.contains(&&*code), "{file}: {text}\n{error}");
        guessed += 1;
    }
    assert!(guessed * 10 <= queries.len(), "{guessed} of {} queries were not really tried", queries.len());
    db.close().await;
}

#[test]
fn literals_are_read_as_rust_reads_them() {
    let source = "a(\"SELECT \\\n     1\"); // \"SELECT 2\"\nb(\"say \\\"no\\\"\", 'x', '\"', \"UPDATE t\")";
    assert_eq!(literals(source), ["SELECT 1", "say \"no\"", "UPDATE t"]);
}

pub struct Query {
    pub file: String,
    pub text: String,
}

pub fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage"), &mut queries);
    assert!(queries.len() > 40, "only {} queries found: is the test looking in the right place?", queries.len());
    let folders = ["kyc", "webhooks"].map(|folder| queries.iter().any(|query| query.file.starts_with(folder)));
    assert_eq!(folders, [true; 2], "queries in folders are found, too");
    queries
}

fn collect(folder: &Path, queries: &mut Vec<Query>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if ENGINE.contains(&&*file) {
            continue;
        }
        if path.is_dir() {
            collect(&path, queries);
            continue;
        }
        for text in literals(&fs::read_to_string(&path).unwrap()) {
            if STATEMENTS.iter().any(|start| text.starts_with(start)) {
                queries.push(Query { file: file.clone(), text });
            }
        }
    }
}

/// The plain string literals of a source, unescaped. Raw strings are not used for SQL here.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut characters = source.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '/' if characters.peek() == Some(&'/') => while characters.next().is_some_and(|c| c != '\n') {},
            '\'' if characters.peek() == Some(&'"') => drop(characters.next()),
            '"' => {
                let mut text = String::new();
                while let Some(c) = characters.next() {
                    match c {
                        '"' => break,
                        '\\' => match characters.next() {
                            Some('\n') => while characters.next_if(|c| c.is_whitespace()).is_some() {},
                            Some(escaped) => text.push(escaped),
                            None => break,
                        },
                        c => text.push(c),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}
