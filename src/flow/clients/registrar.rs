//! Registering clients and changing them, for console, API and command line. Those that the configuration keeps are changed there.

use serde_json::json;

use super::{Refusal, Rules, logo, metadata, secret, sector};
use crate::config::ClientSection;
use crate::crypto::clock::Clock;
use crate::crypto::random::new_uuid;
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::admin::Act;
use crate::domain::client::{Client, ClientAuthentication, ConsentRule, SecretHash};
use crate::domain::ids::ClientId;
use crate::domain::redirect_uri::ApplicationType;
use crate::flow::Failure;
use crate::flow::admin::{self, Authority};
use crate::flow::karat::Karat;
use crate::flow::kyc::pictures::Pictures;
use crate::gateway::documents::Documents;
use crate::storage::audit::AuditEntry;
use crate::storage::clients::Origin;
use crate::storage::events::{Event, EventKind};
use crate::storage::{self, Change, Store};

pub struct Registrar<'a> {
    pub store: &'a Store,
    pub rules: &'a Rules,
    pub clock: &'a Clock,
    /// For what the metadata only refers to.
    pub documents: &'a Documents,
    /// What people upload is drawn there.
    pub pictures: &'a Pictures,
    pub by: &'a Authority,
    /// What whoever asks has read: a client that is another by now is not changed (RFC 9110 section 13.1.1). `None`: whatever it is.
    pub seen: Option<ClientVersion>,
}

/// A client as it stands, in short: equal texts are equal registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientVersion(String);

impl ClientVersion {
    pub fn of(client: &Client) -> Result<Self, storage::Error> {
        let text = serde_json::to_string(client).map_err(|error| storage::Error::Corrupt(error.to_string()))?;
        Ok(Self(TokenHash::of_text("client version", &text).into_string()))
    }

    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, thiserror::Error)]
pub enum RegistrarError {
    #[error("{}", lines(.0))]
    Refused(Vec<Refusal>),
    #[error("there is a client {0} already")]
    Taken(ClientId),
    #[error("there is no client {0:?}")]
    Unknown(String),
    #[error("the client {0} is kept in the configuration file: change it there and restart")]
    Configured(ClientId),
    #[error("the client {0} does not authenticate by a secret")]
    WithoutSecret(ClientId),
    /// It was changed since whoever asks has read it.
    #[error("the client {0} has been changed meanwhile")]
    Stale(ClientId),
    #[error(transparent)]
    Denied(#[from] admin::Refusal),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// A client as it now stands, and the secret that was made for it: to be shown once.
pub struct Registered {
    pub client: Client,
    pub origin: Origin,
    pub secret: Option<OpaqueToken>,
}

impl Karat {
    pub fn registrar<'a>(&'a self, by: &'a Authority) -> Registrar<'a> {
        Registrar {
            store: &self.store,
            rules: &self.rules,
            clock: &self.clock,
            pictures: &self.pictures,
            documents: &self.documents,
            by,
            seen: None,
        }
    }
}

impl Registrar<'_> {
    /// For a change of what was read as `version`, and of nothing else.
    pub fn having_seen(self, version: Option<ClientVersion>) -> Self {
        Self { seen: version, ..self }
    }

    /// Makes a secret when the client needs one and the metadata brings none.
    pub async fn add(&self, mut wanted: ClientSection) -> Result<Registered, RegistrarError> {
        self.by.permit(Act::AddClient)?;
        let made = self.complete_secret(&mut wanted, &[])?;
        let client = self.rules.judge(&wanted, &[]).map_err(RegistrarError::Refused)?;
        self.may_make(&client)?;
        if let Ok(person) = client.id.as_str().parse()
            && self.store.user(person).await?.is_some()
        {
            // As the `sub` of a program's tokens it would pass for the person (RFC 9700 section 4.15).
            return Err(RegistrarError::Taken(client.id));
        }
        let picture = read_logo(&wanted)?;
        self.check_sector(&client, None).await?;
        let mut change = self.store.begin().await?;
        match change.add_client(&client, Origin::Registered, self.clock.now()).await {
            Err(storage::Error::Conflict) => return Err(RegistrarError::Taken(client.id)),
            other => other?,
        }
        if picture.is_some() {
            change.set_client_logo(&client.id, picture).await?;
        }
        self.record(&mut change, (Act::AddClient, "added"), (None, Some(&client))).await?;
        change.commit().await?;
        Ok(Registered { client, origin: Origin::Registered, secret: made })
    }

    /// `edit` changes the metadata; the outcome is judged as a new registration is. Secrets stay, unless the client
    /// gets its first one now.
    pub async fn update(
        &self,
        id: &str,
        edit: impl FnOnce(&mut ClientSection),
        disabled: Option<bool>,
    ) -> Result<Registered, RegistrarError> {
        self.by.permit(Act::ChangeClient)?;
        let (old, origin) = self.own(id).await?;
        let mut wanted = metadata::of(&old);
        edit(&mut wanted);
        let kept = metadata::secrets(&old);
        let made = self.complete_secret(&mut wanted, kept)?;
        let mut client = self.rules.judge(&wanted, kept).map_err(RegistrarError::Refused)?;
        // Where an app that may do more sends people, and by which key it proves itself, is worth what the app is worth.
        self.by.may_give_scope(&old.scope)?;
        self.may_make(&client)?;
        if origin == Origin::SelfRegistered
            && let Some(house) = client.scope.of_the_house().next()
        {
            return Err(refused(
                "scope",
                format!("{house} opens operations of the house: register an app of your own"),
            ));
        }
        client.disabled = disabled.unwrap_or(old.disabled);
        if wanted.logo.is_none() {
            client.pages.has_logo = old.pages.has_logo;
            client.pages.logo_digest.clone_from(&old.pages.logo_digest);
        }
        let picture = read_logo(&wanted)?;
        self.check_sector(&client, Some(&old)).await?;
        let mut change = self.store.begin().await?;
        hold_unchanged(&mut change, &old).await?;
        change.update_client(&client, self.clock.now()).await?;
        change.note_edited_by_operator(&client.id, self.clock.now()).await?;
        if picture.is_some() {
            change.set_client_logo(&client.id, picture).await?;
        }
        self.record(&mut change, (Act::ChangeClient, "changed"), (Some(&old), Some(&client))).await?;
        change.commit().await?;
        Ok(Registered { client, origin, secret: made })
    }

    /// The picture that people see of it, made anew from an upload; or none any more.
    pub async fn set_logo(&self, id: &str, upload: Option<Vec<u8>>) -> Result<Registered, RegistrarError> {
        self.by.permit(Act::ChangeClient)?;
        let (old, origin) = self.own(id).await?;
        self.by.may_give_scope(&old.scope)?;
        if old.kind == ApplicationType::Service {
            return Err(refused("logo", "a service shows itself to nobody".to_owned()));
        }
        let logo = match upload {
            Some(upload) => {
                let drawn = self.pictures.in_turn(move || logo::drawn(&upload)).await?;
                Some(drawn.map_err(|why| refused("logo", why.to_string()))?)
            }
            None => None,
        };
        let mut client = old.clone();
        client.pages.has_logo = logo.is_some();
        client.pages.logo_digest = logo.as_ref().map(logo::digest);
        let mut change = self.store.begin().await?;
        hold_unchanged(&mut change, &old).await?;
        change.update_client(&client, self.clock.now()).await?;
        change.set_client_logo(&client.id, logo).await?;
        change.note_edited_by_operator(&client.id, self.clock.now()).await?;
        self.record(&mut change, (Act::ChangeClient, "changed"), (Some(&old), Some(&client))).await?;
        change.commit().await?;
        Ok(Registered { client, origin, secret: None })
    }

    /// The client, its consents and its grants.
    pub async fn remove(&self, id: &str) -> Result<(), RegistrarError> {
        self.by.permit(Act::RemoveClient)?;
        let (old, _) = self.own(id).await?;
        let mut change = self.store.begin().await?;
        hold_unchanged(&mut change, &old).await?;
        change.revoke_grants_of_client(&old.id, self.clock.now()).await?;
        change.remove_client(&old.id).await?;
        self.record(&mut change, (Act::RemoveClient, "removed"), (Some(&old), None)).await?;
        Ok(change.commit().await?)
    }

    /// A new secret beside the youngest of the old ones, so that an app can change over; with `only`, the old ones are
    /// dead at once. `given` is a secret that somebody else made.
    pub async fn rotate_secret(&self, id: &str, given: Option<&str>, only: bool) -> Result<Registered, RegistrarError> {
        self.by.permit(Act::RotateClientSecret)?;
        let (old, origin) = self.own(id).await?;
        self.by.may_give_scope(&old.scope)?;
        let mut client = old.clone();
        let made = if given.is_some() { None } else { Some(secret::generate()) };
        let text = given.or(made.as_ref().map(OpaqueToken::expose)).unwrap_or_default();
        if let Err(weak) = secret::judge(text) {
            return Err(refused("client_secret", weak.to_string()));
        }
        match &mut client.authentication {
            ClientAuthentication::ClientSecretBasic { secret } | ClientAuthentication::ClientSecretPost { secret } => {
                rotated(secret, secret::hashed(text), only);
            }
            ClientAuthentication::PrivateKeyJwt { .. } | ClientAuthentication::None => {
                return Err(RegistrarError::WithoutSecret(client.id));
            }
        }
        let mut change = self.store.begin().await?;
        hold_unchanged(&mut change, &old).await?;
        change.update_client(&client, self.clock.now()).await?;
        self.record(&mut change, (Act::RotateClientSecret, "secret rotated"), (Some(&old), Some(&client))).await?;
        change.commit().await?;
        Ok(Registered { client, origin, secret: made })
    }

    pub async fn show(&self, id: &str) -> Result<(Client, Origin), RegistrarError> {
        self.by.permit(Act::ReadClients)?;
        let unknown = || RegistrarError::Unknown(id.to_owned());
        let wanted: ClientId = id.parse().map_err(|_| unknown())?;
        self.store.client_and_origin(&wanted).await?.ok_or_else(unknown)
    }

    fn may_make(&self, client: &Client) -> Result<(), RegistrarError> {
        self.by.may_give_scope(&client.scope)?;
        if client.scope.contains(admin::authority::SCOPE) && client.consent == ConsentRule::FirstParty {
            let why = "an app that acts for the operator's people always asks them";
            return Err(refused("consent", why.to_owned()));
        }
        Ok(())
    }

    async fn own(&self, id: &str) -> Result<(Client, Origin), RegistrarError> {
        match self.show(id).await? {
            (client, origin @ (Origin::Registered | Origin::SelfRegistered)) => match &self.seen {
                Some(seen) if *seen != ClientVersion::of(&client)? => Err(RegistrarError::Stale(client.id)),
                _ => Ok((client, origin)),
            },
            (client, Origin::Configuration) => Err(RegistrarError::Configured(client.id)),
        }
    }

    /// When it is another sector, or there are other redirect URIs for it to name.
    async fn check_sector(&self, client: &Client, old: Option<&Client>) -> Result<(), RegistrarError> {
        let Some(uri) = metadata::sector_identifier_uri(client) else { return Ok(()) };
        if old.is_some_and(|old| old.subject == client.subject && old.redirect_uris == client.redirect_uris) {
            return Ok(());
        }
        let checked = sector::names_every_redirect(self.documents, (client, uri), self.clock.now()).await;
        checked.map_err(|found| refused("sector_identifier_uri", found.to_string()))
    }

    fn complete_secret(
        &self,
        wanted: &mut ClientSection,
        kept: &[SecretHash],
    ) -> Result<Option<OpaqueToken>, RegistrarError> {
        let given = wanted.client_secret.is_some() || wanted.client_secret_hash.is_some() || !kept.is_empty();
        if given || !Rules::needs_secret(wanted) {
            return Ok(None);
        }
        let made = secret::generate();
        wanted.client_secret = Some(made.expose().to_owned().into());
        Ok(Some(made))
    }

    async fn record(
        &self,
        change: &mut Change,
        (act, what): (Act, &str),
        (before, after): (Option<&Client>, Option<&Client>),
    ) -> Result<(), storage::Error> {
        let Some(client) = after.or(before) else { return Ok(()) };
        let (id, at) = (new_uuid(self.clock.now_millis()).to_string(), self.clock.now());
        change.audit(AuditEntry {
            id: id.clone(),
            at,
            actor: self.by.actor(),
            act: act.to_string(),
            target_kind: "client".to_owned(),
            target: client.id.to_string(),
            detail: admin::difference::between(before, after),
            address: self.by.address.clone(),
            request_id: self.by.request_id.clone(),
        });
        let event = Event {
            id,
            at,
            kind: EventKind::ClientChanged,
            user_id: None,
            client_id: Some(client.id.clone()),
            address: None,
            detail: json!({ "change": what }),
        };
        change.record(&event).await
    }
}

/// Within the change, and until it is committed: the client is still what it was when the change was thought out.
async fn hold_unchanged(change: &mut Change, old: &Client) -> Result<(), RegistrarError> {
    match change.hold_client(&old.id).await? {
        Some(now) if now == *old => Ok(()),
        Some(_) => Err(RegistrarError::Stale(old.id.clone())),
        None => Err(RegistrarError::Unknown(old.id.to_string())),
    }
}

fn read_logo(wanted: &ClientSection) -> Result<Option<storage::clients::Logo>, RegistrarError> {
    let Some(path) = &wanted.logo else { return Ok(None) };
    logo::read(path).map(Some).map_err(|why| refused("logo", format!("{}: {why}", path.display())))
}

fn rotated(live: &mut Vec<SecretHash>, new: SecretHash, only: bool) {
    let keep = if only { 0 } else { secret::MOST_LIVE - 1 };
    let oldest = live.len().saturating_sub(keep);
    live.drain(..oldest);
    live.push(new);
}

fn refused(key: &str, message: String) -> RegistrarError {
    RegistrarError::Refused(vec![Refusal { key: key.to_owned(), message }])
}

fn lines(refusals: &[Refusal]) -> String {
    let lines: Vec<_> = refusals.iter().map(|refusal| format!("{}: {}", refusal.key, refusal.message)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_live_while_one_replaces_the_other() {
        let hash = |text: &str| SecretHash(text.to_owned());
        let mut live = vec![hash("a")];
        rotated(&mut live, hash("b"), false);
        assert_eq!(live, [hash("a"), hash("b")]);
        rotated(&mut live, hash("c"), false);
        assert_eq!(live, [hash("b"), hash("c")]);
        rotated(&mut live, hash("d"), true);
        assert_eq!(live, [hash("d")]);
    }
}
