//! Recovery codes: ten of fifty random bits each, shown once, kept as keyed hashes, each good once (NIST SP 800-63B-4
//! section 3.1.2, look-up secrets).

use zeroize::Zeroizing;

use super::change::SecurityChange;
use super::{GuessKind, Verified};
use crate::crypto::random::random_below;
use crate::crypto::token::{TokenHash, hmac};
use crate::domain::authentication::Method;
use crate::domain::ids::UserId;
use crate::domain::user::User;
use crate::flow::Refused;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::flow::login::Browser;
use crate::pages::keys;
use crate::storage::events::EventKind;

const MANY: usize = 10;
const LENGTH: usize = 10;
/// Crockford's base32: nothing that is easily taken for something else.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Karat {
    /// A new set, for the one time it is shown. The old one is dead.
    pub async fn make_recovery_codes(&self, owner: Owner<'_>) -> Result<Zeroizing<Vec<String>>, Refused> {
        let user = &owner.signed_in.user;
        self.may_change_security(owner).await?;
        // Without a factor that they could stand in for, they would wait for one that somebody else adds.
        if !self.enrolled(user.id).await?.has_second_factor() {
            return Err(Refused::Gone);
        }
        let codes = Zeroizing::new((0..MANY).map(|_| draw()).collect::<Vec<String>>());
        let hashes: Vec<TokenHash> = codes.iter().map(|code| self.recovery_hash(user.id, &canonical(code))).collect();
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        change.replace_recovery_codes(user.id, &hashes, self.now()).await?;
        let event = self.event(EventKind::RecoveryCodesMade, user.id);
        change.record(&event.from_address(&owner.browser.address.to_string())).await?;
        self.tell_of_change(&mut change, user, &SecurityChange::RecoveryCodesMade, owner.browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(codes)
    }

    /// Counted together with the codes of an app: who guesses at one has spent the tries of the other.
    pub async fn verify_recovery_code(&self, user: &User, typed: &str, browser: &Browser) -> Result<Verified, Refused> {
        if typed.trim().is_empty() {
            return Err(Refused::on("code", keys::CODE_REQUIRED));
        }
        self.count_factor_guess(user.id, GuessKind::Otp).await??;
        let hash = self.recovery_hash(user.id, &canonical(typed));
        let left = (self.store.recovery_codes_of(user.id).await?.left - 1).max(0);
        let mut change = self.store.begin().await?;
        if !change.use_recovery_code(user.id, &hash, self.now()).await? {
            return Err(Refused::on("code", keys::RECOVERY_CODE_WRONG));
        }
        let event = self.event(EventKind::RecoveryCodeUsed, user.id);
        change.record(&event.from_address(&browser.address.to_string())).await?;
        self.tell_of_change(&mut change, user, &SecurityChange::RecoveryCodeUsed { left }, browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        self.give_factor_guess_back(user.id, GuessKind::Otp).await?;
        Ok(Verified::now(self, user.id, Method::RecoveryCode))
    }

    fn recovery_hash(&self, user: UserId, code: &str) -> TokenHash {
        use base64::Engine;
        let mac = hmac(&*self.macs.codes, &[b"recovery code", user.uuid().as_bytes(), code.as_bytes()]);
        TokenHash::from_stored(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac))
    }
}

/// "a1b2c-d3e4f".
fn draw() -> String {
    let mut code = String::with_capacity(LENGTH + 1);
    for place in 0..LENGTH {
        if place == LENGTH / 2 {
            code.push('-');
        }
        let index = usize::try_from(random_below(32)).unwrap_or(0);
        code.push(char::from(ALPHABET[index]));
    }
    code
}

/// What a person typed, with the letters that are taken for digits read as them (Crockford's base32).
fn canonical(typed: &str) -> String {
    let read =
        typed.chars().take(64).filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_of_the_alphabet_and_do_not_repeat() {
        let drawn: std::collections::HashSet<String> = (0..1_000).map(|_| draw()).collect();
        assert_eq!(drawn.len(), 1_000);
        for code in drawn {
            assert_eq!((code.len(), code.as_bytes()[LENGTH / 2]), (LENGTH + 1, b'-'), "{code}");
            assert!(canonical(&code).bytes().all(|b| ALPHABET.contains(&b)), "{code}");
        }
    }

    #[test]
    fn what_a_person_types_is_read_as_it_was_meant() {
        assert_eq!(canonical(" A1B2C-D3E4F\n"), "a1b2cd3e4f");
        assert_eq!(canonical("oOiIlL"), "001111");
        assert_ne!(canonical("a1b2cd3e4f"), canonical("a1b2cd3e4g"));
    }
}
