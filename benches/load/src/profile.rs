//! What a provider under test is: how it starts, and who its clients and people are. A TOML file for each.
//!
//! In every text stand `{root}` for the repository, `{folder}` for a fresh folder, `{port}` for a free port, `{secret}` for a random secret,
//! and `{postgres}` and `{redis}` for the URLs of the services that the profile names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// As the report calls it.
    pub name: String,
    pub issuer: String,
    /// The algorithm of its tokens, as the report states it.
    pub signing: String,
    /// What an answered request has survived, as the report states it.
    pub durability: String,
    /// "postgres", "redis": started beside it.
    #[serde(default)]
    pub services: Vec<String>,
    #[serde(default)]
    pub files: Vec<File>,
    /// Commands that prepare the folder, one after the other.
    #[serde(default)]
    pub before: Vec<Vec<String>>,
    pub start: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    pub service: Service,
    pub app: App,
    pub people: People,
    /// It keeps so little that callers log in anew before each measurement.
    #[serde(default)]
    pub forgets: bool,
    pub rows: Option<Rows>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// Acts for itself (RFC 6749 section 4.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub client_id: String,
    pub client_secret: String,
    pub scope: String,
    /// RFC 8707, where the provider makes signed access tokens for named resources only.
    pub resource: Option<String>,
}

/// Logs people in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
    /// Of the log-ins whose tokens are refreshed; the rest ask for `openid`.
    pub offline_scope: String,
    /// Where a provider gives refresh tokens only upon consent.
    #[serde(default)]
    pub offline_prompt: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// With `{number}`.
    pub name: String,
    pub password: String,
    /// What is typed into the forms on the way, by the name of the field. `{name}` and `{password}` are the person's.
    pub fields: BTreeMap<String, String>,
}

/// How a database that is at rest is filled with grants that look like those which are there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Takes SQL as its last argument and prints rows with `|` between columns.
    pub tool: Vec<String>,
    /// Answers bytes.
    pub size: String,
    /// Answers name and SQL of each index that is dropped meanwhile.
    pub indexes: String,
    #[serde(default)]
    pub before: String,
    /// With `{count}`, the rows that are there afterwards, and `{each}`, how many of them for each that was there.
    pub insert: String,
    pub after: String,
}

impl Profile {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        toml_edit::de::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// With the values of this run.
    pub fn filled(mut self, values: &BTreeMap<&'static str, String>) -> Self {
        let fill = |text: &mut String| {
            for (name, value) in values {
                *text = text.replace(&format!("{{{name}}}"), value);
            }
        };
        fill(&mut self.issuer);
        self.files.iter_mut().for_each(|file| fill(&mut file.text));
        self.before.iter_mut().flatten().chain(&mut self.start).for_each(fill);
        self.environment.values_mut().for_each(fill);
        self.rows.iter_mut().flat_map(|rows| &mut rows.tool).for_each(fill);
        [&mut self.service.client_secret, &mut self.app.client_secret].into_iter().for_each(fill);
        self
    }
}

impl People {
    pub fn name_of(&self, number: usize) -> String {
        self.name.replace("{number}", &number.to_string())
    }

    /// What the person types into the field, if anything.
    pub fn typed(&self, number: usize, field: &str) -> Option<String> {
        let text = self.fields.get(field)?;
        Some(text.replace("{name}", &self.name_of(number)).replace("{password}", &self.password))
    }
}
