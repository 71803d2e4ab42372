//! Logging in with e-mail address and password. Who has a second factor has a [pending](pending) log-in then, and no session.
//!
//! Every guess is counted before it is looked at, so that parallel guesses cannot slip past the limit, and given back
//! when it was right. That somebody logs in is counted apart, generously, and never given back. Unknown addresses are counted, hashed and answered like known ones.

use std::net::IpAddr;

mod approval;
pub mod pending;
mod session;
mod stand_in;

pub use approval::{Asked, Awaited};
use pending::PendingLogin;
pub use pending::{Pending, Towards};
pub use session::{Accepted, Factor, NewSession};
pub use stand_in::StandIns;

use super::Failure;
use super::authorize::SignedIn;
use super::karat::Karat;
use super::throttle::{Counter, TooMany, network};
use crate::crypto::password::decoy_of;
use crate::crypto::token::{Secret, TokenHash};
use crate::domain::authentication::Authentication;
use crate::domain::email::EmailAddress;
use crate::domain::time::Timestamp;
use crate::domain::user::{Condition, User};
use crate::pages::Locale;
use crate::storage::sessions::Device;
use crate::storage::users::UserWithPassword;

/// The browser that somebody logs in from.
#[derive(Clone, Debug)]
pub struct Browser {
    pub address: IpAddr,
    pub agent: String,
    /// The long-lived cookie by which an account knows its devices.
    pub device: Option<TokenHash>,
    /// What interactions and pending log-ins are bound to.
    pub binding: TokenHash,
}

impl Browser {
    pub fn as_device(&self) -> Device {
        Device { address: self.address.to_string(), agent: self.agent.clone() }
    }
}

pub enum LoginOutcome {
    SignedIn(Box<NewSession>),
    /// The password was right; the log-in waits for another factor.
    Pending,
    /// Nothing is missing but the owner's approval by mail.
    AwaitsApproval,
    /// Address or password; which one stays open.
    Wrong,
    /// The password was right, so the person may know that an operator locked the account.
    Locked,
    /// The password was right, and its owner froze the account. The mailbox has a link to unfreeze it.
    Frozen {
        since: Timestamp,
    },
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
        towards: &Towards,
    ) -> Result<LoginOutcome, Failure> {
        // Looked at once more when the account changed under the password: it may have been hashed anew only.
        for _ in 0..2 {
            let found = match self.check_password(email, password, browser).await? {
                PasswordCheck::Right(found) => found,
                PasswordCheck::Wrong => return Ok(LoginOutcome::Wrong),
                PasswordCheck::TooMany(wait) => return Ok(LoginOutcome::TooMany(wait)),
            };
            match found.user.condition {
                Condition::Locked { .. } => return Ok(LoginOutcome::Locked),
                Condition::Frozen { since } if !self.may_log_in(&found.user, browser).await? => {
                    self.mail_unfreezing(&found.user).await?;
                    return Ok(LoginOutcome::Frozen { since });
                }
                Condition::Frozen { .. } | Condition::Active => {}
            }
            let authentication = Authentication::by_password(self.now());
            if !self.is_enough(&found.user, &authentication, browser).await? {
                self.begin_pending(&found, &authentication, browser, towards).await?;
                return Ok(LoginOutcome::Pending);
            }
            if self.needs_approval(&found.user, &authentication, browser).await? {
                let login = PendingLogin::of(&found, &authentication, towards, self.now());
                self.begin_awaiting(&login, &found.user, browser).await?;
                return Ok(LoginOutcome::AwaitsApproval);
            }
            if let Some(begun) = self.begin_session((*found).into(), authentication, browser, current).await? {
                return Ok(LoginOutcome::SignedIn(Box::new(begun)));
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
        let stand_in = self.stand_in(email).await?;
        let verdict = match &found {
            Some(found) => self.passwords.verify(password, Some(&found.password_hash)).await?,
            None => self.passwords.verify_nobody(password, stand_in.as_deref()).await?,
        };
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
        let decoy = decoy_of(&found.password_hash);
        let hashes = (found.password_hash.as_str(), newer.as_str());
        let replaced = self.store.rehash_password(found.user.id, hashes, decoy.as_deref()).await?;
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
}

fn account_key(email: Option<&EmailAddress>) -> String {
    TokenHash::of_text("guesses", email.map(EmailAddress::as_str).unwrap_or_default()).as_str().to_owned()
}

/// The language that mails to a person are written in.
pub fn locale_of(user: &User) -> Locale {
    Locale::for_tag(&user.locale).unwrap_or_default()
}
