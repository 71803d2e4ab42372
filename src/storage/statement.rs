//! One SQL text, its parameters and where it runs. The text is the same for SQLite and PostgreSQL, with `$1` placeholders.

use sqlx::postgres::{PgConnection, PgRow};
use tracing::Instrument;

use super::error::Error;
use super::postgres::{Again, Postgres, PostgresTx};
use super::record::{Record, Table, of_postgres};
use super::sqlite::{Sqlite, SqliteTx, Writer};
use super::value::{Value, arguments};
use crate::TRACES;

/// Nothing happens until one of `run`, `optional`, `one` or `all` is awaited. When that future is dropped half-way, a
/// write has happened wholly or not at all.
#[must_use = "a statement does nothing until it is run"]
pub struct Statement<'a> {
    text: &'static str,
    values: Vec<Value>,
    before: Vec<Bound>,
    is_long: bool,
    target: Target<'a>,
}

/// A text and its parameters, run for its effect alone: see [`Statement::after`].
#[derive(Clone)]
pub struct Bound {
    pub(super) text: &'static str,
    pub(super) values: Vec<Value>,
}

impl Bound {
    pub fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new() }
    }

    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

pub(super) enum Target<'a> {
    SqliteReaders(&'a Sqlite),
    SqliteWriter(&'a Writer),
    SqliteTx(&'a mut SqliteTx),
    Postgres(&'a Postgres, Again),
    PostgresTx(&'a mut PostgresTx),
}

#[derive(Clone, Copy)]
pub(super) enum Wants {
    Count,
    Rows,
}

pub(super) enum Answer {
    Count(u64),
    Sqlite(Table),
    Postgres(Vec<PgRow>),
}

impl<'a> Statement<'a> {
    pub(super) fn new(text: &'static str, target: Target<'a>) -> Self {
        Self { text, values: Vec::new(), before: Vec::new(), is_long: false, target }
    }

    /// Runs `first` before, in the same transaction: both happen or neither. Where there is no other reason for a
    /// transaction, this is the cheaper one: on SQLite it shares its commit with others that wait.
    pub fn after(mut self, first: Bound) -> Self {
        self.before.push(first);
        self
    }

    /// Of a reading statement that looks at much without taking many steps: a picture, or a count of a whole table. SQLite
    /// has it on a thread that may wait.
    pub fn long(mut self) -> Self {
        self.is_long = true;
        self
    }

    /// Binds the next placeholder: the first call is `$1`.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Answers the number of rows inserted, updated (matched) or deleted.
    pub async fn run(self) -> Result<u64, Error> {
        match self.answer(Wants::Count).await? {
            Answer::Count(count) => Ok(count),
            Answer::Sqlite(table) => Ok(table.rows.len() as u64),
            Answer::Postgres(rows) => Ok(rows.len() as u64),
        }
    }

    /// The first row, or `None` when there is none.
    pub async fn optional<T: Record>(self) -> Result<Option<T>, Error> {
        match self.answer(Wants::Rows).await? {
            Answer::Count(_) => Ok(None),
            Answer::Sqlite(table) => table.records().next().transpose(),
            Answer::Postgres(rows) => rows.first().map(of_postgres).transpose(),
        }
    }

    /// The first row; that there is none is [`Error::Corrupt`].
    pub async fn one<T: Record>(self) -> Result<T, Error> {
        self.optional().await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    pub async fn all<T: Record>(self) -> Result<Vec<T>, Error> {
        match self.answer(Wants::Rows).await? {
            Answer::Count(_) => Ok(Vec::new()),
            Answer::Sqlite(table) => table.records().collect(),
            Answer::Postgres(rows) => rows.iter().map(of_postgres).collect(),
        }
    }

    async fn answer(self, wants: Wants) -> Result<Answer, Error> {
        // The text holds no values.
        let span = tracing::debug_span!(target: TRACES, "database", otel.kind = "client", db.query.text = self.text);
        self.ask(wants).instrument(span).await
    }

    /// What waits for another thread or the network is kept in a box: otherwise every future that asks a database somewhere
    /// grows by some kilobytes, which are moved about at each step of the way.
    async fn ask(self, wants: Wants) -> Result<Answer, Error> {
        let Self { text, values, before, is_long, target } = self;
        match target {
            Target::SqliteReaders(sqlite) if is_long => Box::pin(sqlite.read_long(Bound { text, values }, wants)).await,
            Target::SqliteReaders(sqlite) => sqlite.read(Bound { text, values }, wants).await,
            Target::SqliteWriter(writer) => Box::pin(writer.write(before, Bound { text, values }, wants)).await,
            Target::SqliteTx(tx) => Box::pin(tx.execute(before, Bound { text, values }, wants)).await,
            Target::Postgres(postgres, again) if before.is_empty() => {
                Box::pin(postgres.execute(text, &values, wants, again)).await
            }
            Target::Postgres(postgres, _) => {
                Box::pin(alone_in_a_transaction(postgres, before, Bound { text, values }, wants)).await
            }
            Target::PostgresTx(tx) => Box::pin(after_others(tx, &before, &Bound { text, values }, wants)).await,
        }
    }
}

async fn alone_in_a_transaction(
    postgres: &Postgres,
    before: Vec<Bound>,
    statement: Bound,
    wants: Wants,
) -> Result<Answer, Error> {
    let mut tx = postgres.begin().await?;
    let answer = after_others(&mut tx, &before, &statement, wants).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn after_others(tx: &mut PostgresTx, before: &[Bound], statement: &Bound, wants: Wants) -> Result<Answer, Error> {
    for first in before {
        tx.execute(first.text, &first.values, Wants::Count).await?;
    }
    tx.execute(statement.text, &statement.values, wants).await
}

/// Reads to the end of the answer: PostgreSQL may refuse a statement (a deferred constraint) after it sent the rows.
pub(super) async fn on_postgres(
    connection: &mut PgConnection,
    text: &'static str,
    values: &[Value],
    wants: Wants,
) -> Result<Answer, Error> {
    let query = sqlx::query_with(text, arguments(values)?);
    Ok(match wants {
        Wants::Count => Answer::Count(query.execute(connection).await?.rows_affected()),
        Wants::Rows => Answer::Postgres(query.fetch_all(connection).await?),
    })
}
