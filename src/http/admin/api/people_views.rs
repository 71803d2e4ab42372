//! What the API tells of people.

use serde::Serialize;

use crate::domain::authenticator::Authenticator;
use crate::domain::consent::Consent;
use crate::domain::hold::{Hold, running};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::user::{Condition, User};
use crate::flow::Karat;
use crate::flow::admin::directory::PersonView;
use crate::storage::events::PastEvent;
use crate::storage::sessions::Session;

/// Somebody in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PersonRow {
    /// The `sub`.
    #[schema(format = "uuid")]
    id: String,
    email: String,
    name: Option<String>,
    /// `active`, `locked` by the operator, `frozen` by the person.
    #[schema(pattern = "^(active|locked|frozen)$")]
    condition: &'static str,
    /// What the verification is worth now.
    kyc_level: u8,
    kyc_state: &'static str,
    /// Until then what moves money waits.
    hold_until: Option<i64>,
    created_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct PersonShown {
    account: PersonRow,
    /// Of mails.
    locale: String,
    email_verified_at: Option<i64>,
    password_changed_at: i64,
    /// Since when the account is locked or frozen.
    condition_since: Option<i64>,
    /// Why the operator locked it; the person does not see it.
    locked_because: Option<String>,
    roles: Vec<&'static str>,
    sessions: Vec<SessionRow>,
    authenticators: Vec<AuthenticatorRow>,
    consents: Vec<ConsentRow>,
    holds: Vec<HoldRow>,
    terms: Vec<TermsRow>,
    /// The youngest first.
    events: Vec<EventRow>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct SessionRow {
    id: String,
    acr: &'static str,
    /// Where it was last seen.
    address: String,
    agent: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AuthenticatorRow {
    id: String,
    /// `passkey`, `totp` or `phone`.
    kind: String,
    /// What the person calls it.
    name: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ConsentRow {
    client_id: String,
    scope: String,
    given_at: i64,
    updated_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct HoldRow {
    cause: &'static str,
    began_at: i64,
    ends_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TermsRow {
    version: String,
    accepted_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct EventRow {
    at: i64,
    kind: String,
    client_id: Option<String>,
    address: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct EndedSessions {
    pub ended: usize,
}

/// When the account's hold ends now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HoldUntil {
    hold_until: Option<i64>,
}

impl HoldUntil {
    pub fn of(until: Option<Timestamp>) -> Self {
        Self { hold_until: until.map(Timestamp::unix) }
    }
}

impl PersonRow {
    pub fn of(karat: &Karat, user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            name: user.profile.name.clone(),
            condition: match user.condition {
                Condition::Active => "active",
                Condition::Locked { .. } => "locked",
                Condition::Frozen { .. } => "frozen",
            },
            kyc_level: karat.kyc_tier(user).level(),
            kyc_state: karat.kyc_state(&user.kyc).as_str(),
            hold_until: running(user.hold_until, karat.now()).map(Timestamp::unix),
            created_at: user.created_at.unix(),
        }
    }
}

impl PersonShown {
    pub fn of(karat: &Karat, view: PersonView) -> Self {
        let (since, because) = match &view.user.condition {
            Condition::Active => (None, None),
            Condition::Locked { since, because } => (Some(since.unix()), Some(because.clone())),
            Condition::Frozen { since } => (Some(since.unix()), None),
        };
        let terms = |(version, at): (String, Timestamp)| TermsRow { version, accepted_at: at.unix() };
        Self {
            account: PersonRow::of(karat, &view.user),
            locale: view.user.locale.clone(),
            email_verified_at: view.user.email_verified_at.map(Timestamp::unix),
            password_changed_at: view.user.password_changed_at.unix(),
            condition_since: since,
            locked_because: because,
            roles: view.roles.into_iter().map(Role::as_str).collect(),
            sessions: view.sessions.into_iter().map(session).collect(),
            authenticators: view.authenticators.into_iter().map(authenticator).collect(),
            consents: view.consents.into_iter().map(consent).collect(),
            holds: view.holds.into_iter().map(hold).collect(),
            terms: view.terms.into_iter().map(terms).collect(),
            events: view.events.into_iter().map(event).collect(),
        }
    }
}

fn session(session: Session) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        acr: session.authentication.acr.as_str(),
        address: session.device.address,
        agent: session.device.agent,
        created_at: session.created_at.unix(),
        last_seen_at: session.last_seen_at.unix(),
        expires_at: session.expires_at.unix(),
    }
}

fn authenticator(found: Authenticator) -> AuthenticatorRow {
    AuthenticatorRow {
        kind: found.kind().as_str().to_owned(),
        id: found.id,
        name: found.name,
        created_at: found.created_at.unix(),
        last_used_at: found.last_used_at.map(Timestamp::unix),
    }
}

fn consent(consent: Consent) -> ConsentRow {
    ConsentRow {
        client_id: consent.client_id.to_string(),
        scope: consent.scope.to_string(),
        given_at: consent.given_at.unix(),
        updated_at: consent.updated_at.unix(),
    }
}

fn hold(hold: Hold) -> HoldRow {
    HoldRow { cause: hold.cause.as_str(), began_at: hold.began_at.unix(), ends_at: hold.ends_at.unix() }
}

/// Without the detail, which is for the person.
fn event(event: PastEvent) -> EventRow {
    EventRow { at: event.at.unix(), kind: event.kind, client_id: event.client_id, address: event.address }
}
