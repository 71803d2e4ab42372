//! How, how strongly and when a person logged in: the facts behind `acr`, `amr` and `auth_time`.

use serde::{Deserialize, Serialize};

use super::time::{Seconds, Timestamp};

/// The authentication context class references, from weak to strong (OpenID Connect Core section 2, `acr`; `phr` and
/// `phrh` come from OpenID Connect Extended Authentication Profile ACR Values 1.0). A stronger class satisfies the demand
/// for a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Acr {
    /// One factor, the password.
    #[serde(rename = "urn:karat:acr:pwd")]
    Password,
    /// Password and a code by SMS: a restricted authenticator (NIST SP 800-63B-4 section 3.1.3.3).
    #[serde(rename = "urn:karat:acr:mfa-sms")]
    MfaSms,
    /// Password and something else the person has, though not resistant to phishing.
    #[serde(rename = "urn:karat:acr:mfa")]
    Mfa,
    /// Resistant to phishing: a passkey that verified its user.
    #[serde(rename = "phr")]
    Phr,
    /// As `phr`, from hardware that a manufacturer attested and that the key cannot leave.
    #[serde(rename = "phrh")]
    Phrh,
}

impl Acr {
    pub const LADDER: [Acr; 5] = [Acr::Password, Acr::MfaSms, Acr::Mfa, Acr::Phr, Acr::Phrh];

    pub const fn as_str(self) -> &'static str {
        match self {
            Acr::Password => "urn:karat:acr:pwd",
            Acr::MfaSms => "urn:karat:acr:mfa-sms",
            Acr::Mfa => "urn:karat:acr:mfa",
            Acr::Phr => "phr",
            Acr::Phrh => "phrh",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::LADDER.into_iter().find(|acr| acr.as_str() == text)
    }
}

/// One way a person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Password,
    /// A code by SMS.
    Sms,
    /// A code of an authenticator app (RFC 6238).
    Totp,
    RecoveryCode,
    Passkey(PasskeyUse),
}

/// What an assertion said, and what is known of the key (WebAuthn Level 3 section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PasskeyUse {
    /// By PIN, finger or face (UV).
    pub user_verified: bool,
    /// May be copied to other devices (BE).
    pub synced: bool,
    /// A manufacturer whom the operator trusts vouches for the hardware.
    pub attested: bool,
}

impl Method {
    /// Whether two are the same kind, so that the later replaces the earlier.
    fn is_same_kind(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// RFC 8176 section 2. Of a device-bound key that nobody attests it is only known that it was held (`pop`).
    fn references(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::Sms => &["sms"],
            Self::Totp | Self::RecoveryCode => &["otp"],
            Self::Passkey(PasskeyUse { user_verified, synced, attested }) => match (synced, attested, user_verified) {
                (true, _, true) => &["swk", "user"],
                (true, _, false) => &["swk"],
                (false, true, true) => &["hwk", "user"],
                (false, true, false) => &["hwk"],
                (false, false, true) => &["pop", "user"],
                (false, false, false) => &["pop"],
            },
        }
    }

    /// What it is worth beside a password; a password itself is worth nothing beside a password.
    fn beside_password(self) -> Option<Acr> {
        match self {
            Self::Password => None,
            Self::Sms => Some(Acr::MfaSms),
            Self::Totp | Self::RecoveryCode | Self::Passkey(_) => Some(Acr::Mfa),
        }
    }

    fn alone(self) -> Option<Acr> {
        match self {
            Self::Password => Some(Acr::Password),
            Self::Passkey(PasskeyUse { user_verified: true, synced: false, attested: true }) => Some(Acr::Phrh),
            Self::Passkey(PasskeyUse { user_verified: true, .. }) => Some(Acr::Phr),
            _ => None,
        }
    }
}

/// A method, and when it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    pub method: Method,
    pub at: Timestamp,
}

/// One log-in. It describes what happened and never changes; refreshed tokens repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When the person last proved all that `acr` rests on: the earliest of its proofs.
    pub time: Timestamp,
    pub acr: Acr,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
    /// Each kind of method at most once. Empty in log-ins of versions that knew the password only.
    #[serde(default)]
    pub proven: Vec<Proven>,
}

impl Authentication {
    pub fn by_password(now: Timestamp) -> Self {
        Self::resting_on(Acr::Password, now, vec![Proven { method: Method::Password, at: now }])
    }

    /// The strongest class that the proofs reach, at the latest time they reach it. `None` when they prove nothing alone,
    /// as a code without its password.
    pub fn of(proven: &[Proven]) -> Option<Self> {
        let kept = latest_of_each_kind(proven);
        let password = kept.iter().find(|one| one.method == Method::Password);
        let alone = kept.iter().filter_map(|one| Some((one.method.alone()?, one.at)));
        let beside = kept.iter().filter_map(|one| Some((one.method.beside_password()?, one.at.min(password?.at))));
        let (acr, time) = alone.chain(beside).max()?;
        Some(Self::resting_on(acr, time, kept))
    }

    /// This log-in and one proof more.
    pub fn with(&self, more: Proven) -> Self {
        let mut all = self.proofs();
        all.push(more);
        Self::of(&all).unwrap_or_else(|| self.clone())
    }

    /// Whether something worth `least` was shown within the last `within`, however old the rest of the log-in is: what a
    /// change that could take the account away asks for.
    pub fn shown_lately(&self, least: Acr, within: Seconds, now: Timestamp) -> bool {
        self.proofs().iter().any(|one| {
            let worth = one.method.alone().or(one.method.beside_password());
            worth.is_some_and(|worth| worth >= least) && now.since(one.at) <= within
        })
    }

    /// As [`Authentication::shown_lately`], for the code that stands in for a lost authenticator.
    pub fn recovered_lately(&self, within: Seconds, now: Timestamp) -> bool {
        self.proofs().iter().any(|one| one.method == Method::RecoveryCode && now.since(one.at) <= within)
    }

    pub fn proofs(&self) -> Vec<Proven> {
        match self.proven.is_empty() {
            true => vec![Proven { method: Method::Password, at: self.time }],
            false => self.proven.clone(),
        }
    }

    fn resting_on(acr: Acr, time: Timestamp, proven: Vec<Proven>) -> Self {
        let mut amr: Vec<String> = Vec::new();
        for reference in proven.iter().flat_map(|one| one.method.references()) {
            if !amr.iter().any(|known| known == reference) {
                amr.push((*reference).to_owned());
            }
        }
        // Together with the single methods (RFC 8176 section 2, `mfa`). A verified passkey is two factors by itself.
        if acr > Acr::Password {
            amr.push("mfa".to_owned());
        }
        Self { time, acr, amr, proven }
    }
}

fn latest_of_each_kind(proven: &[Proven]) -> Vec<Proven> {
    let mut kept: Vec<Proven> = Vec::new();
    for one in proven {
        match kept.iter_mut().find(|known| known.method.is_same_kind(one.method)) {
            Some(known) if known.at <= one.at => *known = *one,
            Some(_) => {}
            None => kept.push(*one),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(method: Method, at: i64) -> Proven {
        Proven { method, at: Timestamp::from_unix(at) }
    }

    fn passkey(user_verified: bool, synced: bool, attested: bool) -> Method {
        Method::Passkey(PasskeyUse { user_verified, synced, attested })
    }

    fn of(proofs: &[Proven]) -> Option<(Acr, i64, String)> {
        Authentication::of(proofs).map(|it| (it.acr, it.time.unix(), it.amr.join(" ")))
    }

    #[test]
    fn each_combination_is_worth_what_the_ladder_says() {
        let password = proven(Method::Password, 10);
        let table = [
            (vec![password], Acr::Password, "pwd"),
            (vec![password, proven(Method::Sms, 10)], Acr::MfaSms, "pwd sms mfa"),
            (vec![password, proven(Method::Totp, 10)], Acr::Mfa, "pwd otp mfa"),
            (vec![password, proven(Method::RecoveryCode, 10)], Acr::Mfa, "pwd otp mfa"),
            (vec![password, proven(passkey(false, true, false), 10)], Acr::Mfa, "pwd swk mfa"),
            (vec![proven(passkey(true, true, false), 10)], Acr::Phr, "swk user mfa"),
            (vec![proven(passkey(true, false, false), 10)], Acr::Phr, "pop user mfa"),
            (vec![proven(passkey(true, false, true), 10)], Acr::Phrh, "hwk user mfa"),
            // A key that can be copied is no hardware, whoever attests it.
            (vec![proven(passkey(true, true, true), 10)], Acr::Phr, "swk user mfa"),
            (vec![password, proven(passkey(true, true, false), 10)], Acr::Phr, "pwd swk user mfa"),
        ];
        for (proofs, acr, amr) in table {
            assert_eq!(of(&proofs), Some((acr, 10, amr.to_owned())), "{proofs:?}");
        }
    }

    #[test]
    fn what_stands_beside_a_password_proves_nothing_without_it() {
        for method in [Method::Sms, Method::Totp, Method::RecoveryCode, passkey(false, true, true)] {
            assert_eq!(of(&[proven(method, 10)]), None, "{method:?}");
        }
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_time_is_that_of_the_earliest_proof_the_class_rests_on() {
        let (old, new) = (proven(Method::Password, 10), proven(Method::Totp, 500));
        assert_eq!(of(&[old, new]).map(|it| (it.0, it.1)), Some((Acr::Mfa, 10)));
        // A passkey rests on nothing else, so an old password does not age it.
        assert_eq!(of(&[old, proven(passkey(true, true, false), 500)]).map(|it| (it.0, it.1)), Some((Acr::Phr, 500)));
        let again = Authentication::of(&[old, new]).map(|it| it.with(proven(Method::Password, 600)));
        assert_eq!(again.map(|it| (it.acr, it.time.unix())), Some((Acr::Mfa, 500)));
    }

    #[test]
    fn a_log_in_of_an_older_version_is_a_password() {
        let stored = r#"{"time":10,"acr":"urn:karat:acr:pwd","amr":["pwd"]}"#;
        let read: Authentication = serde_json::from_str(stored).unwrap();
        assert_eq!(read.with(proven(Method::Totp, 20)).acr, Acr::Mfa);
    }
}
