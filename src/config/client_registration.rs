//! Apps that register themselves (RFC 7591): whether they may, and what they may have.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::mistake::Report;
use super::value::{self, Rate};
use crate::domain::client::GrantType;
use crate::domain::scope::{OF_THE_HOUSE, Scope};
use crate::domain::time::Seconds;

const METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRegistrationSection {
    pub mode: RegistrationMode,
    /// The widest that such an app may have.
    pub scopes: BTreeSet<String>,
    pub grant_types: BTreeSet<String>,
    pub authentication_methods: BTreeSet<String>,
    pub require_pkce: bool,
    /// Whether URLs that such an app names may lead to what `[outgoing] allow` lists.
    pub listed_targets: bool,
    /// Registrations, and changes to one.
    pub per_address: Rate,
    pub most_clients: u32,
    /// Counts from the registration or its last change; an app that holds grants is in use.
    #[serde(deserialize_with = "value::seconds")]
    pub unused_lifetime: Seconds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    Off,
    /// With an initial access token (RFC 7591 section 3).
    Token,
    Open,
}

impl ClientRegistrationSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if self.scopes.is_empty() {
            report.mistake("client_registration.scopes", "must name at least one");
        }
        for scope in &self.scopes {
            if scope.contains(' ') || scope.parse::<Scope>().is_err() {
                report.mistake("client_registration.scopes", format!("{scope:?} is no scope (RFC 6749 section 3.3)"));
            }
            if scope.starts_with(OF_THE_HOUSE) {
                let message = format!("{scope:?} opens operations of the house: no app gets it by registering itself");
                report.mistake("client_registration.scopes", message);
            }
        }
        for grant in &self.grant_types {
            if !matches!(GrantType::parse(grant), Some(GrantType::AuthorizationCode | GrantType::RefreshToken)) {
                let message = format!("{grant:?} is neither \"authorization_code\" nor \"refresh_token\"");
                report.mistake("client_registration.grant_types", message);
            }
        }
        for method in &self.authentication_methods {
            if !METHODS.contains(&method.as_str()) {
                let message = format!("{method:?} is none of {}", METHODS.join(", "));
                report.mistake("client_registration.authentication_methods", message);
            }
        }
        if self.authentication_methods.is_empty() {
            report.mistake("client_registration.authentication_methods", "must name at least one");
        }
        report.number("client_registration.most_clients", self.most_clients, 1, 1_000_000);
        let (least, most) = (Seconds::hours(1), Seconds::days(3650));
        report.span("client_registration.unused_lifetime", self.unused_lifetime, least, most);
    }
}
