//! How a registration stands when its app wants to change it: what the operator took from it stays taken, and what they gave they gave to
//! the app that they could look at.

use std::collections::BTreeSet;

use crate::config::{ClientSection, TokensSection};
use crate::domain::client::{Client, ClientAuthentication, ConsentRule, SubjectType};
use crate::domain::time::Seconds;
use crate::flow::clients::Refusal;

/// The registration that a change is judged against.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub client: &'a Client,
    /// The operator has changed it: what they left is the most that it can have by itself.
    pub is_edited: bool,
    /// The change leaves everything as it is that the operator could look at.
    pub is_as_seen: bool,
}

impl Standing<'_> {
    /// Of what is allowed to such apps and what this one has, what it may have after the change.
    pub fn most(&self, allowed: &BTreeSet<String>, had: &BTreeSet<String>) -> BTreeSet<String> {
        match (self.is_edited, self.is_as_seen) {
            (false, _) => allowed.clone(),
            (true, true) => had.clone(),
            (true, false) => allowed & had,
        }
    }

    /// What the operator narrowed beside what [`Standing::most`] bounds: how the app proves who it is, how it signs its
    /// requests, and by which name it knows people.
    pub fn keep_narrow(&self, wanted: &mut ClientSection) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if !self.is_edited {
            return refusals;
        }
        let decided = "was decided by the operator";
        if let ClientAuthentication::PrivateKeyJwt { algorithm: Some(algorithm), .. } = self.client.authentication {
            let asked = wanted.token_endpoint_auth_signing_alg.get_or_insert_with(|| algorithm.as_str().to_owned());
            if asked != algorithm.as_str() {
                refusals.push(Refusal::of("token_endpoint_auth_signing_alg", decided));
            }
        }
        let objects = &self.client.request_objects;
        if let Some(algorithm) = objects.algorithm {
            let asked = wanted.request_object_signing_alg.get_or_insert_with(|| algorithm.as_str().to_owned());
            if asked != algorithm.as_str() {
                refusals.push(Refusal::of("request_object_signing_alg", decided));
            }
        }
        if objects.required && !*wanted.require_signed_request_object.get_or_insert(true) {
            refusals.push(Refusal::of("require_signed_request_object", decided));
        }
        let is_pairwise = matches!(self.client.subject, SubjectType::Pairwise { .. });
        if is_pairwise && wanted.subject_type.as_deref() != Some(self.client.subject.as_str()) {
            refusals.push(Refusal::of("subject_type", decided));
        }
        refusals
    }
}

/// Whether people see what the operator saw, and codes, tokens and messages go where they went, to whom holds the same keys.
pub(super) fn is_as_seen(client: &Client, old: &Client) -> bool {
    let shown = |client: &Client| {
        let pages = &client.pages;
        [Some(client.name.clone()), pages.home.clone(), pages.policy.clone(), pages.terms.clone()]
    };
    let is_reached = |client: &Client| {
        (
            client.redirect_uris.clone(),
            client.post_logout_redirect_uris.clone(),
            client.logout.backchannel_uri.clone(),
            client.events_uri.clone(),
        )
    };
    let proves_itself = |client: &Client| (client.authentication.as_str(), client.keys.clone(), client.subject.clone());
    shown(client) == shown(old) && is_reached(client) == is_reached(old) && proves_itself(client) == proves_itself(old)
}

/// `base` without anything that the operator gave; what they made stricter stays.
pub(super) fn of_a_stranger(base: ClientSection, tokens: &TokensSection) -> ClientSection {
    let shorter = |span: Option<Seconds>, usual: Seconds| span.filter(|span| *span < usual);
    ClientSection {
        consent: base.consent.filter(|consent| *consent == ConsentRule::Always),
        verified: None,
        verified_claims: Vec::new(),
        audience: Vec::new(),
        keep_offline_access: None,
        accent_color: None,
        access_token_lifetime: shorter(base.access_token_lifetime, tokens.access_token_lifetime),
        id_token_lifetime: shorter(base.id_token_lifetime, tokens.id_token_lifetime),
        refresh_idle_lifetime: shorter(base.refresh_idle_lifetime, tokens.refresh_idle_lifetime),
        refresh_absolute_lifetime: shorter(base.refresh_absolute_lifetime, tokens.refresh_absolute_lifetime),
        ..base
    }
}

/// What a client cannot turn into by itself.
pub(super) fn same_nature(client: &Client, old: &Client) -> Result<(), Vec<Refusal>> {
    if client.kind != old.kind {
        return Err(vec![Refusal::of("application_type", "cannot be changed")]);
    }
    if client.is_public() != old.is_public() {
        let message = "a client with and one without authentication cannot become each other";
        return Err(vec![Refusal::of("token_endpoint_auth_method", message)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_live_longer_than_usual_are_the_operators_to_give_and_shorter_ones_stay_short() {
        let usual = crate::config::Config::from_text("test.toml", "", std::iter::empty()).unwrap().tokens;
        let base = ClientSection {
            access_token_lifetime: Some(Seconds(30)),
            id_token_lifetime: Some(Seconds::hours(1)),
            refresh_idle_lifetime: Some(usual.refresh_idle_lifetime),
            consent: Some(ConsentRule::Always),
            ..ClientSection::default()
        };
        let stranger = of_a_stranger(base, &usual);
        assert_eq!((stranger.access_token_lifetime, stranger.id_token_lifetime), (Some(Seconds(30)), None));
        assert_eq!((stranger.refresh_idle_lifetime, stranger.consent), (None, Some(ConsentRule::Always)));
    }
}
