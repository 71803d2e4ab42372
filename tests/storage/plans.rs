//! No statement of the product reads a table from end to end that grows with people or time: the databases are asked how they
//! would go about each of them. A walk along an index is fine where the statement takes only so many rows.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgConnection, Row, SqlSafeStr};

use crate::databases::{fresh_postgres, fresh_sqlite};
use crate::queries::{Query, queries};

/// One row a person, a log-in, a message or an act, or more.
const GROWING: [&str; 23] = [
    "audit_log",
    "authenticators",
    "consents",
    "events",
    "grants",
    "holds",
    "idempotency_keys",
    "known_devices",
    "kyc_cases",
    "kyc_documents",
    "kyc_fingerprints",
    "kyc_history",
    "kyc_identities",
    "kyc_keys",
    "kyc_notes",
    "mailed_actions",
    "outbox",
    "recovery_codes",
    "registrations",
    "revoked_tokens",
    "sessions",
    "users",
    "webhook_deliveries",
];

/// What is read whole, and why: a part of the text.
const READ_WHOLE: [(&str, &str); 1] =
    [("SELECT COUNT(*) FROM users", "once in a while, and only where people were imported with foreign passwords")];

/// What skips rows by counting them, and why that may be: a part of the text.
const COUNTED: [(&str, &str); 1] =
    [("SELECT id FROM sessions", "a person's are kept few by this very statement, at each log-in")];

/// Begins with the few who have a role. PostgreSQL sees that by its statistics, which an empty table has not got.
const BY_STATISTICS: &str = "FROM roles r CROSS JOIN users u";

/// Which growing tables a statement reads whole, by the alias that the plan has for it.
fn table_of(text: &str, alias: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let is_named = |table: &&&str| {
        words.windows(2).any(|pair| pair[0] == **table && pair[1] == alias)
            || words.windows(3).any(|three| three[0] == **table && three[1] == "AS" && three[2] == alias)
    };
    GROWING.iter().find(|table| **table == alias).or_else(|| GROWING.iter().find(is_named)).copied()
}

#[derive(Default)]
struct Walks(BTreeSet<String>);

impl Walks {
    fn note(&mut self, query: &Query, table: &str, how: &str) {
        if !READ_WHOLE.iter().any(|(part, _)| query.text.contains(part)) {
            self.0.insert(format!("{}: {table}, {how}: {}", query.file, query.text));
        }
    }

    fn assert_none(self) {
        assert!(self.0.is_empty(), "{} statements read a table whole:\n{}", self.0.len(), join(self.0));
    }
}

fn join(lines: BTreeSet<String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn sqlite_finds_rows_by_an_index() {
    let fresh = fresh_sqlite().await;
    let db = fresh.open_migrated().await;
    let mut connection = SqliteConnectOptions::new().filename(fresh.folder().join("karat.db")).connect().await.unwrap();
    let (mut walks, mut searches) = (Walks::default(), 0);
    for query in queries() {
        let text = format!("EXPLAIN QUERY PLAN {}", query.text);
        for row in connection.fetch_all(AssertSqlSafe(text).into_sql_str()).await.unwrap() {
            let step: String = row.get("detail");
            searches += usize::from(step.starts_with("SEARCH "));
            let Some(rest) = step.strip_prefix("SCAN ") else { continue };
            let (alias, how) = rest.split_once(' ').unwrap_or((rest, ""));
            let Some(table) = table_of(&query.text, alias) else { continue };
            if !(how.contains("USING") && query.text.contains("LIMIT")) {
                walks.note(&query, table, &step);
            }
        }
    }
    assert!(searches > 100, "only {searches} searches: is the plan read rightly?");
    walks.assert_none();
    db.close().await;
}

#[tokio::test]
async fn postgres_finds_rows_by_an_index() {
    let fresh = fresh_postgres().await;
    let db = fresh.open_migrated().await;
    let mut connection = fresh.postgres_connection().await;
    // With little in a table reading it whole is right: what is asked is whether there is another way.
    connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    let (mut walks, mut planned) = (Walks::default(), 0);
    for query in queries() {
        // Types that cannot be guessed: the other test of the queries bounds how many those are.
        let Some(plan) = plan(&mut connection, &query).await else { continue };
        planned += 1;
        let mut steps = Vec::new();
        collect(&plan[0]["Plan"], &mut steps);
        for step in steps {
            let (Some(kind), Some(table)) = (step["Node Type"].as_str(), step["Relation Name"].as_str()) else {
                continue;
            };
            let Some(table) = GROWING.iter().find(|growing| **growing == table) else { continue };
            let is_walk = kind.starts_with("Index") && step["Index Cond"].is_null() && !query.text.contains("LIMIT");
            if kind == "Seq Scan" || (is_walk && !query.text.contains(BY_STATISTICS)) {
                walks.note(&query, table, kind);
            }
        }
    }
    assert!(planned > 100, "only {planned} statements were planned");
    walks.assert_none();
    db.close().await;
}

/// A page deep in a list costs as much as the first: it is sought by where the page before ended.
#[test]
fn no_list_goes_on_by_counting_what_is_skipped() {
    let counting: Vec<String> =
        queries().into_iter().map(|query| query.text).filter(|text| text.contains("OFFSET")).collect();
    let known = |text: &String| COUNTED.iter().any(|(part, _)| text.contains(part));
    assert!(counting.iter().all(known), "{counting:#?}");
    assert_eq!(counting.len(), COUNTED.len(), "what is excepted is there");
}

/// How the places of cases are found, in the order of the statements and their parts.
const PLACES_OF_CASES: [&str; 4] = [
    "kyc_cases_waiting_since (<expr>=? AND id>?)",
    "kyc_cases_waiting_since (<expr>>?)",
    "kyc_cases_state_since (state=? AND <expr>=? AND id<?)",
    "kyc_cases_state_since (state=? AND <expr><?)",
];

#[tokio::test]
async fn sqlite_seeks_a_page_of_the_review_queue_and_sorts_no_more_than_it() {
    let fresh = fresh_sqlite().await;
    let db = fresh.open_migrated().await;
    let mut connection = SqliteConnectOptions::new().filename(fresh.folder().join("karat.db")).connect().await.unwrap();
    let mut found = Vec::new();
    for query in queries().into_iter().filter(|query| query.file == "kyc/queue.rs") {
        let text = format!("EXPLAIN QUERY PLAN {}", query.text);
        let rows = connection.fetch_all(AssertSqlSafe(text).into_sql_str()).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        found.extend(
            steps.iter().filter_map(|step| step.strip_prefix("SEARCH kyc_cases USING INDEX ")).map(str::to_owned),
        );
        let sorted = steps.iter().filter(|step| step.starts_with("USE TEMP B-TREE")).count();
        assert_eq!((sorted, steps.last().map(String::as_str)), (1, Some("USE TEMP B-TREE FOR ORDER BY")), "{steps:#?}");
    }
    assert_eq!(found, PLACES_OF_CASES);
    db.close().await;
}

#[tokio::test]
async fn postgres_seeks_a_page_of_the_review_queue_and_sorts_no_more_than_it() {
    let fresh = fresh_postgres().await;
    let db = fresh.open_migrated().await;
    let mut connection = fresh.postgres_connection().await;
    connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    let mut found = Vec::new();
    for query in queries().into_iter().filter(|query| query.file == "kyc/queue.rs") {
        let plan = plan(&mut connection, &query).await.expect("its types are clear");
        let mut steps = Vec::new();
        collect(&plan[0]["Plan"], &mut steps);
        for step in &steps {
            if step["Relation Name"] == "kyc_cases" {
                let parts = [&step["Index Name"], &step["Index Cond"]].map(|part| part.as_str().unwrap_or_default());
                found.push(parts.join(" "));
            }
        }
        let sorted = steps.iter().filter(|step| step["Node Type"] == "Sort").count();
        assert_eq!(sorted, 1, "{plan:#}");
    }
    let key = "COALESCE(submitted_at, created_at)";
    let expected = [
        format!("kyc_cases_waiting_since (({key} = $1) AND (id > $2))"),
        format!("kyc_cases_waiting_since ({key} > $1)"),
        format!("kyc_cases_state_since ((state = $6) AND ({key} = $1) AND (id < $2))"),
        format!("kyc_cases_state_since ((state = $6) AND ({key} < $1))"),
    ];
    assert_eq!(found, expected);
    db.close().await;
}

/// How PostgreSQL would go about it; `None`: it cannot guess the types of the parameters.
async fn plan(connection: &mut PgConnection, query: &Query) -> Option<Value> {
    let prepare = format!("PREPARE asked AS {}", query.text);
    connection.execute(AssertSqlSafe(prepare).into_sql_str()).await.ok()?;
    let count = "SELECT cardinality(parameter_types) AS count FROM pg_prepared_statements WHERE name = 'asked'";
    let count: i32 = connection.fetch_one(count).await.unwrap().get("count");
    let nothing = vec!["NULL"; count.try_into().unwrap()].join(", ");
    let nothing = if count == 0 { String::new() } else { format!("({nothing})") };
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE asked{nothing}");
    let told = connection.fetch_one(AssertSqlSafe(explain).into_sql_str()).await.unwrap();
    // JSON as the server writes it, which sqlx does not take for a text by itself.
    let plan = serde_json::from_str(told.get_unchecked(0)).unwrap();
    connection.execute("DEALLOCATE asked").await.unwrap();
    Some(plan)
}

fn collect<'a>(plan: &'a Value, steps: &mut Vec<&'a Value>) {
    steps.push(plan);
    for within in plan["Plans"].as_array().into_iter().flatten() {
        collect(within, steps);
    }
}
