//! One connection to the SQLite file, and how a statement runs on it. Everything here waits: for the disk, and for another
//! process that writes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, Statement, ToSql};

use crate::storage::error::Error;
use crate::storage::record::{Cell, Table};
use crate::storage::statement::{Answer, Wants};
use crate::storage::value::Value;

/// Pages of the file that the system maps once for all connections: reading copies nothing.
const MAPPED_BYTES: i64 = 64 << 20;
/// Negative: kibibytes, for each connection.
const CACHE: i64 = -2048;
/// What the write-ahead log keeps on disk after a burst.
const LOG_KEPT_BYTES: i64 = 32 << 20;
/// Rows that `PRAGMA optimize` looks at in each index.
const ANALYSIS_LIMIT: i64 = 400;

/// Where the file is, and how it is opened.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// How long to wait for another process.
    pub(super) busy_timeout: Duration,
    /// Prepared statements kept by each connection.
    pub(super) statement_cache: usize,
}

pub(super) struct Connection {
    inner: rusqlite::Connection,
    shapes: HashMap<(usize, usize), Shape>,
}

/// What is known of a statement's text.
struct Shape {
    /// Which value each of SQLite's parameters takes: SQLite numbers `$1`, `$2` in the order in which it meets them.
    order: Vec<usize>,
    /// How many values there have to be.
    values: usize,
    names: Arc<[Box<str>]>,
}

impl Place {
    pub(super) fn reader(&self) -> Result<Connection, Error> {
        let connection = self.open()?;
        connection.inner.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    pub(super) fn writer(&self) -> Result<Connection, Error> {
        let connection = self.open()?;
        connection.inner.pragma_update(None, "journal_mode", "wal")?;
        connection.inner.pragma_update(None, "journal_size_limit", LOG_KEPT_BYTES)?;
        Ok(connection)
    }

    /// Writes what the file holds at this moment into another.
    pub(super) fn copy_to(&self, path: &str) -> Result<(), Error> {
        self.open()?.inner.execute("VACUUM INTO $1", [path])?;
        Ok(())
    }

    fn open(&self) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = rusqlite::Connection::open_with_flags(&self.path, flags)?;
        inner.busy_timeout(self.busy_timeout)?;
        inner.set_prepared_statement_cache_capacity(self.statement_cache);
        inner.pragma_update(None, "foreign_keys", true)?;
        // Nothing acknowledged is lost when the power fails.
        inner.pragma_update(None, "synchronous", "full")?;
        inner.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
        inner.pragma_update(None, "cache_size", CACHE)?;
        inner.pragma_update(None, "temp_store", "memory")?;
        Ok(Connection { inner, shapes: HashMap::new() })
    }
}

impl Connection {
    pub(super) fn run(&mut self, text: &'static str, values: &[Value], wants: Wants) -> Result<Answer, Error> {
        let mut statement = self.inner.prepare_cached(text)?;
        let key = (text.as_ptr() as usize, text.len());
        let shape = self.shapes.entry(key).or_insert_with(|| Shape::of(&statement));
        let expected = shape.values;
        let wrong = || Error::Other(format!("{} values for {expected} places: {text}", values.len()).as_str().into());
        if expected != values.len() {
            return Err(wrong());
        }
        for (place, value) in shape.order.iter().enumerate() {
            let value = values.get(*value).ok_or_else(wrong)?;
            statement.raw_bind_parameter(place + 1, Parameter::of(value)?)?;
        }
        match wants {
            Wants::Count => {
                let mut rows = statement.raw_query();
                while rows.next()?.is_some() {}
                drop(rows);
                Ok(Answer::Count(if statement.readonly() { 0 } else { self.inner.changes() }))
            }
            Wants::Rows => {
                let rows = rows_of(&mut statement)?;
                // Another version of Karat may have changed the table while this one runs.
                if !shape.still_fits(&statement) {
                    *shape = Shape::of(&statement);
                }
                Ok(Answer::Sqlite(Table { names: shape.names.clone(), rows }))
            }
        }
    }

    /// From now on a statement that goes on for more than `steps` of SQLite's virtual machine, or somewhat later, is
    /// interrupted: [`Error::Unavailable`].
    pub(super) fn limited(self, steps: i32) -> Result<(Self, Arc<AtomicU32>), Error> {
        let calls = Arc::<AtomicU32>::default();
        let counted = calls.clone();
        // SQLite counts on from statement to statement, so the first call says nothing.
        self.inner.progress_handler(steps, Some(move || counted.fetch_add(1, Ordering::Relaxed) > 0))?;
        Ok((self, calls))
    }

    /// Gathers what the planner wants to know, before closing.
    pub(super) fn optimize(&self) {
        let _ = self.inner.execute_batch(&format!("PRAGMA analysis_limit = {ANALYSIS_LIMIT}; PRAGMA optimize;"));
    }
}

impl Shape {
    fn of(statement: &Statement<'_>) -> Self {
        let number = |place| {
            let name = statement.parameter_name(place)?;
            name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
        };
        // What is not `$n` has no value and is refused when it is bound.
        let order: Vec<_> =
            (1..=statement.parameter_count()).map(|place| number(place).unwrap_or(usize::MAX)).collect();
        let values = order.iter().max().map_or(0, |last| last.saturating_add(1));
        let names = statement.column_names().into_iter().map(Box::from).collect();
        Self { order, values, names }
    }

    fn still_fits(&self, statement: &Statement<'_>) -> bool {
        let now = (0..statement.column_count()).map(|place| statement.column_name(place).ok());
        now.eq(self.names.iter().map(|name| Some(&**name)))
    }
}

fn rows_of(statement: &mut Statement<'_>) -> Result<Vec<Vec<Cell>>, Error> {
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // Not known before the first step, which may prepare the statement anew.
        let width = row.as_ref().column_count();
        found.push((0..width).map(|place| row.get_ref(place).map(cell)).collect::<Result<_, _>>()?);
    }
    Ok(found)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => str::from_utf8(text).map_or(Cell::Other, |text| Cell::Text(text.to_owned())),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        ValueRef::Real(_) => Cell::Other,
    }
}

struct Parameter<'a>(ValueRef<'a>);

impl<'a> Parameter<'a> {
    fn of(value: &'a Value) -> Result<Self, Error> {
        value.refuse_nul()?;
        Ok(Self(match value {
            Value::Int(Some(number)) => ValueRef::Integer(*number),
            Value::Bool(Some(flag)) => ValueRef::Integer(i64::from(*flag)),
            Value::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Value::Blob(Some(bytes)) => ValueRef::Blob(bytes),
            Value::Int(None) | Value::Bool(None) | Value::Text(None) | Value::Blob(None) => ValueRef::Null,
        }))
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}
