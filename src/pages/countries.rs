//! The countries of ISO 3166-1 by their names in the languages of the pages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::Locale;
use crate::domain::phone::Country;

/// `code|English|Spanish`, one a line.
const NAMES: &str = include_str!("../../locales/countries.txt");

static TABLE: LazyLock<BTreeMap<&'static str, [&'static str; 2]>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut parts = line.split('|');
        Some((parts.next()?, [parts.next()?, parts.next()?]))
    };
    NAMES.lines().filter_map(line).collect()
});

/// One of a list to choose from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Named {
    pub code: &'static str,
    pub name: &'static str,
}

pub fn is_known(country: Country) -> bool {
    TABLE.contains_key(country.as_str())
}

/// The name of a country, or its code when it has none.
pub fn name_of(code: &str, locale: Locale) -> &str {
    TABLE.get(code).map_or(code, |names| names[column(locale)])
}

/// All of them, as a dictionary sorts them.
pub fn all(locale: Locale) -> Vec<Named> {
    let mut all: Vec<Named> = TABLE.iter().map(|(code, names)| Named { code, name: names[column(locale)] }).collect();
    all.sort_by_cached_key(|named| sorted_as(named.name));
    all
}

const fn column(locale: Locale) -> usize {
    match locale {
        Locale::En => 0,
        Locale::Es => 1,
    }
}

/// Without accents, which do not change the place of a name.
fn sorted_as(name: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'ã' | 'å' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' | 'ô' => 'o',
        'ú' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_standard_has_a_name_in_every_language() {
        let standard: Vec<_> = isocountry::CountryCode::iter().map(|country| country.alpha2()).collect();
        for code in &standard {
            assert!(TABLE.contains_key(code), "{code}");
        }
        assert_eq!(TABLE.len(), standard.len());
        assert!(TABLE.values().flatten().all(|name| !name.is_empty()));
    }

    #[test]
    fn accents_do_not_send_a_name_to_the_end() {
        let names: Vec<_> = all(Locale::Es).iter().map(|named| named.name).collect();
        let at = |name| names.iter().position(|known| *known == name).unwrap();
        assert!(at("Omán") < at("Países Bajos") && at("Bélgica") < at("Belice"), "{names:?}");
        assert_eq!((name_of("DE", Locale::Es), name_of("QQ", Locale::En)), ("Alemania", "QQ"));
    }
}
