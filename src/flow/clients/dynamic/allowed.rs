//! What an app that registers itself may have, beyond the rules for every client; and what is fetched to find out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::asked::Asked;
use super::standing::Standing;
use crate::config::ClientSection;
use crate::domain::client::{Client, GrantType};
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::scope::{self, Scope};
use crate::flow::Failure;
use crate::flow::clients::sector::{self, NoSector};
use crate::flow::clients::{Refusal, logo};
use crate::flow::karat::Karat;
use crate::storage::clients::Logo;

/// As a list of redirect URIs, or a picture, larger than anybody needs.
const LARGEST_PICTURE: usize = 256 << 10;
/// One text for every reason, so that it tells nothing about our network.
const NO_TARGET: &str = "must be an https URL of a public host that answers";

impl Karat {
    /// What may be asked for. `standing` is what the client is now: what the operator decided about it bounds what it may have.
    pub(super) fn within_what_is_allowed(
        &self,
        asked: &Asked,
        base: ClientSection,
        standing: Option<Standing<'_>>,
    ) -> Result<ClientSection, Vec<Refusal>> {
        let section = &self.settings.client_registration;
        let most = |allowed: &BTreeSet<String>, had: fn(&Client) -> BTreeSet<String>| {
            standing.map_or_else(|| allowed.clone(), |standing| standing.most(allowed, &had(standing.client)))
        };
        let mut wanted = asked.over(base);
        let mut refusals = standing.map(|standing| standing.keep_narrow(&mut wanted)).unwrap_or_default();
        let method = wanted.token_endpoint_auth_method.as_deref().unwrap_or_default();
        let is_public = method == "none";
        let own_method = standing.filter(|standing| standing.is_edited);
        let may_choose = own_method.map_or_else(
            || section.authentication_methods.contains(method),
            |standing| standing.client.authentication.as_str() == method,
        );
        if !may_choose {
            let message = format!("{method:?} is none of those that may be chosen here");
            refusals.push(Refusal::of("token_endpoint_auth_method", &message));
        }
        if wanted.kind == ApplicationType::Web && standing.is_none_or(|standing| !standing.is_as_seen) {
            let had = standing.is_some_and(|standing| standing.client.require_pkce);
            wanted.require_pkce = Some(section.require_pkce || is_public || had);
        }
        let grants = most(&section.grant_types, |client| {
            client.grant_types.iter().map(|grant| grant.as_str().to_owned()).collect()
        });
        for (index, grant) in wanted.grant_types.iter().flatten().enumerate() {
            if !grants.contains(grant) {
                let message = format!("{grant:?} is none of those that may be chosen here");
                refusals.push(Refusal::of(&format!("grant_types[{index}]"), &message));
            }
        }
        let scopes = most(&section.scopes, |client| client.scope.iter().map(str::to_owned).collect());
        limit_scope(&mut wanted, scopes, &mut refusals);
        for (key, link) in
            [("client_uri", &wanted.client_uri), ("policy_uri", &wanted.policy_uri), ("tos_uri", &wanted.tos_uri)]
        {
            if link.as_deref().is_some_and(|link| !link.starts_with("https://")) {
                refusals.push(Refusal::of(key, "must be an https URL"));
            }
        }
        if wanted.client_name.as_deref().is_some_and(|name| name.contains(is_hidden)) {
            refusals.push(Refusal::of("client_name", "holds characters that cannot be seen"));
        }
        for (key, target) in [
            ("jwks_uri", &wanted.jwks_uri),
            ("sector_identifier_uri", &wanted.sector_identifier_uri),
            ("backchannel_logout_uri", &wanted.backchannel_logout_uri),
        ] {
            if target.as_deref().is_some_and(|target| !self.may_be_asked(target)) {
                refusals.push(Refusal::of(key, NO_TARGET));
            }
        }
        for (index, uri) in wanted.request_uris.iter().enumerate() {
            if !self.may_be_asked(uri) {
                refusals.push(Refusal::of(&format!("request_uris[{index}]"), NO_TARGET));
            }
        }
        if refusals.is_empty() { Ok(wanted) } else { Err(refusals) }
    }

    /// By the text of the URL. What its host stands for is judged when it is connected to.
    fn may_be_asked(&self, url: &str) -> bool {
        let targets = self.documents.targets();
        match self.settings.client_registration.listed_targets {
            true => targets.judge(url).is_ok(),
            false => targets.judge_public(url).is_ok(),
        }
    }

    pub(super) async fn check_sector(&self, client: &Client, asked: &Asked) -> Result<(), Vec<Refusal>> {
        let Some(uri) = asked.metadata.get("sector_identifier_uri").and_then(Value::as_str) else { return Ok(()) };
        sector::names_every_redirect(&self.documents, (client, uri), self.now()).await.map_err(|found| {
            // One text for every reason, as above.
            let message = if found == NoSector::Unread { NO_TARGET.to_owned() } else { found.to_string() };
            vec![Refusal::of("sector_identifier_uri", &message)]
        })
    }

    /// The picture is fetched now and never again, so that no page of ours tells another host who logs in when. A client that repeats
    /// the address that we serve it from keeps it.
    pub(super) async fn logo_asked_for(
        &self,
        client: &mut Client,
        asked: &Asked,
        old: Option<&Client>,
    ) -> Result<Result<Option<Logo>, Refusal>, Failure> {
        let refused = |message: &str| Ok(Err(Refusal::of("logo_uri", message)));
        let Some(uri) = &asked.logo_uri else { return Ok(Ok(None)) };
        if let Some(old) = old.filter(|old| self.logo_uri(old).as_ref() == Some(uri)) {
            client.pages.has_logo = true;
            client.pages.logo_digest.clone_from(&old.pages.logo_digest);
            return Ok(Ok(None));
        }
        if !self.may_be_asked(uri) {
            return refused(NO_TARGET);
        }
        let Ok(picture) = self.documents.get_once(uri, LARGEST_PICTURE).await else { return refused(NO_TARGET) };
        match self.pictures.in_turn(move || logo::drawn(&picture)).await? {
            Ok(logo) => {
                client.pages.has_logo = true;
                client.pages.logo_digest = Some(logo::digest(&logo));
                Ok(Ok(Some(logo)))
            }
            Err(why) => refused(&why.to_string()),
        }
    }

    /// Where we serve it.
    pub(super) fn logo_uri(&self, client: &Client) -> Option<String> {
        client.logo_path().map(|path| self.issuer.join(&path))
    }
}

/// What is left out is everything that such an app may have. The scopes of the house are not among it, whoever put them there.
fn limit_scope(wanted: &mut ClientSection, mut most: BTreeSet<String>, refusals: &mut Vec<Refusal>) {
    most.retain(|value| !value.starts_with(scope::OF_THE_HOUSE));
    let refreshes = wanted.grant_types.iter().flatten().any(|grant| grant == GrantType::RefreshToken.as_str());
    let Some(asked) = &wanted.scope else {
        if !refreshes {
            most.remove(scope::OFFLINE_ACCESS);
        }
        wanted.scope = Some(Scope::of(most.iter().map(String::as_str)).to_string());
        return;
    };
    // What is no scope at all, the rules refuse.
    let Ok(asked) = asked.parse::<Scope>() else { return };
    if let Some(beyond) = asked.iter().find(|value| !most.contains(*value)) {
        refusals.push(Refusal::of("scope", &format!("{beyond:?} is none of those that may be chosen here")));
    }
}

/// Characters that change how the others are read, or that nobody sees: fit to make one name look like another.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}
