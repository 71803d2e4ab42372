//! Phone numbers that codes are sent to: in E.164, of a country, and of a kind that can get a message for the price of one.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType, Region};
use serde::{Deserialize, Serialize};

/// Longer texts are no number, whatever stands between the digits.
const LONGEST: usize = 40;
/// Blocks of ten thousand numbers are rented together: who pumps messages has the last digits free.
const FREE_DIGITS: usize = 4;

/// A mobile number in E.164 ("+491701234567"). Prints redacted: a number is a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneNumber {
    e164: String,
    country: Country,
}

/// ISO 3166-1 alpha-2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneRefused {
    #[error("not a phone number with its country code")]
    NotANumber,
    /// Premium, shared-cost, toll-free, VoIP, pager, personal and satellite numbers, and fixed lines.
    #[error("not a mobile number")]
    NotMobile,
}

impl PhoneNumber {
    /// Reads what a person typed: the country code first, behind `+` or `00`; spaces, hyphens, full stops, slashes and
    /// brackets are forgiven. Only what may be a mobile number passes: in some countries (North America) mobile and fixed
    /// numbers look alike.
    pub fn parse(typed: &str) -> Result<Self, PhoneRefused> {
        let typed = typed.trim();
        if typed.len() > LONGEST {
            return Err(PhoneRefused::NotANumber);
        }
        let international = match (typed.strip_prefix('+'), typed.strip_prefix("00")) {
            (Some(rest), _) | (None, Some(rest)) => rest,
            (None, None) => return Err(PhoneRefused::NotANumber),
        };
        let mut digits = String::from("+");
        for c in international.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' => {}
                _ => return Err(PhoneRefused::NotANumber),
            }
        }
        let parsed = Parsed::parse(&digits, None).map_err(|_| PhoneRefused::NotANumber)?;
        if !parsed.is_valid() {
            return Err(PhoneRefused::NotANumber);
        }
        if !matches!(parsed.get_type(), PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile) {
            return Err(PhoneRefused::NotMobile);
        }
        // Satellite and other networks of no country are the region `World`.
        let country = parsed.get_region_code().filter(|region| *region != Region::World);
        let country = country.and_then(|region| format!("{region:?}").parse().ok()).ok_or(PhoneRefused::NotMobile)?;
        Ok(Self { e164: parsed.format_as(PhoneNumberFormat::E164).into_owned(), country })
    }

    /// E.164.
    pub fn as_str(&self) -> &str {
        &self.e164
    }

    pub fn country(&self) -> Country {
        self.country
    }

    /// All but the last four digits.
    pub fn prefix(&self) -> &str {
        &self.e164[..self.e164.len().saturating_sub(FREE_DIGITS)]
    }

    /// `+49 ••• 67`: enough for its owner to know it, too little to call.
    pub fn masked(&self) -> String {
        let code = Parsed::parse(&self.e164, None).map(|parsed| parsed.country_code).unwrap_or_default();
        format!("+{code} ••• {}", &self.e164[self.e164.len().saturating_sub(2)..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(redacted, {})", self.country)
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneRefused;

    fn from_str(text: &str) -> Result<Self, PhoneRefused> {
        Self::parse(text)
    }
}

impl Country {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Ok(Self([*a, *b])),
            _ => Err(format!("{text:?} is not a country such as \"DE\" (two capitals, ISO 3166-1)")),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> Result<String, PhoneRefused> {
        PhoneNumber::parse(typed).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_mobile_number_is_read_however_it_is_spaced() {
        for typed in ["+4915112345678", " +49 151 12345678 ", "0049 151 / 123-456-78", "+49 (151) 12345678"] {
            assert_eq!(parsed(typed), Ok("+4915112345678".to_owned()), "{typed}");
        }
        let number = PhoneNumber::parse("+1 650 253 0000").unwrap();
        assert_eq!((number.as_str(), number.country().as_str()), ("+16502530000", "US"));
        assert_eq!(PhoneNumber::parse("+1 876 512 3456").unwrap().country().as_str(), "JM");
    }

    #[test]
    fn what_is_no_number_with_its_country_is_refused() {
        let long = "1".repeat(60);
        for typed in [
            "",
            "+",
            "0151 12345678",
            "+49",
            "+49 151 1",
            "+999 12345678",
            "+49 151 1234567８",
            "+49 151 CALLME00",
            "+4915112345678;ext=5",
            "+4915112345678 x5",
            &format!("+49{long}"),
            "tel:+4915112345678",
            "+49151\n12345678",
        ] {
            assert_eq!(parsed(typed), Err(PhoneRefused::NotANumber), "{typed:?}");
        }
    }

    #[test]
    fn numbers_that_cost_more_or_reach_no_phone_are_refused() {
        for (typed, kind) in [
            ("+49 900 1234567", "premium"),
            ("+44 909 8790123", "premium"),
            ("+44 844 3345678", "shared cost"),
            ("+49 800 1234567", "toll-free"),
            ("+1 900 234 5678", "premium"),
            ("+1 800 234 5678", "toll-free"),
            ("+44 56 1234 5678", "VoIP"),
            ("+44 70 1234 5678", "personal"),
            ("+49 30 123456", "fixed line"),
            ("+8816 1234 5678", "satellite"),
            ("+870 773 123456", "satellite"),
            ("+883 5100 1234 5678", "international network"),
        ] {
            assert!(parsed(typed).is_err(), "{kind}: {typed} {:?}", parsed(typed));
        }
    }

    #[test]
    fn a_number_shows_itself_to_nobody_but_who_asks_for_it() {
        let number = PhoneNumber::parse("+4915112345678").unwrap();
        assert_eq!(number.masked(), "+49 ••• 78");
        assert_eq!(number.prefix(), "+491511234");
        assert!(!format!("{number:?}").contains("151"));
        let again: PhoneNumber = serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap();
        assert_eq!(again, number);
    }

    #[test]
    fn a_country_is_two_capitals() {
        assert_eq!("DE".parse::<Country>().map(|country| country.to_string()), Ok("DE".to_owned()));
        for wrong in ["", "D", "de", "DEU", "49", "D\u{c9}"] {
            assert!(wrong.parse::<Country>().is_err(), "{wrong}");
        }
    }
}
