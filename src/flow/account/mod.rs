//! What a person changes about the own account. Changes that could take the account away ask for the current password in
//! their own form, counted like any other guess.

mod apps;
mod delete;
mod email;
mod password;
pub(super) mod profile;
mod sessions;

pub use apps::App;
pub use email::PendingEmail;
pub use password::Renewed;
pub use profile::ProfileEntry;

use super::Refused;
use super::authorize::SignedIn;
use super::karat::Karat;
use super::login::{Browser, PasswordCheck};
use crate::crypto::token::Secret;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::pages::keys;
use crate::storage::Change;

/// A person at a page of the own account.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub signed_in: &'a SignedIn,
    pub browser: &'a Browser,
}

impl Owner<'_> {
    /// What a change of the account's protection begins with: the account may be used, and the session was not ended since it
    /// was looked at, as by a reset of the password. Who is thrown out adds no way back in.
    pub(in crate::flow) async fn hold(&self, change: &mut Change) -> Result<(), Refused> {
        let session = &self.signed_in.session;
        match change.hold_active(session.user_id).await? && change.hold_session(session.id).await? {
            true => Ok(()),
            false => Err(Refused::Gone),
        }
    }
}

/// That a password was right when it was looked at.
struct Proof {
    user_id: UserId,
    verified_hash: String,
    field: &'static str,
}

/// Refuses, as a wrong password, when the password was changed or the account locked since it was proven.
async fn hold_proof(change: &mut Change, proof: &Proof) -> Result<(), Refused> {
    if change.hold_password(proof.user_id, &proof.verified_hash).await? {
        return Ok(());
    }
    Err(Refused::on(proof.field, keys::CURRENT_PASSWORD_WRONG))
}

/// What the overview counts.
#[derive(Clone, Copy, Debug)]
pub struct Overview {
    pub sessions: usize,
    pub apps: usize,
    pub password_changed_at: Timestamp,
    /// When a running recovery will be ripe.
    pub recovery_ripe_at: Option<Timestamp>,
}

impl Karat {
    pub async fn account_overview(&self, signed_in: &SignedIn) -> Result<Overview, super::Failure> {
        let user = &signed_in.user;
        Ok(Overview {
            sessions: self.sessions_of(user.id).await?.len(),
            apps: self.apps_of(user.id).await?.len(),
            password_changed_at: user.password_changed_at,
            recovery_ripe_at: self.store.open_recovery(user.id, self.now()).await?.map(|running| running.ripe_at),
        })
    }

    /// The proof, in the form itself, that it is still the owner who sits there. `field` is where the form asks. What is
    /// done on the strength of it begins with [`hold_proof`].
    async fn prove_owner(&self, owner: Owner<'_>, field: &'static str, password: &Secret) -> Result<Proof, Refused> {
        if password.is_empty() {
            return Err(Refused::on(field, keys::PASSWORD_REQUIRED));
        }
        self.settings_open(&owner.signed_in.user)?;
        if self.must_prove_first(owner).await? {
            return Err(Refused::ProveFirst);
        }
        let user = &owner.signed_in.user;
        match self.check_password(user.email.as_str(), password, owner.browser).await? {
            PasswordCheck::Right(found) if found.user.id == user.id && found.user.is_active() => {
                Ok(Proof { user_id: user.id, verified_hash: found.password_hash, field })
            }
            PasswordCheck::Right(_) | PasswordCheck::Wrong => Err(Refused::on(field, keys::CURRENT_PASSWORD_WRONG)),
            PasswordCheck::TooMany(wait) => Err(wait.into()),
        }
    }
}
