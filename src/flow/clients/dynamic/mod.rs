//! Apps that register themselves (RFC 7591) and look after their registration (RFC 7592), within what the operator allows.
//!
//! ```text
//! asked      the metadata, read from JSON
//! allowed    what of it such an app may have; what is fetched to find out
//! standing   what the operator decided about it, which a change does not undo
//! answer     the registration, as the app is told of it
//! noted      what the audit log, the events and the webhooks hear of it
//! ```
//!
//! Nobody looked at such an app: it is never the operator's own, people are always asked, and the pages say that it is not verified.

mod allowed;
mod answer;
mod asked;
mod noted;
mod standing;

use std::net::IpAddr;

use serde_json::Value;
use subtle::ConstantTimeEq;

use super::{Refusal, Rules, metadata, secret};
use crate::config::{ClientSection, RegistrationMode};
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::client::Client;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::ids::ClientId;
use crate::domain::time::Timestamp;
use crate::flow::Failure;
use crate::flow::client_auth::hash_secret;
use crate::flow::karat::Karat;
use crate::flow::throttle::{TooMany, network};
use crate::storage::client_registrations::{ClientRegistration, Invitation};
use crate::storage::clients::{Logo, Origin};
use asked::Asked;
use noted::Noted;
use standing::Standing;

/// Removed in one round.
const BATCH: i64 = 100;

/// Why an app is not registered, or its registration not shown or changed.
#[derive(Debug)]
pub enum NotRegistered {
    /// The operator registers apps.
    Off,
    Refused(OAuthError),
    TooMany(TooMany),
}

/// Who sent the request.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The bearer token, if one was sent.
    pub token: Option<&'a str>,
    pub address: IpAddr,
}

/// What is registered already.
#[derive(Clone, Copy)]
struct Known<'a> {
    client: &'a Client,
    /// By the operator.
    is_edited: bool,
}

/// Judged, and with everything that had to be fetched.
struct Judged {
    client: Client,
    logo: Option<Logo>,
    made: Option<OpaqueToken>,
}

impl Karat {
    /// RFC 7591 section 3. The answer holds the secrets, this once.
    pub async fn register_client(&self, body: &[u8], sender: Sender<'_>) -> Result<Value, NotRegistered> {
        let invitation = self.invitation_of(sender.token).await?;
        self.count_registration(sender.address).await?;
        let asked = read(body)?;
        if self.store.count_client_registrations().await? >= i64::from(self.settings.client_registration.most_clients) {
            let full = OAuthError::new(ErrorCode::TemporarilyUnavailable, "no more apps can register themselves");
            return Err(NotRegistered::Refused(full));
        }
        let base = ClientSection { client_id: self.new_id().to_string(), ..ClientSection::default() };
        let judged = self.judge_asked(&asked, base, None).await?;
        let (token, now) = (OpaqueToken::mint(), self.now());
        let registration = ClientRegistration {
            client_id: judged.client.id.clone(),
            token_hash: token.hash(),
            invitation_id: invitation.as_ref().map(|invitation| invitation.id.clone()),
            issued_at: now,
            edited_at: None,
        };
        let mut change = self.store.begin().await?;
        if let Some(invitation) = &invitation
            && !change.use_invitation(&invitation.id, now).await?
        {
            return Err(unauthorized());
        }
        change.add_client(&judged.client, Origin::SelfRegistered, now).await?;
        if judged.logo.is_some() {
            change.set_client_logo(&judged.client.id, judged.logo).await?;
        }
        change.add_client_registration(&registration).await?;
        self.note_client(&mut change, Noted::by_itself(&sender), (None, Some(&judged.client))).await?;
        change.commit().await?;
        let shown = answer::Shown { secret: judged.made.as_ref(), token: Some(&token) };
        Ok(answer::of(self, &judged.client, registration.issued_at, shown))
    }

    /// RFC 7592 section 2.1. Without secrets, which nobody here knows any more.
    pub async fn own_registration(&self, id: &str, sender: Sender<'_>) -> Result<Value, NotRegistered> {
        let (client, registration) = self.proven_registration(id, sender.token).await?;
        Ok(answer::of(self, &client, registration.issued_at, answer::Shown { secret: None, token: None }))
    }

    /// RFC 7592 section 2.2: what is left out is taken away. The registration access token is replaced.
    pub async fn change_own_registration(
        &self,
        id: &str,
        body: &[u8],
        sender: Sender<'_>,
    ) -> Result<Value, NotRegistered> {
        let (old, registration) = self.proven_registration(id, sender.token).await?;
        self.count_registration(sender.address).await?;
        let asked = read(body)?;
        is_about(&asked, &old)?;
        let known = Known { client: &old, is_edited: registration.edited_at.is_some() };
        let judged = self.judge_asked(&asked, metadata::of(&old), Some(known)).await?;
        let (token, now) = (OpaqueToken::mint(), self.now());
        let mut change = self.store.begin().await?;
        let held = change.hold_client(&old.id).await?;
        let tokens = (&registration.token_hash, &token.hash());
        if !change.rotate_registration_token(&old.id, tokens, now).await? {
            return Err(unauthorized());
        }
        is_still(held.as_ref(), &old)?;
        change.update_client(&judged.client, now).await?;
        if judged.logo.is_some() || !judged.client.pages.has_logo {
            change.set_client_logo(&old.id, judged.logo).await?;
        }
        self.note_client(&mut change, Noted::by_itself(&sender), (Some(&old), Some(&judged.client))).await?;
        change.commit().await?;
        self.clients.forget();
        let shown = answer::Shown { secret: judged.made.as_ref(), token: Some(&token) };
        Ok(answer::of(self, &judged.client, registration.issued_at, shown))
    }

    /// RFC 7592 section 2.3: the client, its consents and its tokens.
    pub async fn remove_own_registration(&self, id: &str, sender: Sender<'_>) -> Result<(), NotRegistered> {
        let (client, registration) = self.proven_registration(id, sender.token).await?;
        let mut change = self.store.begin().await?;
        let held = change.hold_client(&client.id).await?;
        if !change.end_registration(&client.id, &registration.token_hash).await? {
            return Err(unauthorized());
        }
        is_still(held.as_ref(), &client)?;
        change.revoke_grants_of_client(&client.id, self.now()).await?;
        change.remove_client(&client.id).await?;
        self.note_client(&mut change, Noted::by_itself(&sender), (Some(&client), None)).await?;
        change.commit().await?;
        self.clients.forget();
        Ok(())
    }

    /// Removes clients that registered themselves, that nobody uses and that the operator left alone; how many.
    pub async fn remove_unused_clients(&self) -> Result<usize, Failure> {
        let before = self.now().minus(self.settings.client_registration.unused_lifetime);
        self.store.touch_used_clients(before, self.now()).await?;
        let mut removed = 0;
        for client in self.store.unused_clients(before, BATCH).await? {
            removed += usize::from(self.remove_unused_client(&client, before).await?);
        }
        Ok(removed)
    }

    async fn remove_unused_client(&self, client: &ClientId, before: Timestamp) -> Result<bool, Failure> {
        let mut change = self.store.begin().await?;
        let Some(held) = change.hold_client(client).await? else { return Ok(false) };
        if !change.remove_unused_client(client, before).await? {
            return Ok(false);
        }
        self.note_client(&mut change, Noted::by_time(), (Some(&held), None)).await?;
        change.commit().await?;
        self.clients.forget();
        Ok(true)
    }

    /// Whether somebody may register at all. Looked at before anything is read or fetched; used up with the registration.
    async fn invitation_of(&self, token: Option<&str>) -> Result<Option<Invitation>, NotRegistered> {
        match (self.settings.client_registration.mode, token) {
            (RegistrationMode::Off, _) => Err(NotRegistered::Off),
            (RegistrationMode::Open, None) => Ok(None),
            (RegistrationMode::Token, None) => Err(unauthorized()),
            (_, Some(token)) => {
                let token = OpaqueToken::parse(token).ok_or_else(unauthorized)?;
                let found = self.store.invitation(&token.hash(), self.now()).await?;
                found.map(Some).ok_or_else(unauthorized)
            }
        }
    }

    /// The client whose registration access token was sent. Whatever does not fit is one and the same refusal.
    async fn proven_registration(
        &self,
        id: &str,
        token: Option<&str>,
    ) -> Result<(Client, ClientRegistration), NotRegistered> {
        if self.settings.client_registration.mode == RegistrationMode::Off {
            return Err(NotRegistered::Off);
        }
        let token = token.and_then(OpaqueToken::parse).ok_or_else(unauthorized)?;
        let id: ClientId = id.parse().map_err(|_| unauthorized())?;
        let registration = self.store.client_registration(&id).await?.ok_or_else(unauthorized)?;
        let client = self.store.client(&id).await?.ok_or_else(unauthorized)?;
        if registration.token_hash != token.hash() || client.disabled {
            return Err(unauthorized());
        }
        Ok((client, registration))
    }

    async fn count_registration(&self, from: IpAddr) -> Result<(), NotRegistered> {
        let rate = self.settings.client_registration.per_address;
        let key = TokenHash::of_text("client registrations", &network(from));
        self.within(rate, &format!("client-registrations:{}", key.as_str())).await?.map_err(NotRegistered::TooMany)
    }

    /// By what the client is now; and anew, as a stranger's, when the change shows another face or leads elsewhere.
    async fn judge_asked(
        &self,
        asked: &Asked,
        base: ClientSection,
        old: Option<Known<'_>>,
    ) -> Result<Judged, NotRegistered> {
        let standing =
            |is_as_seen: bool| old.map(|Known { client, is_edited }| Standing { client, is_edited, is_as_seen });
        let (mut client, mut made) = self.judge_within(asked, base.clone(), standing(true))?;
        if let Some(Known { client: old, .. }) = old
            && !(standing::is_as_seen(&client, old) && asked.logo_uri == self.logo_uri(old))
        {
            let base = standing::of_a_stranger(base, &self.settings.tokens);
            (client, made) = self.judge_within(asked, base, standing(false))?;
        }
        self.check_sector(&client, asked).await.map_err(refusal)?;
        let old = old.map(|known| known.client);
        let logo = self.logo_asked_for(&mut client, asked, old).await?.map_err(|refused| refusal(vec![refused]))?;
        Ok(Judged { client, logo, made })
    }

    fn judge_within(
        &self,
        asked: &Asked,
        base: ClientSection,
        standing: Option<Standing<'_>>,
    ) -> Result<(Client, Option<OpaqueToken>), NotRegistered> {
        let mut wanted = self.within_what_is_allowed(asked, base, standing).map_err(refusal)?;
        let kept = standing.map(|standing| metadata::secrets(standing.client)).unwrap_or_default();
        let made = (kept.is_empty() && Rules::needs_secret(&wanted)).then(secret::generate);
        wanted.client_secret = made.as_ref().map(|made| made.expose().to_owned().into());
        let mut client = self.rules.judge(&wanted, kept).map_err(refusal)?;
        if let Some(Standing { client: old, .. }) = standing {
            standing::same_nature(&client, old).map_err(refusal)?;
            client.disabled = old.disabled;
        }
        Ok((client, made))
    }
}

fn read(body: &[u8]) -> Result<Asked, NotRegistered> {
    let malformed = || OAuthError::new(ErrorCode::InvalidClientMetadata, "the body is not one JSON object");
    Asked::read(body).ok_or_else(|| NotRegistered::Refused(malformed()))?.map_err(refusal)
}

/// RFC 7592 section 2.2: the client names itself, and may repeat its secret but choose none.
fn is_about(asked: &Asked, client: &Client) -> Result<(), NotRegistered> {
    if asked.client_id.as_deref() != Some(client.id.as_str()) {
        return Err(refusal(vec![Refusal::of("client_id", "must be the client's own")]));
    }
    if let Some(shown) = &asked.client_secret {
        let shown = hash_secret(shown);
        let is_own = |hash: &crate::domain::client::SecretHash| bool::from(hash.0.as_bytes().ct_eq(shown.as_bytes()));
        if !metadata::secrets(client).iter().any(is_own) {
            return Err(refusal(vec![Refusal::of("client_secret", "is not the client's, and none can be chosen")]));
        }
    }
    Ok(())
}

/// Within the change, and until it is committed: the client is what the change was thought out for. One that the operator stopped meanwhile
/// looks after nothing.
fn is_still(held: Option<&Client>, old: &Client) -> Result<(), NotRegistered> {
    match held {
        Some(now) if now == old => Ok(()),
        Some(now) if !now.disabled => {
            let stale = "the registration has been changed meanwhile: read it again";
            Err(NotRegistered::Refused(OAuthError::new(ErrorCode::TemporarilyUnavailable, stale)))
        }
        _ => Err(unauthorized()),
    }
}

/// RFC 7591 section 3.2.2.
fn refusal(refusals: Vec<Refusal>) -> NotRegistered {
    let about_redirects = |refusal: &Refusal| refusal.key.starts_with("redirect_uris");
    let code = match refusals.iter().any(about_redirects) {
        true => ErrorCode::InvalidRedirectUri,
        false => ErrorCode::InvalidClientMetadata,
    };
    let told: Vec<_> = refusals
        .iter()
        .take(5)
        .map(|refusal| format!("{}: {}", refusal.key, refusal.message.replace('"', "'")))
        .collect();
    NotRegistered::Refused(OAuthError::new(code, told.join("; ")))
}

fn unauthorized() -> NotRegistered {
    NotRegistered::Refused(OAuthError::new(ErrorCode::InvalidToken, "the token is missing, wrong or used up"))
}

impl<E: Into<Failure>> From<E> for NotRegistered {
    fn from(cause: E) -> Self {
        Self::Refused(cause.into().into())
    }
}
