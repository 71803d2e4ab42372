//! The ready-made people of the demo, as plain data. Whoever composes the demo creates their accounts.

use serde::Serialize;

use crate::domain::profile::{PostalAddress, Profile};

/// Somebody to be. Claims are named as in OpenID Connect Core 5.1; `None` is a claim the person never gave.
#[derive(Clone, Debug, Serialize)]
pub struct DemoPerson {
    /// How the desk calls them; also the `name` claim when `profile` is there.
    pub name: &'static str,
    /// What makes them worth trying, in a sentence.
    pub story: &'static str,
    pub email: &'static str,
    pub email_verified: bool,
    pub password: &'static str,
    pub profile: Option<DemoProfile>,
    /// E.164.
    pub phone_number: Option<&'static str>,
    pub phone_number_verified: bool,
    pub address: Option<DemoAddress>,
    #[serde(skip)]
    pub standing: DemoStanding,
    /// What to try as them, in a sentence.
    pub try_this: &'static str,
    /// Secret of their authenticator app in base32; the desk shows its codes.
    pub authenticator_seed: Option<&'static str>,
}

/// How far somebody is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoStanding {
    Unverified,
    Verified(u8),
    /// An application at level 2 waits for a reviewer.
    Waiting,
    Suspended,
    /// Verified at level 2, and the password was changed just now.
    OnHold,
    /// Decides the applications of others.
    Reviewer,
    /// Runs the house, on the console.
    Owner,
}

impl DemoStanding {
    /// In two words, for the desk.
    pub fn badge(self) -> String {
        match self {
            Self::Unverified => "Level 0".to_owned(),
            Self::Verified(level) => format!("Level {level}"),
            Self::Waiting => "Review pending".to_owned(),
            Self::Suspended => "Suspended".to_owned(),
            Self::OnHold => "Level 2, on hold".to_owned(),
            Self::Reviewer => "Reviewer".to_owned(),
            Self::Owner => "Owner".to_owned(),
        }
    }

    /// How the badge looks.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Verified(_) | Self::Reviewer | Self::Owner => "good",
            Self::Suspended => "bad",
            Self::Unverified | Self::Waiting | Self::OnHold => "open",
        }
    }
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct DemoProfile {
    pub given_name: &'static str,
    pub family_name: &'static str,
    pub middle_name: Option<&'static str>,
    pub nickname: Option<&'static str>,
    pub preferred_username: Option<&'static str>,
    pub profile: Option<&'static str>,
    pub picture: Option<&'static str>,
    pub website: Option<&'static str>,
    pub gender: Option<&'static str>,
    /// `YYYY-MM-DD`.
    pub birthdate: Option<&'static str>,
    /// IANA time zone.
    pub zoneinfo: Option<&'static str>,
    /// BCP 47.
    pub locale: Option<&'static str>,
}

/// Core 5.1.1; `formatted` joins the lines by newline.
#[derive(Clone, Debug, Serialize)]
pub struct DemoAddress {
    pub formatted: &'static str,
    pub street_address: &'static str,
    pub locality: &'static str,
    pub region: Option<&'static str>,
    pub postal_code: &'static str,
    pub country: &'static str,
}

impl DemoPerson {
    /// What goes into the account beside address and password.
    pub fn claims(&self) -> Profile {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let given = self.profile.as_ref();
        Profile {
            name: given.map(|_| self.name.to_owned()),
            given_name: given.map(|given| given.given_name.to_owned()),
            family_name: given.map(|given| given.family_name.to_owned()),
            middle_name: given.and_then(|given| text(given.middle_name)),
            nickname: given.and_then(|given| text(given.nickname)),
            preferred_username: given.and_then(|given| text(given.preferred_username)),
            profile: given.and_then(|given| text(given.profile)),
            picture: given.and_then(|given| text(given.picture)),
            website: given.and_then(|given| text(given.website)),
            gender: given.and_then(|given| text(given.gender)),
            birthdate: given.and_then(|given| text(given.birthdate)),
            zoneinfo: given.and_then(|given| text(given.zoneinfo)),
            locale: given.and_then(|given| text(given.locale)),
            phone_number: text(self.phone_number),
            phone_number_verified: self.phone_number_verified,
            address: self.address.as_ref().map(|address| PostalAddress {
                formatted: text(Some(address.formatted)),
                street_address: text(Some(address.street_address)),
                locality: text(Some(address.locality)),
                region: text(address.region),
                postal_code: text(Some(address.postal_code)),
                country: text(Some(address.country)),
            }),
        }
    }
}

/// The one with everything first.
pub fn people() -> Vec<DemoPerson> {
    vec![theo(), wanda(), luis(), pia(), nora(), petra(), samuel(), hanna(), rita(), olga()]
}

/// Carries every standard claim, as conformance tests want them (CONFORMANCE: the `scope-*` modules).
fn theo() -> DemoPerson {
    DemoPerson {
        name: "Theo Maximilian Trader",
        story: "Has filled in everything: an app may learn every standard claim, if Theo allows it.",
        email: "theo@example.com",
        email_verified: true,
        password: "amber-Kettle-drifts-north-41",
        profile: Some(DemoProfile {
            given_name: "Theo",
            family_name: "Trader",
            middle_name: Some("Maximilian"),
            nickname: Some("Teddy"),
            preferred_username: Some("theo.trader"),
            profile: Some("https://people.example.com/theo"),
            picture: Some("https://people.example.com/theo/picture.png"),
            website: Some("https://theo.example.com"),
            gender: Some("male"),
            birthdate: Some("1984-01-26"),
            zoneinfo: Some("Europe/Berlin"),
            locale: Some("en-GB"),
        }),
        phone_number: Some("+4930901820"),
        phone_number_verified: true,
        address: Some(DemoAddress {
            formatted: "Lindenweg 12\n10115 Berlin\nGermany",
            street_address: "Lindenweg 12",
            locality: "Berlin",
            region: Some("Berlin"),
            postal_code: "10115",
            country: "Germany",
        }),
        standing: DemoStanding::Verified(3),
        try_this: "Ask userinfo at the exchange, and see all of it arrive.",
        authenticator_seed: None,
    }
}

fn wanda() -> DemoPerson {
    DemoPerson {
        name: "Wanda Wallet",
        story: "An ordinary customer: a name, a verified address, no phone.",
        email: "wanda@example.com",
        email_verified: true,
        password: "plum-Lantern-under-bridge-77",
        profile: Some(DemoProfile {
            given_name: "Wanda",
            family_name: "Wallet",
            zoneinfo: Some("Europe/Dublin"),
            locale: Some("en-IE"),
            ..DemoProfile::default()
        }),
        phone_number: None,
        phone_number_verified: false,
        address: None,
        standing: DemoStanding::Verified(2),
        try_this: "Unlock sending in the wallet; the desk shows the codes of her authenticator app.",
        authenticator_seed: Some("K5QW4ZDBKNQXMZLTJBSXEQ3PNFXHGNZX"),
    }
}

fn luis() -> DemoPerson {
    DemoPerson {
        name: "Luis Libreta",
        story: "Reads Spanish; his phone number is not verified yet.",
        email: "luis@example.com",
        email_verified: true,
        password: "verde-Tejado-silba-lejos-58",
        profile: Some(DemoProfile {
            given_name: "Luis",
            family_name: "Libreta",
            nickname: Some("Lucho"),
            birthdate: Some("1991-09-03"),
            zoneinfo: Some("Europe/Madrid"),
            locale: Some("es-ES"),
            ..DemoProfile::default()
        }),
        phone_number: Some("+34910000000"),
        phone_number_verified: false,
        address: None,
        standing: DemoStanding::Verified(1),
        try_this: "Press Trade at the exchange: his level is enough, a second factor is missing.",
        authenticator_seed: None,
    }
}

fn pia() -> DemoPerson {
    DemoPerson {
        name: "Pia Private",
        story: "Has told Karat her address and nothing else; see what apps do without a name.",
        email: "pia@example.com",
        email_verified: true,
        password: "quiet-Harbour-seven-owls-19",
        profile: None,
        phone_number: None,
        phone_number_verified: false,
        address: None,
        standing: DemoStanding::Unverified,
        try_this: "Press Trade at the exchange: Karat leads her to verify.",
        authenticator_seed: None,
    }
}

fn nora() -> DemoPerson {
    DemoPerson {
        name: "Nora New",
        story: "Her account was made by an operator: her address is not verified yet.",
        email: "nora@example.com",
        email_verified: false,
        password: "first-Morning-copper-kite-63",
        profile: None,
        phone_number: None,
        phone_number_verified: false,
        address: None,
        standing: DemoStanding::Unverified,
        try_this: "Let an app ask for her address, and see that it is not verified.",
        authenticator_seed: None,
    }
}

fn petra() -> DemoPerson {
    named(
        ("Petra Pending", "Petra", "Pending"),
        ("petra@example.com", "slow-Ferry-counts-nine-lamps-26"),
        DemoStanding::Waiting,
        "Her application for level 2 waits for a reviewer.",
        "See what an applicant sees, then be Rita and decide.",
    )
}

fn samuel() -> DemoPerson {
    named(
        ("Samuel Suspended", "Samuel", "Suspended"),
        ("samuel@example.com", "grey-Compass-hums-at-noon-84"),
        DemoStanding::Suspended,
        "Was verified at level 2, and is suspended.",
        "Try to trade: nothing that takes a level is granted, and no reason is hinted at.",
    )
}

fn hanna() -> DemoPerson {
    named(
        ("Hanna Hold", "Hanna", "Hold"),
        ("hanna@example.com", "loud-Willow-keeps-her-key-35"),
        DemoStanding::OnHold,
        "Verified at level 2; her password was changed just now.",
        "Open the wallet: sending waits, and the wallet counts down.",
    )
}

fn rita() -> DemoPerson {
    let rita = named(
        ("Rita Reviewer", "Rita", "Reviewer"),
        ("rita@example.com", "stern-Meadow-opens-doors-12"),
        DemoStanding::Reviewer,
        "Decides applications, with a second factor.",
        "Open Review, look at Petra's application, approve or reject it.",
    );
    DemoPerson { authenticator_seed: Some("KJUXIYKSMV3GSZLXMVZFG2DPO5ZUI3LP"), ..rita }
}

fn olga() -> DemoPerson {
    let olga = named(
        ("Olga Owner", "Olga", "Owner"),
        ("olga@example.com", "calm-Lantern-keeps-books-57"),
        DemoStanding::Owner,
        "Runs the house, on the console.",
        "Open Console, find Theo, look at the audit log. Add a passkey under Security, and register an app.",
    );
    DemoPerson { authenticator_seed: Some("J5WGOYKPO5XGK4STNBXXO42EMVWW65LU"), ..olga }
}

/// Nobody shares given name and birthdate; the rest is the least that a verified person has.
fn named(
    (name, given_name, family_name): (&'static str, &'static str, &'static str),
    (email, password): (&'static str, &'static str),
    standing: DemoStanding,
    story: &'static str,
    try_this: &'static str,
) -> DemoPerson {
    DemoPerson {
        name,
        story,
        email,
        email_verified: true,
        password,
        profile: Some(DemoProfile { given_name, family_name, ..DemoProfile::default() }),
        phone_number: None,
        phone_number_verified: false,
        address: None,
        standing,
        try_this,
        authenticator_seed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_person_has_every_standard_claim() {
        let first = &people()[0];
        let claims = serde_json::to_value(first).unwrap();
        let missing: Vec<_> = ["profile", "address"]
            .iter()
            .flat_map(|part| claims[part].as_object().unwrap())
            .filter(|(_, value)| value.is_null())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(first.email_verified && first.phone_number_verified && first.phone_number.is_some());
    }

    #[test]
    fn nobody_shares_an_address_or_a_password() {
        let mut seen = std::collections::BTreeSet::new();
        for person in people() {
            assert!(seen.insert(person.email) && seen.insert(person.password));
            assert!(zxcvbn::zxcvbn(person.password, &[person.email]).score() >= zxcvbn::Score::Four);
        }
    }
}
