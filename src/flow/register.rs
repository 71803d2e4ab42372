//! Registration: from a form to an account, by way of the mailbox.
//!
//! ```text
//! form --> registration --code in the same browser, or link--> account
//!              ^   |
//!              +---+ sent again: new link and code
//! ```
//!
//! An account begins when the mailbox is proven, so nobody prepares one for somebody else's address. A link opened in
//! another browser than the registering one asks for the password that was chosen: whoever owns the mailbox can not be
//! made to bring to life an account that a stranger holds the password of. A known address gets a decoy that costs and
//! looks the same; only the mail tells.

use super::Failure;
use super::karat::Karat;
use super::login::Browser;
use super::mail_limits::About;
use super::refused::Refused;
use super::throttle::{TooMany, network};
use crate::crypto::token::{OpaqueToken, Secret, ShortCode, TokenHash};
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::profile::Profile;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::{Condition, User};
use crate::pages::mail::{AlreadyRegistered, VerifyAddress};
use crate::pages::{FieldErrors, Locale, Message, keys};
use crate::storage::events::EventKind;
use crate::storage::registrations::Registration;
use crate::storage::{self, Change};

/// The longest e-mail address (RFC 5321 section 4.5.3.1.3, without the brackets).
const LONGEST_EMAIL: usize = 254;

#[derive(Debug)]
pub struct RegistrationForm {
    pub email: String,
    pub password: Secret,
    pub accepts_terms: bool,
    /// The version that the form showed.
    pub terms_version: String,
}

/// Link and code as they are mailed, once.
struct Proofs {
    link: OpaqueToken,
    code: ShortCode,
}

impl Karat {
    /// Answers the ticket for the browser's cookie: who holds it may type the code, or open the link without the password.
    pub async fn register(
        &self,
        form: &RegistrationForm,
        browser: &Browser,
        locale: Locale,
    ) -> Result<OpaqueToken, Refused> {
        let from = format!("registrations:{}", network(browser.address));
        // Before anything else: to estimate a password costs more than to send one.
        self.within(self.settings.throttle.registrations_per_address, &from).await??;
        let email = self.check_registration(form).await?;
        self.count_mail(&email, About::Registration, browser).await??;
        // Looked up and hashed in both cases, in this order, so that neither text nor time tells which.
        let decoy = self.store.user_by_email(&email).await?.is_some();
        let password_hash = self.passwords.hash(&form.password).await?;
        let now = self.now();
        let (ticket, proofs) = (OpaqueToken::mint(), Proofs::mint());
        let id = ticket.hash();
        let made = Registration {
            email,
            password_hash,
            terms_version: form.terms_version.clone(),
            locale: locale.tag().to_owned(),
            link_hash: proofs.link.hash(),
            code_hash: self.code_hash(&proofs.code, id.as_str()),
            decoy,
            created_at: now,
            expires_at: now.plus(self.settings.registration.verification_lifetime),
            id,
        };
        let mut change = self.store.begin().await?;
        change.add_registration(&made).await?;
        self.put_proofs(&mut change, &made, &proofs).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(ticket)
    }

    async fn check_registration(&self, form: &RegistrationForm) -> Result<EmailAddress, Refused> {
        let mut errors = FieldErrors::none();
        let email = parse_email(&form.email).map_err(|message| errors.push("email", message)).ok();
        let personal = form.email.trim();
        if let Some(message) = self.objection_to(&form.password, &[personal]).await? {
            errors.push("password", message);
        }
        if form.terms_version != self.settings.terms.version {
            errors.push("accept_terms", Message::new(keys::TERMS_CHANGED));
        } else if !form.accepts_terms {
            errors.push("accept_terms", Message::new(keys::TERMS_REQUIRED));
        }
        email.filter(|_| errors.is_empty()).ok_or(Refused::Form(errors))
    }

    pub async fn registration(&self, ticket: &OpaqueToken) -> Result<Registration, Refused> {
        self.store.registration(&ticket.hash(), self.now()).await?.ok_or(Refused::Gone)
    }

    /// Sends a new link and code; the earlier ones are dead.
    pub async fn resend_verification(&self, ticket: &OpaqueToken, browser: &Browser) -> Result<(), Refused> {
        let mut made = self.registration(ticket).await?;
        self.count_mail(&made.email, About::Registration, browser).await??;
        let proofs = Proofs::mint();
        made.link_hash = proofs.link.hash();
        made.code_hash = self.code_hash(&proofs.code, made.id.as_str());
        let mut change = self.store.begin().await?;
        change.renew_registration(&made.id, &made.link_hash, &made.code_hash).await?;
        self.put_proofs(&mut change, &made, &proofs).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// The code proves the mailbox, and the browser that it is the person who registered.
    pub async fn verify_by_code(&self, ticket: &OpaqueToken, typed: &str, browser: &Browser) -> Result<(), Refused> {
        let made = self.registration(ticket).await?;
        if typed.trim().is_empty() {
            return Err(Refused::on("code", keys::CODE_REQUIRED));
        }
        let Some(code) = ShortCode::parse(typed) else { return Err(Refused::on("code", keys::CODE_WRONG)) };
        if !self.count_try(&made).await? {
            return Err(Refused::on("code", keys::CODE_EXHAUSTED));
        }
        self.count_code(&made.email).await??;
        if self.code_hash(&code, made.id.as_str()) != made.code_hash || made.decoy {
            return Err(Refused::on("code", keys::CODE_WRONG));
        }
        self.open_account(&made, browser).await
    }

    /// Looks at a link without using it up: mail scanners look, too. Answers whether the chosen password is asked for.
    pub async fn link_asks_password(&self, token: &str, ticket: Option<&OpaqueToken>) -> Result<bool, Refused> {
        Ok(!is_of(&self.registration_of_link(token).await?, ticket))
    }

    pub async fn verify_by_link(
        &self,
        token: &str,
        ticket: Option<&OpaqueToken>,
        password: &Secret,
        browser: &Browser,
    ) -> Result<(), Refused> {
        let made = self.registration_of_link(token).await?;
        if !is_of(&made, ticket) {
            self.check_chosen_password(&made, password).await?;
        }
        self.open_account(&made, browser).await
    }

    async fn check_chosen_password(&self, made: &Registration, password: &Secret) -> Result<(), Refused> {
        if password.is_empty() {
            return Err(Refused::on("password", keys::PASSWORD_REQUIRED));
        }
        if !self.count_try(made).await? {
            return Err(Refused::Gone);
        }
        let longest = usize::try_from(self.settings.passwords.maximum_length).unwrap_or(usize::MAX);
        let fits = password.expose().chars().count() <= longest;
        if fits && self.passwords.verify(password, Some(&made.password_hash)).await?.matches {
            return Ok(());
        }
        Err(Refused::on("password", keys::PASSWORD_NOT_CHOSEN))
    }

    async fn registration_of_link(&self, token: &str) -> Result<Registration, Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let made = self.store.registration_by_link(&token.hash(), self.now()).await?;
        made.filter(|made| !made.decoy).ok_or(Refused::Gone)
    }

    /// Who proved the mailbox decides: every other registration of the address ends. Nobody is logged in by it.
    async fn open_account(&self, made: &Registration, browser: &Browser) -> Result<(), Refused> {
        let now = self.now();
        let user = new_user(UserId::new(self.new_id()), made, now);
        let mut change = self.store.begin().await?;
        if !change.consume_registration(made).await? {
            return Err(Refused::Gone);
        }
        match change.add_user(&user, &made.password_hash).await {
            Ok(()) => {}
            // The address became somebody's while the mail was on its way. Nothing is changed for them.
            Err(storage::Error::Conflict) => return Err(Refused::Gone),
            Err(error) => return Err(error.into()),
        }
        change.accept_terms(user.id, &made.terms_version, made.created_at).await?;
        let event = self.event(EventKind::Registered, user.id).from_address(&browser.address.to_string());
        change.record(&event).await?;
        change.commit().await?;
        Ok(())
    }

    async fn count_try(&self, made: &Registration) -> Result<bool, Failure> {
        let most = i64::from(self.settings.registration.code_tries);
        Ok(self.store.count_registration_try(&made.id, most).await?)
    }

    /// Counts a guess of a code for a mailbox, which newer mails with newer codes do not reset.
    pub(super) async fn count_code(&self, recipient: &EmailAddress) -> Result<Result<(), TooMany>, Failure> {
        let recipient = TokenHash::of_text("codes", recipient.as_str());
        let rate = self.settings.throttle.codes_per_recipient;
        self.within(rate, &format!("guess:code:{}", recipient.as_str())).await
    }

    pub(super) fn code_hash(&self, code: &ShortCode, context: &str) -> TokenHash {
        code.keyed_hash(&self.macs.codes, context)
    }

    async fn put_proofs(&self, change: &mut Change, made: &Registration, proofs: &Proofs) -> Result<(), Failure> {
        let locale = Locale::for_tag(&made.locale).unwrap_or_default();
        if made.decoy {
            let mail = AlreadyRegistered {
                login_link: self.issuer.join("/login"),
                forgotten_link: self.issuer.join("/password/forgotten"),
            };
            return self.put_mail(change, &made.email, locale, &mail).await;
        }
        let mail = VerifyAddress {
            link: self.issuer.join(&format!("/register/confirm?token={}", proofs.link.expose())),
            code: proofs.code.expose().to_owned(),
            minutes: minutes_left(made.expires_at, self.now()),
        };
        self.put_mail(change, &made.email, locale, &mail).await
    }
}

impl Proofs {
    fn mint() -> Self {
        Self { link: OpaqueToken::mint(), code: ShortCode::mint() }
    }
}

fn is_of(made: &Registration, ticket: Option<&OpaqueToken>) -> bool {
    ticket.is_some_and(|ticket| ticket.hash() == made.id)
}

fn new_user(id: UserId, made: &Registration, now: Timestamp) -> User {
    User {
        id,
        email: made.email.clone(),
        email_verified_at: Some(now),
        profile: Profile::default(),
        locale: made.locale.clone(),
        condition: Condition::Active,
        created_at: now,
        updated_at: now,
        password_changed_at: made.created_at,
        hold_until: None,
        protection: Default::default(),
        kyc: Default::default(),
    }
}

/// The address, or what to tell about it.
pub(super) fn parse_email(text: &str) -> Result<EmailAddress, Message> {
    match text.trim() {
        "" => Err(Message::new(keys::EMAIL_REQUIRED)),
        long if long.len() > LONGEST_EMAIL => Err(Message::new(keys::EMAIL_TOO_LONG)),
        address => address.parse().map_err(|_| Message::new(keys::EMAIL_INVALID)),
    }
}

/// Minutes until something expires, as a person is told: at least one, and from two hours on in whole hours.
pub fn minutes_left(expires_at: Timestamp, now: Timestamp) -> i64 {
    let Seconds(left) = expires_at.since(now);
    match left / 60 {
        few @ ..120 => few.max(1),
        many => many / 60 * 60,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_refused_with_its_own_reason() {
        let reason = |text: &str| parse_email(text).err().map(|message| message.key);
        assert_eq!(reason(" "), Some(keys::EMAIL_REQUIRED));
        assert_eq!(reason("ada"), Some(keys::EMAIL_INVALID));
        assert_eq!(reason(&format!("ada@{}.example", "x".repeat(250))), Some(keys::EMAIL_TOO_LONG));
        assert_eq!(reason(" Ada@Example.com "), None);
    }

    #[test]
    fn what_is_left_is_told_in_minutes_then_in_hours_and_never_as_nothing() {
        let now = Timestamp::from_unix(1_000);
        assert_eq!(minutes_left(now.plus(Seconds::hours(24)), now), 1_440);
        assert_eq!(minutes_left(now.plus(Seconds(59)), now), 1);
        assert_eq!(minutes_left(now, now.plus(Seconds(5))), 1);
        assert_eq!(minutes_left(now.plus(Seconds::minutes(119)), now), 119);
        assert_eq!(minutes_left(now.plus(Seconds::hours(24)), now.plus(Seconds(1))), 23 * 60);
    }
}
