//! What people prove themselves with beside the password: enrolling, using, and what a change of it asks for.

pub mod change;
pub mod passkeys;
pub mod recovery_codes;
pub mod sms;
pub mod totp;

use super::karat::Karat;
use super::login::{Browser, PasswordCheck};
use super::throttle::{Counter, TooMany};
use super::{Failure, Refused};
use crate::crypto::token::Secret;
use crate::domain::authentication::{Method, Proven};
use crate::domain::ids::UserId;
use crate::domain::user::User;
use crate::pages::keys;

/// That a person has just shown an authenticator of theirs. Made here and nowhere else, so that whoever holds one need not
/// check again.
#[derive(Clone, Debug)]
pub struct Verified {
    user_id: UserId,
    proven: Proven,
}

impl Verified {
    pub(in crate::flow) fn now(karat: &Karat, user_id: UserId, method: Method) -> Self {
        Self { user_id, proven: Proven { method, at: karat.now() } }
    }

    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    pub fn proven(&self) -> Proven {
        self.proven
    }
}

/// What wrong codes are counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuessKind {
    /// Authenticator apps and recovery codes together.
    Otp,
    Sms,
}

impl GuessKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Sms => "sms",
        }
    }
}

impl Karat {
    /// The password once more, counted like any other guess at it.
    pub async fn verify_password(
        &self,
        user: &User,
        password: &Secret,
        browser: &Browser,
    ) -> Result<Verified, Refused> {
        if password.is_empty() {
            return Err(Refused::on("password", keys::PASSWORD_REQUIRED));
        }
        match self.check_password(user.email.as_str(), password, browser).await? {
            PasswordCheck::Right(found) if found.user.id == user.id && found.user.is_active() => {
                Ok(Verified::now(self, user.id, Method::Password))
            }
            PasswordCheck::Right(_) | PasswordCheck::Wrong => {
                Err(Refused::on("password", keys::CURRENT_PASSWORD_WRONG))
            }
            PasswordCheck::TooMany(wait) => Err(wait.into()),
        }
    }

    /// Counts a guess before it is looked at: one count for a person and a kind, whichever door, browser or node it comes
    /// by, and no right password sets it back (NIST SP 800-63B-4 section 3.2.2).
    pub(in crate::flow) async fn count_factor_guess(
        &self,
        user: UserId,
        kind: GuessKind,
    ) -> Result<Result<(), TooMany>, Failure> {
        self.all_within(&self.factor_counters(user, kind)).await
    }

    /// A right code was no guess.
    pub(in crate::flow) async fn give_factor_guess_back(&self, user: UserId, kind: GuessKind) -> Result<(), Failure> {
        self.give_all_back(&self.factor_counters(user, kind)).await
    }

    fn factor_counters(&self, user: UserId, kind: GuessKind) -> [Counter; 2] {
        let section = &self.settings.authentication;
        let key = |span: &str| format!("factor:{}:{span}:{user}", kind.as_str());
        [(section.factor_guesses, key("short")), (section.factor_guesses_per_day, key("day"))]
    }
}
