//! The languages of the hosted pages and how one is chosen for a person.

use serde::{Deserialize, Serialize};

/// A language the catalogue has. The BCP 47 tag is what `lang`, cookies and the `locale` claim carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    Es,
}

/// Longest preference list that is read; what lies behind is ignored (a header is attacker-controlled).
const MOST_PREFERENCES: usize = 20;

impl Locale {
    pub const ALL: [Locale; 2] = [Locale::En, Locale::Es];

    pub const fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::Es => "es",
        }
    }

    /// The language's own name for itself, as the language switch shows it.
    pub const fn endonym(self) -> &'static str {
        match self {
            Locale::En => "English",
            Locale::Es => "Español",
        }
    }

    /// The locale for a BCP 47 tag, by its primary language: `es-MX` is served in Spanish. `None` for a language not spoken here.
    pub fn for_tag(tag: &str) -> Option<Locale> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Locale::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// The best locale for a person: `ui_locales` of the authorization request first (OpenID Connect Core 3.1.2.1, a space-separated
    /// list in order of preference), then the cookie of the language switch, then `Accept-Language` (RFC 9110 section 12.5.4), else
    /// the operator's choice.
    pub fn negotiate(
        ui_locales: Option<&str>,
        cookie: Option<&str>,
        accept_language: Option<&str>,
        otherwise: Locale,
    ) -> Locale {
        ui_locales
            .and_then(first_spoken)
            .or_else(|| cookie.and_then(Locale::for_tag))
            .or_else(|| accept_language.and_then(most_wanted))
            .unwrap_or(otherwise)
    }
}

fn first_spoken(list: &str) -> Option<Locale> {
    list.split_ascii_whitespace().take(MOST_PREFERENCES).find_map(Locale::for_tag)
}

fn most_wanted(header: &str) -> Option<Locale> {
    let mut best: Option<(Locale, u32)> = None;
    for item in header.split(',').take(MOST_PREFERENCES) {
        let mut parts = item.split(';');
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        let Some(locale) = Locale::for_tag(tag) else { continue };
        if weight > 0 && best.is_none_or(|(_, heaviest)| weight > heaviest) {
            best = Some((locale, weight));
        }
    }
    best.map(|(locale, _)| locale)
}

/// A quality value in thousandths; one that cannot be read counts as "not wanted".
fn thousandths(quality: &str) -> u32 {
    match quality.trim().parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ui_locales_come_before_cookie_and_header() {
        assert_eq!(Locale::negotiate(Some("fr-CA es-MX en"), Some("en"), Some("en"), Locale::En), Locale::Es);
        assert_eq!(Locale::negotiate(Some("fr de"), Some("es"), Some("en"), Locale::En), Locale::Es);
        assert_eq!(Locale::negotiate(None, Some("xx"), Some("es-AR"), Locale::En), Locale::Es);
    }

    #[test]
    fn the_heaviest_spoken_language_of_the_header_wins() {
        assert_eq!(Locale::negotiate(None, None, Some("fr, en;q=0.5, es;q=0.8"), Locale::En), Locale::Es);
        assert_eq!(Locale::negotiate(None, None, Some("es;q=0, en;q=0.1"), Locale::En), Locale::En);
        assert_eq!(Locale::negotiate(None, None, Some("es;q=banana"), Locale::En), Locale::En);
    }

    #[test]
    fn anything_else_is_the_operators_choice() {
        assert_eq!(Locale::negotiate(None, None, None, Locale::Es), Locale::Es);
        assert_eq!(Locale::negotiate(None, None, Some("fr"), Locale::En), Locale::En);
        assert_eq!(Locale::negotiate(Some("<script>"), Some("../../es"), Some(";;;,,q="), Locale::En), Locale::En);
    }
}
