//! The history of the schema: `migrations/NNNN_name.sql`, embedded into the binary, the same files for both databases.
//!
//! The files are written with `BIGINT`, `TEXT`, `BOOLEAN` and `BLOB`; for PostgreSQL `BLOB` is read as `BYTEA`, and `CAST(column AS BLOB)`
//! as the bytes of the column's text. sqlx keeps the record (`_sqlx_migrations`, with checksums, so that a file changed after its release is noticed).

use rust_embed::RustEmbed;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::db::Kind;
use super::error::{Cause, Error};

#[derive(RustEmbed)]
#[folder = "migrations/"]
struct Files;

/// Migrations in the order of their versions.
pub struct History(Vec<Step>);

struct Step {
    version: i64,
    name: String,
    text: String,
}

/// What [`Db::migrate`](super::Db::migrate) did: `version name` of each migration it ran; empty when nothing was pending.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationReport {
    pub applied: Vec<String>,
}

impl History {
    pub fn embedded() -> Result<Self, Error> {
        let files = Files::iter().filter(|path| path.ends_with(".sql")).map(|path| {
            let text = Files::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
            String::from_utf8(text).map(|text| (path.to_string(), text))
        });
        let files: Vec<_> = files.collect::<Result<_, _>>().map_err(|error| Error::Other(Cause::new(error)))?;
        Self::from_files(&files)
    }

    /// From `(file name, SQL)`; a file name is `NNNN_words_of_the_name.sql`.
    pub fn from_files<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)]) -> Result<Self, Error> {
        let mut steps = Vec::new();
        for (file, text) in files {
            let (version, name) = parse_file_name(file.as_ref())
                .ok_or_else(|| Error::Unsupported(format!("migration {}: not NNNN_name.sql", file.as_ref())))?;
            steps.push(Step { version, name, text: text.as_ref().to_owned() });
        }
        steps.sort_by_key(|step| step.version);
        if let Some(pair) = steps.windows(2).find(|pair| pair[0].version == pair[1].version) {
            return Err(Error::Unsupported(format!("two migrations have the version {}", pair[0].version)));
        }
        Ok(Self(steps))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left to run, given the versions that were.
    pub(super) fn pending_after(&self, applied: &[i64]) -> Result<Vec<String>, Error> {
        self.refuse_newer(applied)?;
        Ok(self.0.iter().filter(|step| !applied.contains(&step.version)).map(Step::label).collect())
    }

    /// The caller keeps other processes out, or the connection does (PostgreSQL's advisory lock).
    pub(super) async fn run_on<C: Migrate>(&self, kind: Kind, connection: &mut C) -> Result<MigrationReport, Error> {
        let migrator = self.migrator(kind);
        let table = &*migrator.table_name;
        connection.lock().await.map_err(failed)?;
        connection.ensure_migrations_table(table).await.map_err(failed)?;
        let applied = connection.list_applied_migrations(table).await.map_err(failed)?;
        let applied: Vec<i64> = applied.into_iter().map(|migration| migration.version).collect();
        let pending = self.pending_after(&applied)?;
        migrator.run_direct(None, connection, false).await.map_err(failed)?;
        connection.unlock().await.map_err(failed)?;
        Ok(MigrationReport { applied: pending })
    }

    fn migrator(&self, kind: Kind) -> Migrator {
        let in_our_transaction = kind == Kind::Sqlite;
        let migrations = self.0.iter().map(|step| {
            let sql = AssertSqlSafe(step.text_for(kind)).into_sql_str();
            Migration::new(step.version, step.name.clone().into(), MigrationType::Simple, sql, in_our_transaction)
        });
        // The lock is taken around the whole run, including the look at what is pending.
        let mut migrator = Migrator::with_migrations(migrations.collect());
        migrator.set_locking(false);
        migrator
    }

    fn refuse_newer(&self, applied: &[i64]) -> Result<(), Error> {
        let newest = self.0.last().map_or(0, |step| step.version);
        match applied.iter().max() {
            Some(version) if *version > newest => Err(Error::Unsupported(format!(
                "the database was migrated by a newer Karat (migration {version}; this one knows up to {newest}): \
                 start the newer version, or restore a backup from before the upgrade"
            ))),
            _ => Ok(()),
        }
    }
}

impl Step {
    fn label(&self) -> String {
        format!("{:04} {}", self.version, self.name)
    }

    fn text_for(&self, kind: Kind) -> String {
        match kind {
            Kind::Sqlite => self.text.clone(),
            Kind::Postgres => replace_word(&replace_casts(&self.text), "BLOB", "BYTEA"),
        }
    }
}

/// PostgreSQL casts no text to bytes.
fn replace_casts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("CAST(") {
        out.push_str(before);
        match after.split_once(" AS BLOB)") {
            Some((column, left)) if column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
                out.push_str(&format!("convert_to({column}, 'UTF8')"));
                rest = left;
            }
            _ => {
                out.push_str("CAST(");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn parse_file_name(file: &str) -> Option<(i64, String)> {
    let (version, name) = file.strip_suffix(".sql")?.split_once('_')?;
    Some((version.parse().ok()?, name.replace('_', " ")))
}

fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) => error.into(),
        MigrateError::VersionMismatch(version) => Error::Unsupported(format!(
            "migration {version} was changed after it ran on this database: a released migration is never edited, write a new one"
        )),
        MigrateError::VersionMissing(version) => Error::Unsupported(format!(
            "the database knows a migration {version} that this Karat does not have: was it migrated by another branch?"
        )),
        other => Error::Other(Cause::new(other)),
    }
}

/// Replaces `word` where it stands alone: not inside a longer identifier.
fn replace_word(text: &str, word: &str, replacement: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        result.push_str(before);
        let inside = is_word(result.chars().next_back()) || is_word(after.chars().next());
        result.push_str(if inside { word } else { replacement });
        rest = after;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_word_blob_becomes_bytea() {
        let text = "a BLOB NOT NULL, b BLOB, my_BLOB TEXT, BLOBS BLOB";
        assert_eq!(replace_word(text, "BLOB", "BYTEA"), "a BYTEA NOT NULL, b BYTEA, my_BLOB TEXT, BLOBS BYTEA");
    }

    #[test]
    fn a_cast_of_a_column_to_bytes_is_spelt_for_postgres() {
        let text = "SET a = CAST(b AS BLOB), c = CAST(d AS BIGINT)";
        assert_eq!(replace_casts(text), "SET a = convert_to(b, 'UTF8'), c = CAST(d AS BIGINT)");
    }

    #[test]
    fn a_file_name_gives_version_and_name() {
        assert_eq!(parse_file_name("0012_add_holds.sql"), Some((12, "add holds".into())));
        assert_eq!(parse_file_name("add_holds.sql"), None);
        assert_eq!(parse_file_name("0012_add_holds.txt"), None);
    }
}
