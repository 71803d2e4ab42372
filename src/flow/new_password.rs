//! Which passwords people may choose. The reasons do not depend on whether the address is known.

use super::karat::Karat;
use crate::crypto::password::PasswordError;
use crate::crypto::password_strength::{self, Rules, Weakness};
use crate::crypto::token::Secret;
use crate::pages::{Message, keys};

impl Karat {
    /// Why a chosen password is refused; `None` when it is good. `personal` is what is known about the person.
    pub(super) async fn objection_to(
        &self,
        password: &Secret,
        personal: &[&str],
    ) -> Result<Option<Message>, PasswordError> {
        if password.is_empty() {
            return Ok(Some(Message::new(keys::PASSWORD_REQUIRED)));
        }
        Ok(self.judge_password(password, personal).await?.err().map(said))
    }

    /// By the rules of the deployment. The estimate takes milliseconds of a processor, so it is made where passwords are
    /// hashed, within the same bounds.
    pub(super) async fn judge_password(
        &self,
        password: &Secret,
        personal: &[&str],
    ) -> Result<Result<(), Weakness>, PasswordError> {
        let passwords = &self.settings.passwords;
        let rules = Rules {
            minimum_length: length(passwords.minimum_length),
            maximum_length: length(passwords.maximum_length),
            minimum_score: passwords.minimum_score,
        };
        let known = personal.iter().copied().chain([self.renderer.brand_name()]);
        let known: Vec<String> = known.map(str::to_owned).collect();
        let password = password.clone();
        self.passwords
            .estimate(move || {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                password_strength::check(password.expose(), &known, rules)
            })
            .await
    }
}

fn length(characters: u32) -> usize {
    usize::try_from(characters).unwrap_or(usize::MAX)
}

fn said(weakness: Weakness) -> Message {
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    match weakness {
        Weakness::TooShort { minimum } => Message::new(keys::PASSWORD_TOO_SHORT).with("min", number(minimum)),
        Weakness::TooLong { maximum } => Message::new(keys::PASSWORD_TOO_LONG).with("max", number(maximum)),
        Weakness::Common => Message::new(keys::PASSWORD_COMMON),
        Weakness::Guessable => Message::new(keys::PASSWORD_WEAK),
        Weakness::ContainsPersonal => Message::new(keys::PASSWORD_LIKE_ADDRESS),
    }
}
