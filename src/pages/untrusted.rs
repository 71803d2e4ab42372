//! Text from outside (app names, device names, addresses) made harmless to read: escaping alone does not stop a name from turning the
//! sentence around it.

use serde::Serializer;

/// Longest app or person name shown, in characters.
const LONGEST_NAME: usize = 64;
/// Longest piece of text of any kind that a page prints, in characters; form values that must survive unchanged are exempt.
pub const LONGEST_TEXT: usize = 2048;

/// Whether a character may be shown: no control characters and none that change the direction of the text that follows
/// (Unicode Bidirectional Algorithm, explicit embeddings, overrides and isolates).
fn is_shown(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' => false,
        other => !other.is_control(),
    }
}

/// `text` without unshowable characters, cut after `most` characters with an ellipsis.
pub fn bounded(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().filter(|character| is_shown(*character)).take(most + 1).collect();
    if shown.chars().count() > most {
        shown = shown.chars().take(most.saturating_sub(1)).collect();
        shown.push('…');
    }
    shown
}

/// Serializes a name as it may be shown.
pub fn as_name<S: Serializer>(name: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&bounded(name.trim(), LONGEST_NAME))
}

/// Whether a URL may stand in a link or image: a path of ours, or `http`/`https`. Keeps `javascript:` and `data:` out even if a client
/// got registered with them.
pub fn is_web_url(url: &str) -> bool {
    if let Some(rest) = url.strip_prefix('/') {
        return !rest.starts_with(['/', '\\']);
    }
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// HTML escaping for text and quoted attribute values.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_overrides_and_controls_are_dropped() {
        assert_eq!(bounded("gold\u{202E}dlog\u{0}\u{2066}!", 64), "golddlog!");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_at_the_bound() {
        assert_eq!(bounded("abcdef", 4), "abc…");
        assert_eq!(bounded("abcd", 4), "abcd");
    }

    #[test]
    fn only_web_urls_and_own_paths_may_be_linked() {
        for good in ["/terms", "https://app.test/logo.png", "http://127.0.0.1:8080/"] {
            assert!(is_web_url(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.test", "/\\evil.test", "x", ""]
        {
            assert!(!is_web_url(bad), "{bad}");
        }
    }
}
