//! The phrase that a person chose and Karat's mails carry: a mail without it is not from here.

use std::fmt;

/// 1 to 40 characters on one line, none of them invisible.
#[derive(Clone, PartialEq, Eq)]
pub struct Phrase(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhraseError {
    Empty,
    TooLong,
}

impl Phrase {
    pub const LONGEST: usize = 40;

    /// Takes what was typed: spaces are tidied; characters that cannot be seen or that turn the text around are left out.
    pub fn parse(typed: &str) -> Result<Self, PhraseError> {
        let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        let plain: String =
            typed.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !invisible(*c)).collect();
        let tidy = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        match tidy.chars().count() {
            0 => Err(PhraseError::Empty),
            long if long > Self::LONGEST => Err(PhraseError::TooLong),
            _ => Ok(Self(tidy)),
        }
    }

    /// Wraps what storage gave back.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Who knows it could write a mail that looks right.
impl fmt::Debug for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Phrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_one_visible_line_of_bounded_length() {
        let shown = |typed: &str| Phrase::parse(typed).map(|phrase| phrase.expose().to_owned());
        assert_eq!(shown("  blue \n heron\u{202e} "), Ok("blue heron".to_owned()));
        assert_eq!(shown(&"é".repeat(40)), Ok("é".repeat(40)));
        assert_eq!(shown(&"é".repeat(41)), Err(PhraseError::TooLong));
        for nothing in ["", " \t", "\u{200b}\u{feff}"] {
            assert_eq!(shown(nothing), Err(PhraseError::Empty), "{nothing:?}");
        }
    }

    #[test]
    fn a_phrase_prints_redacted() {
        assert_eq!(format!("{:?}", Phrase::parse("blue heron").unwrap()), "Phrase(..)");
    }
}
