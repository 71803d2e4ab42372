//! Recognising the same document, or the same person, in another account. Only reviewers hear of it: who opens a second account
//! under a name of theirs learns nothing by trying.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::token::hmac;
use crate::domain::kyc::Case;
use crate::domain::kyc::identity::Attributes;
use crate::domain::phone::Country;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::Change;
use crate::storage::kyc::fingerprints::Trait;

impl Karat {
    /// To be called within the change that submits a case, or takes in what a provider found. `document`: issuing country and
    /// number of the identity document.
    pub async fn note_fingerprints(
        &self,
        change: &mut Change,
        case: &Case,
        attributes: &Attributes,
        document: Option<(Country, &str)>,
    ) -> Result<(), Failure> {
        let whose = (case.user_id, case.id);
        let now = self.now();
        if let Some(text) = document.and_then(|(country, number)| number_of(country, number)) {
            let print = self.fingerprint(Trait::Document, &text);
            change.add_kyc_fingerprint(Trait::Document, &print, whose, now).await?;
        }
        if let Some(text) = name_of(attributes) {
            let print = self.fingerprint(Trait::Person, &text);
            change.add_kyc_fingerprint(Trait::Person, &print, whose, now).await?;
        }
        Ok(())
    }

    /// Under a key of its own: numbers of documents are few enough to try them all.
    fn fingerprint(&self, what: Trait, text: &str) -> String {
        let mac = hmac(&*self.macs.identities, &[what.as_str().as_bytes(), text.as_bytes()]);
        URL_SAFE_NO_PAD.encode(mac)
    }
}

/// However it is grouped: letters and digits alone. `None` when there are too few of them to be a number.
fn number_of(country: Country, number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    (number.chars().count() >= 4).then(|| format!("{}:{number}", country.as_str()))
}

/// Birthdate, and every word of the name in the order of the alphabet: people swap given and family names.
fn name_of(attributes: &Attributes) -> Option<String> {
    let birthdate = attributes.birthdate.as_deref()?;
    let (given, family) = (attributes.given_name.as_deref()?, attributes.family_name.as_deref()?);
    // Middle names are told here and left out there; only the first word of the given names counts.
    let first = given.split_whitespace().next()?;
    let mut words: Vec<String> = [first].into_iter().chain(family.split([' ', '-'])).map(plain).collect();
    words.retain(|word| !word.is_empty());
    words.sort();
    (!words.is_empty()).then(|| format!("{birthdate}:{}", words.join(" ")))
}

/// Small letters without the marks that one form has and another cannot take.
fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()) {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => plain.push('a'),
            'ä' | 'æ' => plain.push_str("ae"),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'ď' | 'đ' | 'ð' => plain.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => plain.push('e'),
            'ğ' | 'ģ' => plain.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => plain.push('i'),
            'ķ' => plain.push('k'),
            'ł' | 'ļ' | 'ľ' | 'ĺ' => plain.push('l'),
            'ñ' | 'ń' | 'ň' | 'ņ' => plain.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ō' => plain.push('o'),
            'ö' | 'ø' | 'œ' | 'ő' => plain.push_str("oe"),
            'ŕ' | 'ř' => plain.push('r'),
            'ś' | 'š' | 'ş' | 'ș' => plain.push('s'),
            'ß' => plain.push_str("ss"),
            'ť' | 'ţ' | 'ț' => plain.push('t'),
            'þ' => plain.push_str("th"),
            'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ų' => plain.push('u'),
            'ü' | 'ű' => plain.push_str("ue"),
            'ý' | 'ÿ' => plain.push('y'),
            'ź' | 'ż' | 'ž' => plain.push('z'),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(given: &str, family: &str, birthdate: &str) -> Option<String> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        name_of(&Attributes {
            given_name: some(given),
            family_name: some(family),
            birthdate: some(birthdate),
            ..Attributes::default()
        })
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_another_in_another_country() {
        let (de, at): (Country, Country) = ("DE".parse().unwrap(), "AT".parse().unwrap());
        assert_eq!(number_of(de, "c01x 0006-h"), number_of(de, "C01X0006H"));
        assert_ne!(number_of(de, "C01X0006H"), number_of(at, "C01X0006H"));
        assert_ne!(number_of(de, "C01X0006H"), number_of(de, "C01X0006K"));
        assert_eq!(number_of(de, "- 1 2 -"), None);
    }

    #[test]
    fn a_name_is_the_same_in_other_letters_and_orders() {
        let erika = person("Erika Anna", "Müller-Lüdenscheidt", "1984-01-26");
        assert!(erika.is_some());
        assert_eq!(erika, person("ERIKA", "Mueller Luedenscheidt", "1984-01-26"));
        assert_eq!(person("Ada", "Lovelace", "1815-12-10"), person("Lovelace", "Ada", "1815-12-10"));
        assert_ne!(erika, person("Erika", "Müller", "1984-01-26"));
        assert_ne!(erika, person("Erika Anna", "Müller-Lüdenscheidt", "1984-01-27"));
        assert_eq!(person("Erika", "", "1984-01-26"), None);
        assert_eq!(person("Erika", "Müller", ""), None);
    }
}
