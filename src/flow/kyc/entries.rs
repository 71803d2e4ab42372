//! What a person says of themselves in an application: name, birthdate, where from, where they live.

use super::draft::Draft;
use crate::domain::kyc::identity::Attributes;
use crate::domain::phone::Country;
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;
use crate::flow::Refused;
use crate::flow::account::Owner;
use crate::flow::account::profile::{is_birthdate, tidied};
use crate::flow::karat::Karat;
use crate::pages::countries;
use crate::pages::{FieldErrors, Message, keys};

const LONGEST_NAME: usize = 100;
const LONGEST_LINE: usize = 200;
const LONGEST_POSTAL_CODE: usize = 20;

/// `/verify/details` as typed.
#[derive(Clone, Debug, Default)]
pub struct DetailsEntry {
    pub given_name: String,
    pub middle_name: String,
    pub family_name: String,
    pub birthdate: String,
    /// ISO 3166-1 alpha-2.
    pub nationality: String,
    pub second_nationality: String,
    pub residence: String,
}

/// `/verify/address` as typed.
#[derive(Clone, Debug, Default)]
pub struct AddressEntry {
    pub street_address: String,
    pub postal_code: String,
    pub locality: String,
    pub region: String,
}

impl Karat {
    pub async fn keep_details(&self, owner: Owner<'_>, entry: &DetailsEntry) -> Result<(), Refused> {
        let details = entry.checked(self.now()).map_err(Refused::Form)?;
        let edit = |draft: &mut Draft| {
            // An address belongs to the country it is in.
            let moved = draft.attributes.residence != details.residence;
            let address = draft.attributes.address.take().filter(|_| !moved);
            draft.attributes = Attributes { address, ..details };
        };
        self.keep_step(owner, edit, Vec::new()).await
    }

    pub async fn keep_address(&self, owner: Owner<'_>, entry: &AddressEntry) -> Result<(), Refused> {
        let address = entry.checked().map_err(Refused::Form)?;
        let edit = |draft: &mut Draft| {
            let country = draft.attributes.residence.map(|country| country.to_string());
            draft.attributes.address = Some(PostalAddress { country, ..address });
        };
        self.keep_step(owner, edit, Vec::new()).await
    }
}

impl From<&Attributes> for DetailsEntry {
    fn from(attributes: &Attributes) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let country = |value: Option<&Country>| value.map(ToString::to_string).unwrap_or_default();
        Self {
            given_name: text(&attributes.given_name),
            middle_name: text(&attributes.middle_name),
            family_name: text(&attributes.family_name),
            birthdate: text(&attributes.birthdate),
            nationality: country(attributes.nationalities.first()),
            second_nationality: country(attributes.nationalities.get(1)),
            residence: country(attributes.residence.as_ref()),
        }
    }
}

impl From<&PostalAddress> for AddressEntry {
    fn from(address: &PostalAddress) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            street_address: text(&address.street_address),
            postal_code: text(&address.postal_code),
            locality: text(&address.locality),
            region: text(&address.region),
        }
    }
}

impl DetailsEntry {
    fn checked(&self, now: Timestamp) -> Result<Attributes, FieldErrors> {
        let mut errors = FieldErrors::none();
        let given_name = line(&mut errors, "given_name", &self.given_name, LONGEST_NAME);
        let middle_name = line(&mut errors, "middle_name", &self.middle_name, LONGEST_NAME);
        let family_name = line(&mut errors, "family_name", &self.family_name, LONGEST_NAME);
        let has_letters =
            |name: &Option<String>| name.as_deref().is_none_or(|name| name.chars().any(char::is_alphabetic));
        if self.family_name.trim().is_empty() {
            errors.push("family_name", Message::new(keys::NAME_REQUIRED));
        } else if !has_letters(&family_name) || !has_letters(&given_name) {
            errors.push("family_name", Message::new(keys::NAME_INVALID));
        }
        let birthdate = Some(self.birthdate.trim().to_owned()).filter(|text| is_birthdate(text, now));
        if birthdate.is_none() {
            errors.push("birthdate", Message::new(keys::BIRTHDATE_INVALID));
        }
        let nationality = country(&mut errors, "nationality", &self.nationality);
        let second = match self.second_nationality.trim() {
            "" => None,
            typed => country(&mut errors, "second_nationality", typed),
        };
        let residence = country(&mut errors, "residence", &self.residence);
        let mut nationalities: Vec<Country> = nationality.into_iter().chain(second).collect();
        nationalities.dedup();
        let details =
            Attributes { given_name, middle_name, family_name, birthdate, nationalities, residence, address: None };
        if errors.is_empty() { Ok(details) } else { Err(errors) }
    }
}

impl AddressEntry {
    fn checked(&self) -> Result<PostalAddress, FieldErrors> {
        let mut errors = FieldErrors::none();
        let street_address = line(&mut errors, "street_address", &self.street_address, LONGEST_LINE);
        let postal_code = line(&mut errors, "postal_code", &self.postal_code, LONGEST_POSTAL_CODE);
        let locality = line(&mut errors, "locality", &self.locality, LONGEST_NAME);
        let region = line(&mut errors, "region", &self.region, LONGEST_NAME);
        if self.street_address.trim().is_empty() {
            errors.push("street_address", Message::new(keys::STREET_REQUIRED));
        }
        if self.locality.trim().is_empty() {
            errors.push("locality", Message::new(keys::LOCALITY_REQUIRED));
        }
        let address = PostalAddress { street_address, postal_code, locality, region, ..PostalAddress::default() };
        if errors.is_empty() { Ok(address) } else { Err(errors) }
    }
}

/// One line of text, or nothing; what is too long is told.
pub(super) fn line(errors: &mut FieldErrors, field: &'static str, typed: &str, longest: usize) -> Option<String> {
    let tidy = tidied(typed);
    if tidy.chars().count() > longest {
        let longest = i64::try_from(longest).unwrap_or(i64::MAX);
        errors.push(field, Message::new(keys::TEXT_TOO_LONG).with("max", longest));
        return None;
    }
    Some(tidy).filter(|tidy| !tidy.is_empty())
}

/// One that exists, chosen from the list.
pub(super) fn country(errors: &mut FieldErrors, field: &'static str, typed: &str) -> Option<Country> {
    let chosen = typed.trim().parse().ok().filter(|country: &Country| countries::is_known(*country));
    if chosen.is_none() {
        errors.push(field, Message::new(keys::COUNTRY_REQUIRED));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22.
    const NOW: Timestamp = Timestamp::from_unix(1_795_305_600);

    fn entry() -> DetailsEntry {
        DetailsEntry {
            given_name: " Ada ".into(),
            family_name: "Lovelace".into(),
            birthdate: "1985-12-10".into(),
            nationality: "GB".into(),
            residence: "ES".into(),
            ..DetailsEntry::default()
        }
    }

    #[test]
    fn what_is_right_is_kept_tidy() {
        let details = entry().checked(NOW).unwrap();
        assert_eq!(details.given_name.as_deref(), Some("Ada"));
        assert_eq!(details.middle_name, None);
        assert_eq!(details.residence.map(|country| country.to_string()).as_deref(), Some("ES"));
        let two = DetailsEntry { second_nationality: "GB".into(), ..entry() }.checked(NOW).unwrap();
        assert_eq!(two.nationalities.len(), 1, "the same twice is one");
        let mononym = DetailsEntry { given_name: String::new(), ..entry() };
        assert!(mononym.checked(NOW).is_ok(), "some people have one name");
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        let wrong = DetailsEntry {
            given_name: "x".repeat(101),
            family_name: " ".into(),
            birthdate: "2999-01-01".into(),
            nationality: "ZZ".into(),
            second_nationality: "xx".into(),
            residence: String::new(),
            ..DetailsEntry::default()
        };
        let errors = wrong.checked(NOW).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        let expected = ["given_name", "family_name", "birthdate", "nationality", "second_nationality", "residence"];
        assert_eq!(fields, expected);
        assert!(DetailsEntry { family_name: "1234".into(), ..entry() }.checked(NOW).is_err(), "a number is no name");
    }
}
