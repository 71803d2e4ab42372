//! Text messages: one segment of the GSM alphabet (160 characters, 3GPP TS 23.038 section 6.2.1), no links, and a last line
//! by which phones fill the code in on our own pages and nowhere else ("origin-bound one-time codes", WICG).

use serde::Serialize;

use crate::domain::sms::SmsPurpose;

/// Characters of a message.
pub const LONGEST: usize = 160;

/// The facts a message tells. Rendered by `Renderer::sms`.
#[derive(Clone, Copy)]
pub struct SmsText<'a> {
    pub purpose: SmsPurpose,
    /// Empty for a message that holds none.
    pub code: &'a str,
    /// Of the page on which the code is typed in.
    pub host: &'a str,
}

#[derive(Serialize)]
pub(super) struct Context<'a> {
    pub purpose: SmsPurpose,
    pub code: &'a str,
    pub brand: &'a str,
}

impl SmsText<'_> {
    /// Exactly `@host #code`, and nothing else in the line.
    pub(super) fn last_line(&self) -> String {
        if self.code.is_empty() { String::new() } else { format!("\n\n@{} #{}", self.host, self.code) }
    }
}

/// The name of the house as a message can hold it: in the alphabet, and cut to `room` characters.
pub(super) fn brand(name: &str, room: usize, host: &str) -> String {
    let plain: String = name.chars().filter_map(in_alphabet).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if plain.is_empty() { host } else { &plain };
    name.chars().take(room).collect::<String>().trim_end().to_owned()
}

/// The character of the alphabet's basic table that comes nearest; each takes one of the 160 places.
fn in_alphabet(c: char) -> Option<char> {
    if is_basic(c) {
        return Some(c);
    }
    Some(match c {
        'á' | 'â' | 'ã' => 'a',
        'Á' | 'À' | 'Â' | 'Ã' => 'A',
        'ç' => 'Ç',
        'ê' | 'ë' => 'e',
        'È' | 'Ê' | 'Ë' => 'E',
        'í' | 'î' | 'ï' => 'i',
        'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'ó' | 'ô' | 'õ' => 'o',
        'Ó' | 'Ò' | 'Ô' | 'Õ' => 'O',
        'ú' | 'û' => 'u',
        'Ú' | 'Ù' | 'Û' => 'U',
        '’' | '`' => '\'',
        '–' | '—' => '-',
        c if c.is_whitespace() => ' ',
        _ => return None,
    })
}

/// The basic table without the escape to the second one, whose characters take two places.
pub fn is_basic(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || " !\"#$%&'()*+,-./:;<=>?@_\n\r".contains(c)
        || "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{Locale, Renderer, RendererSettings};

    const HOST: &str = "login.example.com";

    fn all(brand: &str, host: &str) -> Vec<(SmsPurpose, String)> {
        let settings = RendererSettings { brand_name: brand.to_owned(), ..RendererSettings::default() };
        let renderer = Renderer::new(settings).unwrap();
        let mut texts = Vec::new();
        for locale in Locale::ALL {
            for purpose in [SmsPurpose::LogIn, SmsPurpose::Confirm, SmsPurpose::AddNumber, SmsPurpose::Notice] {
                let code = if purpose == SmsPurpose::Notice { "" } else { "012345" };
                texts.push((purpose, renderer.sms(SmsText { purpose, code, host }, locale).unwrap()));
            }
        }
        texts
    }

    /// What a phone makes of a message: the last line, cut at the one space between host and code.
    fn bound_code(text: &str) -> Option<(String, String)> {
        let line = text.replace("\r\n", "\n").rsplit('\n').next()?.to_owned();
        let (host, code) = line.strip_prefix('@')?.split_once(" #")?;
        let code = code.split(' ').next()?;
        (!host.is_empty() && !code.is_empty() && !host.contains([' ', '#'])).then(|| (host.to_owned(), code.to_owned()))
    }

    #[test]
    fn the_last_line_binds_the_code_to_the_host() {
        for (purpose, text) in all("Karat", HOST) {
            let bound = (purpose != SmsPurpose::Notice).then(|| (HOST.to_owned(), "012345".to_owned()));
            assert_eq!(bound_code(&text), bound, "{text}");
        }
        // The rule by which this is judged, on the examples of the format's authors.
        let host_and_code = Some(("example.com".to_owned(), "747723".to_owned()));
        assert_eq!(bound_code("Your code is 747723.\n\n@example.com #747723"), host_and_code);
        for wrong in ["something @example.com #747723", "@example.com code #747723", "#747723 @example.com", "@ #1"] {
            assert_eq!(bound_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_message_is_one_segment_whatever_the_house_is_called() {
        let long_host = "h".repeat(56);
        for brand in ["Karat", "Börse «Zürich» & Söhne — Crypto ’n’ More GmbH", "黄金交易所", "ab[c]d^e|f€"]
        {
            for (purpose, text) in all(brand, &long_host) {
                assert!(text.chars().count() <= LONGEST, "{} of {brand}: {}", text.chars().count(), text);
                assert!(text.chars().all(is_basic), "{text:?}");
                assert_eq!(text.matches('\n').count(), if purpose == SmsPurpose::Notice { 0 } else { 2 }, "{text:?}");
                for link in ["http", "www.", "//"] {
                    assert!(!text.contains(link), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_message_says_what_for_and_that_nobody_else_is_to_have_it() {
        let texts: Vec<String> = all("Karat", HOST).into_iter().map(|(_, text)| text).collect();
        assert!(texts[0].starts_with("Karat: 012345 is your code to log in. Never share it"), "{}", texts[0]);
        assert!(texts[2].starts_with("Karat: 012345 is your code to add this number. Never share it"), "{}", texts[2]);
        assert!(texts[1].contains("is your code to change your security settings. Never share it"), "{}", texts[1]);
        assert!(texts[4].contains("para entrar. No lo compartas"), "{}", texts[4]);
    }
}
