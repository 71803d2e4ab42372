//! Codes of an authenticator app (RFC 6238): SHA-1, six digits, thirty seconds, one step to either side, each step once.

use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret as Seed, Totp};

use super::change::Place;
use super::{GuessKind, Verified};
use crate::crypto::random::random_bytes;
use crate::crypto::token::ShortCode;
use crate::domain::authentication::Method;
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Facts, NewApp};
use crate::domain::ids::UserId;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::flow::{Failure, Refused};
use crate::pages::keys;
use crate::storage::Change;

const STEP: u64 = 30;
/// To either side (RFC 6238 section 5.2 recommends at most one).
const SKEW: u16 = 1;
/// How long a new secret waits for its first code.
const ENROLMENT: Seconds = Seconds::minutes(15);

/// What an app is called that came with its person from another product.
const BROUGHT: &str = "Authenticator app";

/// What is sealed of an app.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// 160 random bits in base32 (RFC 4226 section 4 R6).
    seed: String,
}

fn enrolment_key(owner: Owner<'_>) -> String {
    format!("totp-enrolment:{}", owner.signed_in.session.id)
}

impl Karat {
    /// The secret that waits for its first code, or a fresh one.
    pub async fn new_totp(&self, owner: Owner<'_>) -> Result<NewApp, Failure> {
        let key = enrolment_key(owner);
        let fresh = Seed::new_stack(random_bytes::<20>()).to_base32();
        self.ephemeral.insert_if_absent(&key, &fresh, ENROLMENT.as_duration()).await?;
        let seed = self.ephemeral.get(&key).await?.unwrap_or(fresh);
        let uri = uri(&seed, self.renderer.brand_name(), owner.signed_in.user.email.as_str());
        Ok(NewApp { typed: in_groups(&seed), uri })
    }

    /// Adds the app once it has shown a right code, which is spent by that.
    pub async fn add_totp(&self, owner: Owner<'_>, name: &str, typed: &str) -> Result<Verified, Refused> {
        let user = &owner.signed_in.user;
        self.may_change_security(owner).await?;
        let seed = self.ephemeral.get(&enrolment_key(owner)).await?.ok_or(Refused::Gone)?;
        let code = parse(typed)?;
        self.count_factor_guess(user.id, GuessKind::Otp).await??;
        let now = self.now();
        let step = matching_step(&seed, &code, now).ok_or_else(wrong)?;
        self.give_factor_guess_back(user.id, GuessKind::Otp).await?;
        let before = self.enrolled(user.id).await?;
        let made = Authenticator {
            id: self.new_id().to_string(),
            user_id: user.id,
            name: super::change::name_of(name, AuthenticatorKind::Totp, owner.browser),
            facts: Facts::Totp,
            created_at: now,
            last_used_at: None,
        };
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        // One app a person: another takes its place, and the old one is dead. Of a form that is sent twice at once, too: the
        // same secret in two rows would have its codes accepted twice.
        let replaced = change.remove_authenticators_of_kind(user.id, AuthenticatorKind::Totp).await?;
        change.add_authenticator(&made, None, &Stored { seed }).await?;
        change.use_authenticator(&made.id, now, step).await?;
        let place = Place { replaced, before };
        self.authenticator_added(&mut change, owner, &made, place).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        self.ephemeral.delete(&enrolment_key(owner)).await?;
        Ok(Verified::now(self, user.id, Method::Totp))
    }

    /// Gives a person an app whose secret (base32) is known beforehand: of the demo's people. No page leads here.
    pub async fn give_totp(&self, user_id: UserId, name: &str, seed: &str) -> Result<(), Failure> {
        let made = Authenticator {
            id: self.new_id().to_string(),
            user_id,
            name: name.to_owned(),
            facts: Facts::Totp,
            created_at: self.now(),
            last_used_at: None,
        };
        let mut change = self.store.begin().await?;
        change.add_authenticator(&made, None, &Stored { seed: seed.to_owned() }).await?;
        Ok(change.commit().await?)
    }

    /// Each time step is accepted once, across browsers, pages and nodes (RFC 6238 section 5.2).
    pub async fn verify_totp(&self, user: &User, typed: &str) -> Result<Verified, Refused> {
        let code = parse(typed)?;
        self.count_factor_guess(user.id, GuessKind::Otp).await??;
        let now = self.now();
        for app in self.totp_of(user).await? {
            let Some(stored) = self.store.authenticator_secret::<Stored>(&app.id).await? else { continue };
            let Some(step) = matching_step(&stored.seed, &code, now) else { continue };
            let mut change = self.store.begin().await?;
            let accepted = change.use_authenticator(&app.id, now, step).await?;
            change.commit().await?;
            if accepted {
                self.give_factor_guess_back(user.id, GuessKind::Otp).await?;
                return Ok(Verified::now(self, user.id, Method::Totp));
            }
        }
        Err(wrong())
    }

    async fn totp_of(&self, user: &User) -> Result<Vec<Authenticator>, Failure> {
        let mut found = self.store.authenticators_of(user.id).await?;
        found.retain(|one| one.kind() == AuthenticatorKind::Totp);
        Ok(found)
    }
}

/// Brings a person's app along from another product, within the change that makes the account.
pub(in crate::flow) async fn bring(
    karat: &Karat,
    change: &mut Change,
    user_id: UserId,
    seed: &str,
) -> Result<(), Failure> {
    let made = Authenticator {
        id: karat.new_id().to_string(),
        user_id,
        name: BROUGHT.to_owned(),
        facts: Facts::Totp,
        created_at: karat.now(),
        last_used_at: None,
    };
    let seed = seed.to_ascii_uppercase().replace([' ', '='], "");
    Ok(change.add_authenticator(&made, None, &Stored { seed }).await?)
}

/// At least 80 bits in base32: what the older apps made.
pub(in crate::flow) fn is_seed(text: &str) -> bool {
    let text = text.replace([' ', '='], "");
    let base32 = |byte: u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte);
    (16..=128).contains(&text.len())
        && text.bytes().all(base32)
        && Seed::try_from_base32(text.to_ascii_uppercase()).is_ok()
}

fn parse(typed: &str) -> Result<ShortCode, Refused> {
    match typed.trim() {
        "" => Err(Refused::on("code", keys::CODE_REQUIRED)),
        typed => ShortCode::parse(typed).ok_or_else(wrong),
    }
}

/// One answer for a wrong code, one that was used, and one where there is no app.
fn wrong() -> Refused {
    Refused::on("code", keys::TOTP_WRONG)
}

/// The step that a code belongs to, a number that only grows.
fn matching_step(seed: &str, code: &ShortCode, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.unix()).ok()?;
    let step = totp(seed)?.check(code.expose(), seconds)?;
    i64::try_from(step).ok()
}

fn totp(seed: &str) -> Option<Totp> {
    let secret = Seed::try_from_base32(seed).ok()?;
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(SKEW);
    builder.with_step_duration(STEP).with_secret(secret).build().ok()
}

/// The key URI format that authenticator apps read. Written here because issuer and account are other people's text.
fn uri(seed: &str, brand: &str, account: &str) -> String {
    let part = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    // Apps take a plus sign in the label for what it is.
    let (brand, account) = (part(brand).replace('+', "%20"), part(account).replace('+', "%20"));
    format!("otpauth://totp/{brand}:{account}?secret={seed}&issuer={brand}&algorithm=SHA1&digits=6&period={STEP}")
}

fn in_groups(seed: &str) -> String {
    let characters: Vec<char> = seed.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, shortened to six digits: the ASCII secret "12345678901234567890".
    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn step(code: &str, at: i64) -> Option<i64> {
        matching_step(SEED, &ShortCode::parse(code)?, Timestamp::from_unix(at))
    }

    #[test]
    fn the_vectors_of_the_rfc_match_in_their_step_and_one_to_either_side() {
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let own = at / 30;
            assert_eq!(step(code, at), Some(own), "{code}");
            assert_eq!(step(code, at + 30), Some(own), "{code}");
            assert_eq!(step(code, at - 30), Some(own), "{code}");
            assert_eq!(step(code, at + 60), None, "{code}");
            assert_eq!(step(code, at - 60), None, "{code}");
        }
    }

    #[test]
    fn the_address_for_apps_names_brand_and_account_and_lets_neither_break_out() {
        let uri = uri("ABCD", "A & B?", "erika+x@example.org");
        assert_eq!(
            uri,
            "otpauth://totp/A%20%26%20B%3F:erika%2Bx%40example.org?secret=ABCD&issuer=A%20%26%20B%3F&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
