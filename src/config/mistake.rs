//! Mistakes in the configuration: where each stands and how it is told to the operator.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

use super::layers::Origins;
use super::value::{Secret, in_words, is_loopback};
use crate::domain::time::Seconds;

/// Where a key was set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The defaults that are built in, with the line in `config.toml`.
    Default { line: usize },
    /// The operator's file; lines count from 1.
    File { name: String, line: usize },
    /// The environment variable of this name.
    Variable(String),
}

/// One mistake: the key, what is wrong with it and, when it was set somewhere, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key as in `tokens.access_token_lifetime` or `client[0].redirect_uris[1]`; empty for the file as a whole.
    pub path: String,
    pub message: String,
    pub origin: Option<Origin>,
}

/// Why there is no configuration. Prints one line a mistake, in the order of the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
}

impl ConfigError {
    pub(super) fn from_mistakes(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by(|a, b| a.origin.cmp(&b.origin).then_with(|| a.path.cmp(&b.path)));
        Self::Mistakes(mistakes)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if self.path.is_empty() { write!(f, "{}", self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default { line } => write!(f, "built-in config.toml:{line}"),
            Origin::File { name, line } => write!(f, "{name}:{line}"),
            Origin::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Collects what the sections find wrong with themselves.
pub(super) struct Report<'a> {
    origins: &'a Origins,
    mistakes: Vec<Mistake>,
}

impl<'a> Report<'a> {
    pub fn new(origins: &'a Origins) -> Self {
        Self { origins, mistakes: Vec::new() }
    }

    pub fn mistake(&mut self, path: &str, message: impl Into<String>) {
        self.mistakes.push(self.origins.mistake(path, message));
    }

    /// Both ends are allowed.
    pub fn span(&mut self, path: &str, value: Seconds, least: Seconds, most: Seconds) {
        if value < least || value > most {
            let (value, least, most) = (in_words(value), in_words(least), in_words(most));
            self.mistake(path, format!("{value} is out of range: must be from {least} to {most}"));
        }
    }

    /// Both ends are allowed.
    pub fn number(&mut self, path: &str, value: impl Into<u64>, least: u64, most: u64) {
        let value = value.into();
        if value < least || value > most {
            self.mistake(path, format!("{value} is out of range: must be from {least} to {most}"));
        }
    }

    /// What the variable `name` holds; a mistake at `path`, which named it, when it is absent or empty.
    pub fn variable(&mut self, path: &str, name: Option<&str>, env: &BTreeMap<String, String>) -> Option<Secret> {
        let name = name?;
        match env.get(name) {
            Some(value) if !value.is_empty() => return Some(Secret::from(value.clone())),
            Some(_) => self.mistake(path, format!("the environment variable {name} is empty")),
            None => self.mistake(path, format!("there is no environment variable {name}")),
        }
        None
    }

    /// A link that is shown to people: https, or http on this machine.
    pub fn link(&mut self, path: &str, url: &Url) {
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
            self.mistake(path, "must be an https URL");
        }
    }

    /// The mistakes of sections of which nothing was wrong so far: a section that was repaired to carry on may
    /// contradict itself only because of the repair.
    pub fn beyond(self, known: &[Mistake]) -> Vec<Mistake> {
        let known: Vec<&str> = known.iter().map(|mistake| section_of(&mistake.path)).collect();
        self.mistakes.into_iter().filter(|mistake| !known.contains(&section_of(&mistake.path))).collect()
    }
}

fn section_of(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}
