//! Logging in with e-mail address and password.
//!
//! Every guess is counted before it is looked at, so that parallel guesses cannot slip past the limit, and given back
//! when it was right. That somebody logs in is counted apart, generously, and never given back. Unknown addresses are counted, hashed and answered like known ones.

use std::net::IpAddr;

use super::Failure;
use super::authorize::SignedIn;
use super::karat::Karat;
use super::logout::Ending;
use super::mail_limits::About;
use super::throttle::{Counter, TooMany, network};
use crate::crypto::token::{OpaqueToken, Secret, TokenHash};
use crate::domain::authentication::Authentication;
use crate::domain::email::EmailAddress;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::SessionId;
use crate::domain::user::User;
use crate::pages::Locale;
use crate::pages::mail::NewDevice;
use crate::storage::events::EventKind;
use crate::storage::sessions::{Device, Session};
use crate::storage::users::UserWithPassword;

/// The most sessions that one person has running.
const MOST_SESSIONS: i64 = 100;

/// The browser that somebody logs in from.
#[derive(Clone, Debug)]
pub struct Browser {
    pub address: IpAddr,
    pub agent: String,
    /// The long-lived cookie by which an account knows its devices.
    pub device: Option<TokenHash>,
}

impl Browser {
    pub fn as_device(&self) -> Device {
        Device { address: self.address.to_string(), agent: self.agent.clone() }
    }
}

pub enum LoginOutcome {
    /// The new token of the session's cookie, and of the device's when the account did not know it: a cookie that was
    /// there before the log-in may have been planted.
    SignedIn {
        signed_in: Box<SignedIn>,
        token: OpaqueToken,
        device: Option<OpaqueToken>,
    },
    /// Address or password; which one stays open.
    Wrong,
    /// The password was right, so the person may know that an operator locked the account.
    Locked,
    TooMany(TooMany),
}

pub enum PasswordCheck {
    Right(Box<UserWithPassword>),
    Wrong,
    TooMany(TooMany),
}

impl Karat {
    /// `current` is the session the browser has already: it goes on under a new token when it is the same person's, and
    /// ends when it is another's.
    pub async fn log_in(
        &self,
        email: &str,
        password: &Secret,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<LoginOutcome, Failure> {
        // Looked at once more when the account changed under the password: it may have been hashed anew only.
        for _ in 0..2 {
            let found = match self.check_password(email, password, browser).await? {
                PasswordCheck::Right(found) if !found.user.is_active() => return Ok(LoginOutcome::Locked),
                PasswordCheck::Right(found) => found,
                PasswordCheck::Wrong => return Ok(LoginOutcome::Wrong),
                PasswordCheck::TooMany(wait) => return Ok(LoginOutcome::TooMany(wait)),
            };
            if let Some((signed_in, token, device)) = self.begin_session(*found, browser, current).await? {
                return Ok(LoginOutcome::SignedIn { signed_in: Box::new(signed_in), token, device });
            }
        }
        Ok(LoginOutcome::Wrong)
    }

    /// The one place where a password is compared. An unknown account answers as a wrong password does.
    pub async fn check_password(
        &self,
        email: &str,
        password: &Secret,
        browser: &Browser,
    ) -> Result<PasswordCheck, Failure> {
        let email = email.parse::<EmailAddress>().ok();
        let guesses = self.guess_counters(email.as_ref(), browser).await?;
        let logins = self.login_counters(email.as_ref(), browser);
        // The guesses first: who guesses at an account uses up nothing of what its owner has.
        let counters = [guesses.as_slice(), logins.as_slice()].concat();
        if let Err(wait) = self.all_within(&counters).await? {
            return Ok(PasswordCheck::TooMany(wait));
        }
        // From here on it takes as long, and counts as much, whether there is such an account or not.
        let checked = self.compare(email.as_ref(), password).await;
        match &checked {
            Ok(PasswordCheck::Right(_)) => self.give_all_back(&guesses).await?,
            Ok(_) => {}
            // Nothing was compared: too much is asked of the server at once, which is not this person's doing.
            Err(_) => self.give_all_back(&counters).await?,
        }
        checked
    }

    async fn compare(&self, email: Option<&EmailAddress>, password: &Secret) -> Result<PasswordCheck, Failure> {
        let longest = usize::try_from(self.settings.passwords.maximum_length).unwrap_or(usize::MAX);
        if password.expose().chars().count() > longest {
            return Ok(PasswordCheck::Wrong);
        }
        let found = match email {
            Some(email) => self.store.user_by_email(email).await?,
            None => None,
        };
        let stored = found.as_ref().map(|found| found.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        match found {
            Some(mut found) if verdict.matches => {
                if verdict.needs_rehash {
                    match self.rehash(&found, password).await {
                        Ok(Some(newer)) => found.password_hash = newer,
                        Ok(None) => {}
                        // There is a next time: the password is right, whatever becomes of its newer hash.
                        Err(cause) => tracing::debug!(%cause, "a password was not hashed anew"),
                    }
                }
                Ok(PasswordCheck::Right(Box::new(found)))
            }
            _ => Ok(PasswordCheck::Wrong),
        }
    }

    /// The hash in force; `None` when the password was changed meanwhile.
    async fn rehash(&self, found: &UserWithPassword, password: &Secret) -> Result<Option<String>, Failure> {
        let newer = self.passwords.hash(password).await?;
        let replaced = self.store.rehash_password(found.user.id, &found.password_hash, &newer).await?;
        Ok(replaced.then_some(newer))
    }

    /// A device the account knows has a counter of its own, so that a stranger's guesses do not keep the owner out. Asked
    /// in one query that is the same for accounts that there are and that there are not.
    async fn guess_counters(&self, email: Option<&EmailAddress>, browser: &Browser) -> Result<Vec<Counter>, Failure> {
        let throttle = &self.settings.throttle;
        let since = self.now().minus(self.settings.sessions.known_device_lifetime);
        let address = email.map(EmailAddress::as_str).unwrap_or_default();
        let shown = browser.device.as_ref().map(TokenHash::as_str).unwrap_or_default();
        let known = self.store.knows_device(address, shown, since).await?;
        let who = account_key(email);
        Ok(match known {
            true => vec![(throttle.guesses_per_device, format!("guess:device:{shown}:{who}"))],
            false => vec![
                (throttle.guesses_per_address, format!("guess:address:{}", network(browser.address))),
                (throttle.guesses_per_account, format!("guess:account:{who}")),
            ],
        })
    }

    /// Right passwords count, too: each costs a hash, and somebody with one account could keep the server at it.
    fn login_counters(&self, email: Option<&EmailAddress>, browser: &Browser) -> [Counter; 2] {
        let throttle = &self.settings.throttle;
        [
            (throttle.logins_per_address, format!("logins:address:{}", network(browser.address))),
            (throttle.logins_per_account, format!("logins:account:{}", account_key(email))),
        ]
    }

    pub(super) async fn known_device<'a>(
        &self,
        user: &User,
        browser: &'a Browser,
    ) -> Result<Option<&'a TokenHash>, Failure> {
        let Some(device) = &browser.device else { return Ok(None) };
        let since = self.now().minus(self.settings.sessions.known_device_lifetime);
        Ok(self.store.is_known_device(user.id, device, since).await?.then_some(device))
    }

    /// `None` when the password that was verified is no longer the account's, or the account is locked.
    async fn begin_session(
        &self,
        proven: UserWithPassword,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<Option<(SignedIn, OpaqueToken, Option<OpaqueToken>)>, Failure> {
        let UserWithPassword { user, password_hash } = proven;
        if let Some(other) = current.filter(|current| current.user.id != user.id) {
            self.log_out(other).await?;
        }
        let now = self.now();
        let token = OpaqueToken::mint();
        let continued = current.filter(|current| current.user.id == user.id).map(|current| &current.session);
        let known = self.known_device(&user, browser).await?;
        let had_devices = self.store.has_known_devices(user.id).await?;
        // Over the limit the log-in goes on without its notice: who logs in again and again fills no mailbox.
        let tell = known.is_none() && had_devices && self.count_mail_to(&user.email, About::Notice).await?.is_ok();
        let mut session = Session {
            id: continued.map_or_else(|| SessionId::new(self.new_id()), |session| session.id),
            user_id: user.id,
            authentication: Authentication::by_password(now),
            device: browser.as_device(),
            created_at: continued.map_or(now, |session| session.created_at),
            last_seen_at: now,
            expires_at: now.plus(self.settings.sessions.absolute_lifetime),
        };

        let mut change = self.store.begin().await?;
        if !change.hold_password(user.id, &password_hash).await? {
            return Ok(None);
        }
        if continued.is_none() || !change.renew_session(&session, &token.hash()).await? {
            // Also when the session was ended while the person typed: its id stays dead.
            session = Session { id: SessionId::new(self.new_id()), created_at: now, ..session };
            change.add_session(&session, &token.hash()).await?;
            let seen_since = now.minus(self.settings.sessions.idle_lifetime);
            for oldest in change.sessions_beyond(MOST_SESSIONS, &session, seen_since).await? {
                self.end_sessions(&mut change, user.id, Ending::One(oldest), RevocationReason::LoggedOut).await?;
            }
        }
        let fresh = known.is_none().then(OpaqueToken::mint);
        let device = fresh.as_ref().map(OpaqueToken::hash);
        if let Some(device) = device.as_ref().or(known) {
            change.remember_device(user.id, device, now).await?;
        }
        if tell {
            self.put_warning(&mut change, &user, &self.new_device_notice(browser), None).await?;
        }
        let event = self.event(EventKind::LoggedIn, user.id).from_address(&session.device.address);
        change.record(&event).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Some((SignedIn { session, user }, token, fresh)))
    }

    fn new_device_notice(&self, browser: &Browser) -> NewDevice {
        NewDevice {
            at: self.now(),
            device: Some(super::sessions::device_name(&browser.agent)),
            place: Some(browser.address.to_string()),
            sessions_link: self.issuer.join("/account/sessions"),
            forgotten_link: self.issuer.join("/password/forgotten"),
        }
    }
}

fn account_key(email: Option<&EmailAddress>) -> String {
    TokenHash::of_text("guesses", email.map(EmailAddress::as_str).unwrap_or_default()).as_str().to_owned()
}

/// The language that mails to a person are written in.
pub fn locale_of(user: &User) -> Locale {
    Locale::for_tag(&user.locale).unwrap_or_default()
}
