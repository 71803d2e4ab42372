//! Rows as they come back from either database, and how they become what the nouns work with.

use std::sync::Arc;

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{ColumnIndex, Decode, Row, Type};

use super::error::Error;

/// What is read from one row: a struct made by [`record!`](crate::record) of `i64`, `bool`, `String`, `Vec<u8>` and options
/// of these, by the columns' names; or a tuple of them, in the columns' order.
///
/// A column that may be NULL is read as an `Option`; without it a NULL is [`Error::Corrupt`]. Only columns come back typed
/// alike on both databases. Of an expression, `COUNT(*)` is an `i64` on both, but a literal `1` or a `SUM` is not: write
/// `CAST(.. AS BIGINT)`.
pub trait Record: Sized + Send {
    fn from_columns(columns: &mut Columns<'_>) -> Result<Self, Error>;
}

/// The columns of one row. Each is read once.
pub struct Columns<'a>(Source<'a>);

enum Source<'a> {
    Sqlite { names: &'a [Box<str>], cells: Vec<Cell> },
    Postgres(&'a PgRow),
}

/// A value as SQLite keeps it.
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    /// Of a type that no column has, text that is not UTF-8, or read before.
    Other,
}

/// The rows of one answer of SQLite.
pub(super) struct Table {
    pub(super) names: Arc<[Box<str>]>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn records<T: Record>(self) -> impl Iterator<Item = Result<T, Error>> {
        let Self { names, rows } = self;
        rows.into_iter().map(move |cells| T::from_columns(&mut Columns(Source::Sqlite { names: &names, cells })))
    }
}

pub(super) fn of_postgres<T: Record>(row: &PgRow) -> Result<T, Error> {
    T::from_columns(&mut Columns(Source::Postgres(row)))
}

impl Columns<'_> {
    pub fn named<T: Column>(&mut self, name: &str) -> Result<T, Error> {
        match &mut self.0 {
            Source::Sqlite { names, cells } => {
                let place = names.iter().rposition(|other| **other == *name);
                taken(place.and_then(|place| cells.get_mut(place)), name)
            }
            Source::Postgres(row) => of_column(row, name),
        }
    }

    fn at<T: Column>(&mut self, place: usize) -> Result<T, Error> {
        match &mut self.0 {
            Source::Sqlite { names, cells } => {
                taken(cells.get_mut(place), names.get(place).map_or("of a tuple", |name| &**name))
            }
            Source::Postgres(row) => of_column(row, place),
        }
    }
}

fn of_column<T: Column, I: ColumnIndex<PgRow>>(row: &PgRow, place: I) -> Result<T, Error> {
    Ok(<PgRow as Row>::try_get::<T, I>(row, place)?)
}

fn taken<T: Column>(cell: Option<&mut Cell>, name: &str) -> Result<T, Error> {
    let corrupt = || Error::Corrupt(format!("column {name}: not of the type that is asked for"));
    cell.map(|cell| std::mem::replace(cell, Cell::Other)).and_then(T::from_cell).ok_or_else(corrupt)
}

/// What a column may hold.
pub trait Column: for<'r> Decode<'r, Postgres> + Type<Postgres> {
    fn from_cell(cell: Cell) -> Option<Self>;
}

impl Column for i64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for bool {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(number != 0),
            _ => None,
        }
    }
}

impl Column for String {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

macro_rules! tuples {
    ($($($part:ident $place:tt),+;)+) => {$(
        impl<$($part: Column + Send),+> Record for ($($part,)+) {
            fn from_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
                Ok(($(columns.at::<$part>($place)?,)+))
            }
        }
    )+};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}

/// A struct whose fields are read from the columns of their names, or of the name that follows: `id: String = "grant_id"`.
#[macro_export]
macro_rules! record {
    ($(#[$about:meta])* $seen:vis struct $name:ident {
        $($(#[$about_field:meta])* $field_seen:vis $field:ident: $type:ty $(= $column:literal)?),+ $(,)?
    }) => {
        $(#[$about])*
        $seen struct $name {
            $($(#[$about_field])* $field_seen $field: $type),+
        }

        impl $crate::storage::Record for $name {
            fn from_columns(columns: &mut $crate::storage::Columns<'_>) -> Result<Self, $crate::storage::Error> {
                Ok(Self { $($field: columns.named($crate::record!(@$field $($column)?))?),+ })
            }
        }
    };
    (@$field:ident) => { stringify!($field) };
    (@$field:ident $column:literal) => { $column };
}
