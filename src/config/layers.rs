//! The layers of the configuration, one over the other, and where each key of the result was set.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml_edit::{Document, Item, Table, Value as TomlValue};

use super::mistake::{ConfigError, Mistake, Origin};
use super::{DEFAULTS, value::Secret};

/// What environment variables that set keys begin with.
const PREFIX: &str = "KARAT_";
/// What stands between section and key in the name of an environment variable.
const JOINT: &str = "__";

/// Where every key of the effective configuration was set, by its path.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins(BTreeMap<String, Origin>);

/// The effective configuration as a tree that is not yet typed: sections, keys, values.
pub(super) struct Layers {
    pub tree: Map<String, Value>,
    pub defaults: Map<String, Value>,
    origins: Origins,
    /// Texts of the variables that were read as something else than text.
    raw: BTreeMap<String, Secret>,
}

impl Layers {
    pub fn defaults() -> Result<Self, ConfigError> {
        let mut origins = Origins::default();
        let tree = read(DEFAULTS, &|line| Origin::Default { line }, &mut origins)?;
        Ok(Self { defaults: tree.clone(), tree, origins, raw: BTreeMap::new() })
    }

    /// Lays the operator's file over what is there: key by key in sections; arrays, and the clients, as a whole.
    pub fn overlay_file(&mut self, name: &str, text: &str) -> Result<(), ConfigError> {
        let mut origins = Origins::default();
        let file = read(text, &|line| Origin::File { name: name.to_owned(), line }, &mut origins)?;
        for (section, content) in file {
            match (self.tree.get_mut(&section), content) {
                (Some(Value::Object(below)), Value::Object(above)) => {
                    for (key, value) in above {
                        self.origins.forget(&format!("{section}.{key}"));
                        below.insert(key, value);
                    }
                }
                (_, content) => {
                    self.origins.forget(&section);
                    self.tree.insert(section, content);
                }
            }
        }
        self.origins.0.extend(origins.0);
        Ok(())
    }

    /// Lays `KARAT_SECTION__KEY=value` over what is there. A value that reads as TOML (number, boolean, array, quoted
    /// text) is that, and plain text otherwise.
    pub fn overlay_environment(&mut self, env: &BTreeMap<String, String>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (variable, text) in env {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            let rest = rest.to_ascii_lowercase();
            let origin = Origin::Variable(variable.clone());
            match rest.split(JOINT).collect::<Vec<_>>()[..] {
                [section, key] if !section.is_empty() && !key.is_empty() => {
                    if let Err(message) = self.set(section, key, text, &origin) {
                        mistakes.push(Mistake { path: format!("{section}.{key}"), message, origin: Some(origin) });
                    }
                }
                [_] => {
                    if let Some(meant) = self.meant_by(&rest) {
                        let message = format!("section and key are joined by two underscores: {meant}");
                        mistakes.push(Mistake { path: String::new(), message, origin: Some(origin) });
                    }
                }
                _ => {
                    let message = "must be KARAT_SECTION__KEY".to_owned();
                    mistakes.push(Mistake { path: String::new(), message, origin: Some(origin) });
                }
            }
        }
        mistakes
    }

    /// Reads the variable that set `path` as plain text after all, for example a password of digits. False when it
    /// already was text.
    pub fn reread_as_text(&mut self, path: &str) -> bool {
        let Some(text) = self.raw.remove(path) else { return false };
        let Some((section, key)) = path.split_once('.') else { return false };
        let Some(Value::Object(keys)) = self.tree.get_mut(section) else { return false };
        keys.insert(key.to_owned(), Value::String(text.expose().to_owned()));
        true
    }

    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    pub fn into_origins(self) -> Origins {
        self.origins
    }

    fn set(&mut self, section: &str, key: &str, text: &str, origin: &Origin) -> Result<(), String> {
        let Value::Object(keys) = self.tree.entry(section).or_insert_with(|| Value::Object(Map::new())) else {
            return Err("cannot be set by the environment: a section with single keys is needed".to_owned());
        };
        let path = format!("{section}.{key}");
        let value = match text.parse::<TomlValue>() {
            Ok(value) => plain(&value, &path, &mut |_, _| {}),
            Err(_) => Value::String(text.to_owned()),
        };
        if value.as_str() != Some(text) {
            self.raw.insert(path.clone(), Secret::from(text.to_owned()));
        }
        keys.insert(key.to_owned(), value);
        self.origins.forget(&path);
        self.origins.0.insert(path, origin.clone());
        self.origins.0.entry(section.to_owned()).or_insert_with(|| origin.clone());
        Ok(())
    }

    /// The variable that `KARAT_SECTION_KEY`, with one underscore, was probably meant to be.
    fn meant_by(&self, rest: &str) -> Option<String> {
        self.defaults.iter().find_map(|(section, content)| {
            let key = rest.strip_prefix(section.as_str())?.strip_prefix('_')?;
            content.get(key)?;
            Some(format!("{PREFIX}{}{JOINT}{}", section.to_ascii_uppercase(), key.to_ascii_uppercase()))
        })
    }
}

impl Origins {
    /// A mistake at `path`, or at the nearest key around it of which is known where it stands.
    pub fn mistake(&self, path: &str, message: impl Into<String>) -> Mistake {
        Mistake { path: path.to_owned(), message: message.into(), origin: self.nearest(path).cloned() }
    }

    fn nearest(&self, path: &str) -> Option<&Origin> {
        let mut path = path;
        loop {
            if let Some(origin) = self.0.get(path) {
                return Some(origin);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    fn forget(&mut self, path: &str) {
        self.0.retain(|known, _| {
            known.strip_prefix(path).is_none_or(|rest| !(rest.is_empty() || rest.starts_with(['.', '['])))
        });
    }
}

/// Parses one file, noting the line of every key and value.
fn read(
    text: &str,
    origin_at: &dyn Fn(usize) -> Origin,
    origins: &mut Origins,
) -> Result<Map<String, Value>, ConfigError> {
    let ends: Vec<usize> = text.match_indices('\n').map(|(position, _)| position).collect();
    let line_at = |position: usize| 1 + ends.partition_point(|end| *end < position);
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(span.start));
        let message = error.message().replace('\n', ", ");
        ConfigError::Mistakes(vec![Mistake { path: String::new(), message, origin: Some(origin_at(line)) }])
    })?;
    let mut note = |path: &str, position: usize| {
        origins.0.insert(path.to_owned(), origin_at(line_at(position)));
    };
    Ok(table(document.as_table(), "", &mut note))
}

type Note<'a> = dyn FnMut(&str, usize) + 'a;

fn table(table: &Table, path: &str, note: &mut Note<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, item) in table.iter() {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let position = table.key(name).and_then(|key| key.span()).or_else(|| item.span());
        if let Some(position) = position {
            note(&path, position.start);
        }
        let value = match item {
            Item::None => continue,
            Item::Value(value) => plain(value, &path, note),
            Item::Table(inner) => Value::Object(self::table(inner, &path, note)),
            Item::ArrayOfTables(entries) => entries
                .iter()
                .enumerate()
                .map(|(index, entry)| {
                    let path = format!("{path}[{index}]");
                    if let Some(span) = entry.span() {
                        note(&path, span.start);
                    }
                    Value::Object(self::table(entry, &path, note))
                })
                .collect(),
        };
        map.insert(name.to_owned(), value);
    }
    map
}

/// A TOML value as JSON; dates become text, for no key is a date.
fn plain(value: &TomlValue, path: &str, note: &mut Note<'_>) -> Value {
    match value {
        TomlValue::String(text) => Value::String(text.value().clone()),
        TomlValue::Integer(number) => Value::from(*number.value()),
        TomlValue::Float(number) => Value::from(*number.value()),
        TomlValue::Boolean(flag) => Value::Bool(*flag.value()),
        TomlValue::Datetime(date) => Value::String(date.value().to_string()),
        TomlValue::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let path = format!("{path}[{index}]");
                if let Some(span) = item.span() {
                    note(&path, span.start);
                }
                plain(item, &path, note)
            })
            .collect(),
        TomlValue::InlineTable(entries) => {
            Value::Object(entries.iter().map(|(name, item)| (name.to_owned(), plain(item, path, note))).collect())
        }
    }
}
