//! The message catalogue: `locales/<language>/*.ftl` in Project Fluent syntax, embedded in the binary.

use std::borrow::Cow;
use std::collections::BTreeSet;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use rust_embed::Embed;
use unic_langid::LanguageIdentifier;

use super::locale::Locale;

#[derive(Embed)]
#[folder = "locales/"]
struct Files;

/// The messages of one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("locales/{file}: {reason}")]
    File { file: String, reason: String },
    #[error("no message `{key}` in {locale}")]
    Missing { key: String, locale: &'static str },
    #[error("message `{key}`: {reason}")]
    Format { key: String, reason: String },
}

impl Catalogue {
    pub fn load(locale: Locale) -> Result<Self, CatalogueError> {
        let language: LanguageIdentifier = locale
            .tag()
            .parse()
            .map_err(|error| CatalogueError::File { file: locale.tag().to_owned(), reason: format!("{error}") })?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks would stand in the way of people who copy text and of tests that read it. Names that could carry
        // direction marks are set in <bdi> by the templates instead.
        bundle.set_use_isolating(false);
        for (file, source) in sources(locale)? {
            let resource = FluentResource::try_new(source)
                .map_err(|(_, errors)| CatalogueError::File { file: file.clone(), reason: format!("{errors:?}") })?;
            bundle
                .add_resource(resource)
                .map_err(|errors| CatalogueError::File { file: file.clone(), reason: format!("{errors:?}") })?;
        }
        Ok(Self { bundle })
    }

    /// The text of a message. A missing key or argument is an error, never a blank or a key on the page.
    pub fn text(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Result<Cow<'_, str>, CatalogueError> {
        let missing = || CatalogueError::Missing { key: key.to_owned(), locale: self.language() };
        let pattern = self.bundle.get_message(key).and_then(|message| message.value()).ok_or_else(missing)?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        match errors.first() {
            None => Ok(text),
            Some(error) => Err(CatalogueError::Format { key: key.to_owned(), reason: error.to_string() }),
        }
    }

    fn language(&self) -> &'static str {
        let tag = self.bundle.locales.first().map(|locale| locale.language.as_str().to_owned()).unwrap_or_default();
        Locale::for_tag(&tag).unwrap_or_default().tag()
    }
}

/// Every message key of a language, for the tests that compare languages.
pub fn keys(locale: Locale) -> Result<BTreeSet<String>, CatalogueError> {
    let mut keys = BTreeSet::new();
    for (file, source) in sources(locale)? {
        for line in source.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic())) {
            let Some((key, _)) = line.split_once('=') else { continue };
            if !keys.insert(key.trim().to_owned()) {
                return Err(CatalogueError::File { file, reason: format!("`{}` is written twice", key.trim()) });
            }
        }
    }
    Ok(keys)
}

fn sources(locale: Locale) -> Result<Vec<(String, String)>, CatalogueError> {
    let folder = format!("{}/", locale.tag());
    let mut found = Vec::new();
    for file in Files::iter().filter(|file| file.starts_with(&folder) && file.ends_with(".ftl")) {
        let broken = |reason: &str| CatalogueError::File { file: file.to_string(), reason: reason.to_owned() };
        let bytes = Files::get(&file).ok_or_else(|| broken("is gone"))?.data.into_owned();
        found.push((file.to_string(), String::from_utf8(bytes).map_err(|_| broken("is not UTF-8"))?));
    }
    if found.is_empty() {
        return Err(CatalogueError::File { file: folder, reason: "holds no messages".to_owned() });
    }
    Ok(found)
}
