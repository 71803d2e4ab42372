//! Which passwords people may choose. The reasons do not depend on whether the address is known.

use super::karat::Karat;
use crate::crypto::password_strength::{self, Rules, Weakness};
use crate::crypto::token::Secret;
use crate::pages::{Message, keys};

impl Karat {
    /// Why a chosen password is refused; `None` when it is good. `personal` is what is known about the person.
    pub(super) fn objection_to(&self, password: &Secret, personal: &[&str]) -> Option<Message> {
        if password.is_empty() {
            return Some(Message::new(keys::PASSWORD_REQUIRED));
        }
        self.judge_password(password, personal).err().map(said)
    }

    /// By the rules of the deployment.
    pub(super) fn judge_password(&self, password: &Secret, personal: &[&str]) -> Result<(), Weakness> {
        let passwords = &self.settings.passwords;
        let rules = Rules {
            minimum_length: length(passwords.minimum_length),
            maximum_length: length(passwords.maximum_length),
            minimum_score: passwords.minimum_score,
        };
        let known: Vec<&str> = personal.iter().copied().chain([self.renderer.brand_name()]).collect();
        password_strength::check(password.expose(), &known, rules)
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
