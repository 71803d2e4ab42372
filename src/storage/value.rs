//! The types a column may have, and how they travel to either database.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use super::error::{Cause, Error};
use crate::domain::time::Timestamp;

/// One bound parameter. Every variant holds an `Option`, so that a NULL keeps its type, as PostgreSQL wants it.
///
/// Columns are declared `BIGINT` (also for [`Timestamp`], seconds since 1970), `TEXT`, `BLOB` (`BYTEA` on PostgreSQL) and
/// `BOOLEAN`.
#[derive(Clone)]
pub enum Value {
    Int(Option<i64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(Some($convert(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map($convert))
            }
        }
    )*};
}

value_from! {
    i64 => Int, std::convert::identity;
    Timestamp => Int, Timestamp::unix;
    bool => Bool, std::convert::identity;
    &str => Text, str::to_owned;
    String => Text, std::convert::identity;
    &String => Text, String::clone;
    &[u8] => Blob, <[u8]>::to_vec;
    Vec<u8> => Blob, std::convert::identity;
    &Vec<u8> => Blob, Vec::clone;
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(Some(value.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(Some(value.to_vec()))
    }
}

impl<const N: usize> From<Option<[u8; N]>> for Value {
    fn from(value: Option<[u8; N]>) -> Self {
        Self::Blob(value.map(|bytes| bytes.to_vec()))
    }
}

impl Value {
    /// A text with a NUL character is refused for both databases, because PostgreSQL cannot hold it and the two must not differ.
    pub(super) fn refuse_nul(&self) -> Result<(), Error> {
        match self {
            Self::Text(Some(text)) if text.contains('\0') => {
                Err(Error::Unsupported("a text with a NUL character cannot be stored".into()))
            }
            _ => Ok(()),
        }
    }
}

/// PostgreSQL's argument list.
pub(super) fn arguments(values: &[Value]) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.refuse_nul()?;
        match value {
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Blob(value) => arguments.add(value),
        }
        .map_err(|error| Error::Other(Cause::new(sqlx::Error::Encode(error))))?;
    }
    Ok(arguments)
}
