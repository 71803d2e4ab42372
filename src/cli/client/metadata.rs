//! What an app is registered with, as arguments of `karat client add` and `update`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::first_line_of_input;
use crate::config::{ClientSection, span};
use crate::domain::client::{AssertionAudience, ConsentRule, WhenWithheld};
use crate::domain::time::Seconds;

#[derive(Clone, Copy, ValueEnum)]
enum Consent {
    /// Once for each scope.
    Remembered,
    Always,
    /// Never: an app of the own house.
    #[value(name = "first_party")]
    FirstParty,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shortfall {
    /// Lead the person to what helps.
    Guide,
    /// Go on with less at once.
    Narrow,
    /// Answer with an error.
    Refuse,
}

#[derive(Clone, Copy, ValueEnum)]
enum Audience {
    /// The token endpoint or the issuer.
    Endpoint,
    /// The issuer alone.
    Issuer,
}

/// Lists may be repeated, and replace the list that was.
#[derive(Args, Default)]
#[group(skip)]
pub struct Metadata {
    /// What people read at log-in.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    #[arg(long, value_name = "URL")]
    post_logout_redirect_uri: Vec<String>,
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// client_secret_basic, client_secret_post, private_key_jwt or none.
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// The only algorithm of its assertions: ES256, PS256, RS256 or EdDSA.
    #[arg(long, value_name = "ALGORITHM")]
    auth_signing_alg: Option<String>,
    /// Whom its assertions must be made out to.
    #[arg(long)]
    assertion_audience: Option<Audience>,
    /// A file with the JWK set of its public keys.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where its public keys are.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// The only algorithm of the requests that it signs: ES256, PS256, RS256 or EdDSA.
    #[arg(long, value_name = "ALGORITHM")]
    request_object_alg: Option<String>,
    /// Whether no other request of it counts than one that it signed.
    #[arg(long, value_name = "BOOL")]
    require_signed_request: Option<bool>,
    /// Where it publishes a request that it signed.
    #[arg(long, value_name = "URL")]
    request_uri: Vec<String>,
    /// authorization_code, refresh_token or client_credentials.
    #[arg(long, value_name = "GRANT")]
    grant_type: Vec<String>,
    /// query or form_post.
    #[arg(long, value_name = "MODE")]
    response_mode: Vec<String>,
    /// The widest scope that it may ask for, separated by spaces.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// What of a person's verified identity it may ask for, such as family_name. May be repeated.
    #[arg(long, value_name = "CLAIM")]
    verified_claim: Vec<String>,
    /// What its access tokens are for (`aud`).
    #[arg(long, value_name = "URL")]
    audience: Vec<String>,
    /// RS256, ES256 or EdDSA.
    #[arg(long, value_name = "ALGORITHM")]
    id_token_alg: Option<String>,
    /// Userinfo as a JWT, signed so.
    #[arg(long, value_name = "ALGORITHM")]
    userinfo_alg: Option<String>,
    /// public, or pairwise: people have names of its sector's own.
    #[arg(long, value_name = "TYPE")]
    subject_type: Option<String>,
    /// The document that names the redirect URIs of its sector.
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    #[arg(long, value_name = "BOOL")]
    require_pkce: Option<bool>,
    #[arg(long)]
    consent: Option<Consent>,
    /// What becomes of a request for scope that the person lacks something for.
    #[arg(long)]
    when_withheld: Option<Shortfall>,
    /// Where it hears of changes to a person's level and holds (RFC 8935).
    #[arg(long, value_name = "URL")]
    events_uri: Option<String>,
    /// Whether grants with offline_access outlive their session.
    #[arg(long, value_name = "BOOL")]
    keep_offline_access: Option<bool>,
    /// As 5m.
    #[arg(long, value_name = "TIME", value_parser = span)]
    access_token_lifetime: Option<Seconds>,
    #[arg(long, value_name = "TIME", value_parser = span)]
    id_token_lifetime: Option<Seconds>,
    #[arg(long, value_name = "TIME", value_parser = span)]
    refresh_idle_lifetime: Option<Seconds>,
    #[arg(long, value_name = "TIME", value_parser = span)]
    refresh_absolute_lifetime: Option<Seconds>,
    /// Any of these classes will do when the app's request names none.
    #[arg(long, value_name = "ACR")]
    default_acr_value: Vec<String>,
    /// The age of a log-in that will do when the app's request names none.
    #[arg(long, value_name = "TIME", value_parser = span)]
    default_max_age: Option<Seconds>,
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
    /// A PNG, JPEG, WebP or SVG file of at most 64 KiB.
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
    /// The colour of the pages of its log-ins, as far as they stay readable.
    #[arg(long, value_name = "#RRGGBB")]
    accent_color: Option<String>,
    /// You have looked at who is behind the app.
    #[arg(long, value_name = "BOOL")]
    verified: Option<bool>,
    /// Reads the secret from the first line of standard input instead of making one.
    #[arg(long)]
    secret_stdin: bool,
    /// The hash of the secret, as `client show --configuration` prints it.
    #[arg(long, value_name = "HEX", conflicts_with = "secret_stdin")]
    secret_hash: Option<String>,
}

/// What `--unset` takes back.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Key {
    ClientName,
    RedirectUris,
    PostLogoutRedirectUris,
    BackchannelLogoutUri,
    EventsUri,
    GrantTypes,
    ResponseModes,
    Scope,
    DefaultAcrValues,
    DefaultMaxAge,
    VerifiedClaims,
    Audience,
    Jwks,
    JwksUri,
    RequestObjectSigningAlg,
    RequireSignedRequestObject,
    RequestUris,
    TokenEndpointAuthSigningAlg,
    ClientAssertionAudience,
    UserinfoSignedResponseAlg,
    SubjectType,
    SectorIdentifierUri,
    IdTokenSignedResponseAlg,
    RequirePkce,
    Consent,
    WhenWithheld,
    KeepOfflineAccess,
    AccessTokenLifetime,
    IdTokenLifetime,
    RefreshIdleLifetime,
    RefreshAbsoluteLifetime,
    ClientUri,
    AccentColor,
    PolicyUri,
    TosUri,
    Verified,
}

impl Metadata {
    pub fn applied(self: Box<Self>, mut section: ClientSection) -> anyhow::Result<ClientSection> {
        let given = *self;
        let list = |place: &mut Option<Vec<String>>, values: Vec<String>| {
            if !values.is_empty() {
                *place = Some(values);
            }
        };
        list(&mut section.grant_types, given.grant_type);
        list(&mut section.response_modes, given.response_mode);
        for (place, values) in [
            (&mut section.redirect_uris, given.redirect_uri),
            (&mut section.post_logout_redirect_uris, given.post_logout_redirect_uri),
            (&mut section.verified_claims, given.verified_claim),
            (&mut section.request_uris, given.request_uri),
            (&mut section.audience, given.audience),
            (&mut section.default_acr_values, given.default_acr_value),
        ] {
            if !values.is_empty() {
                *place = values;
            }
        }
        for (place, value) in [
            (&mut section.client_name, given.name),
            (&mut section.backchannel_logout_uri, given.backchannel_logout_uri),
            (&mut section.events_uri, given.events_uri),
            (&mut section.token_endpoint_auth_method, given.auth_method),
            (&mut section.scope, given.scope),
            (&mut section.token_endpoint_auth_signing_alg, given.auth_signing_alg),
            (&mut section.request_object_signing_alg, given.request_object_alg),
            (&mut section.id_token_signed_response_alg, given.id_token_alg),
            (&mut section.userinfo_signed_response_alg, given.userinfo_alg),
            (&mut section.subject_type, given.subject_type),
            (&mut section.sector_identifier_uri, given.sector_identifier_uri),
            (&mut section.client_uri, given.client_uri),
            (&mut section.policy_uri, given.policy_uri),
            (&mut section.tos_uri, given.tos_uri),
            (&mut section.accent_color, given.accent_color),
            (&mut section.client_secret_hash, given.secret_hash),
        ] {
            replace(place, value);
        }
        for (place, value) in [
            (&mut section.require_pkce, given.require_pkce),
            (&mut section.keep_offline_access, given.keep_offline_access),
            (&mut section.require_signed_request_object, given.require_signed_request),
            (&mut section.verified, given.verified),
        ] {
            replace(place, value);
        }
        for (place, value) in [
            (&mut section.default_max_age, given.default_max_age),
            (&mut section.access_token_lifetime, given.access_token_lifetime),
            (&mut section.id_token_lifetime, given.id_token_lifetime),
            (&mut section.refresh_idle_lifetime, given.refresh_idle_lifetime),
            (&mut section.refresh_absolute_lifetime, given.refresh_absolute_lifetime),
        ] {
            replace(place, value);
        }
        replace(&mut section.logo, given.logo);
        replace(&mut section.consent, given.consent.map(ConsentRule::from));
        replace(&mut section.when_withheld, given.when_withheld.map(WhenWithheld::from));
        replace(&mut section.client_assertion_audience, given.assertion_audience.map(AssertionAudience::from));
        // The one replaces the other.
        if let Some(file) = given.jwks {
            section.jwks = Some(json_of(&file)?);
            section.jwks_uri = None;
        }
        if given.jwks_uri.is_some() {
            section.jwks = None;
            section.jwks_uri = given.jwks_uri;
        }
        if given.secret_stdin {
            section.client_secret = Some(first_line_of_input()?.into());
        }
        Ok(section)
    }
}

fn json_of(file: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))
}

fn replace<T>(place: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *place = value;
    }
}

impl From<Consent> for ConsentRule {
    fn from(consent: Consent) -> Self {
        match consent {
            Consent::Remembered => Self::Remembered,
            Consent::Always => Self::Always,
            Consent::FirstParty => Self::FirstParty,
        }
    }
}

impl From<Audience> for AssertionAudience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Endpoint => Self::Endpoint,
            Audience::Issuer => Self::Issuer,
        }
    }
}

impl From<Shortfall> for WhenWithheld {
    fn from(shortfall: Shortfall) -> Self {
        match shortfall {
            Shortfall::Guide => Self::Guide,
            Shortfall::Narrow => Self::Narrow,
            Shortfall::Refuse => Self::Refuse,
        }
    }
}

impl Key {
    pub fn clear(self, section: &mut ClientSection) {
        match self {
            Self::ClientName => section.client_name = None,
            Self::RedirectUris => section.redirect_uris = Vec::new(),
            Self::PostLogoutRedirectUris => section.post_logout_redirect_uris = Vec::new(),
            Self::BackchannelLogoutUri => section.backchannel_logout_uri = None,
            Self::GrantTypes => section.grant_types = None,
            Self::ResponseModes => section.response_modes = None,
            Self::Scope => section.scope = None,
            Self::VerifiedClaims => section.verified_claims = Vec::new(),
            Self::Audience => section.audience = Vec::new(),
            Self::DefaultAcrValues => section.default_acr_values = Vec::new(),
            Self::DefaultMaxAge => section.default_max_age = None,
            Self::Jwks => section.jwks = None,
            Self::JwksUri => section.jwks_uri = None,
            Self::RequestObjectSigningAlg => section.request_object_signing_alg = None,
            Self::RequireSignedRequestObject => section.require_signed_request_object = None,
            Self::RequestUris => section.request_uris = Vec::new(),
            Self::TokenEndpointAuthSigningAlg => section.token_endpoint_auth_signing_alg = None,
            Self::ClientAssertionAudience => section.client_assertion_audience = None,
            Self::UserinfoSignedResponseAlg => section.userinfo_signed_response_alg = None,
            Self::SubjectType => section.subject_type = None,
            Self::SectorIdentifierUri => section.sector_identifier_uri = None,
            Self::IdTokenSignedResponseAlg => section.id_token_signed_response_alg = None,
            Self::RequirePkce => section.require_pkce = None,
            Self::Consent => section.consent = None,
            Self::WhenWithheld => section.when_withheld = None,
            Self::EventsUri => section.events_uri = None,
            Self::KeepOfflineAccess => section.keep_offline_access = None,
            Self::AccessTokenLifetime => section.access_token_lifetime = None,
            Self::IdTokenLifetime => section.id_token_lifetime = None,
            Self::RefreshIdleLifetime => section.refresh_idle_lifetime = None,
            Self::RefreshAbsoluteLifetime => section.refresh_absolute_lifetime = None,
            Self::ClientUri => section.client_uri = None,
            Self::AccentColor => section.accent_color = None,
            Self::PolicyUri => section.policy_uri = None,
            Self::TosUri => section.tos_uri = None,
            Self::Verified => section.verified = None,
        }
    }
}
