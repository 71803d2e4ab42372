//! Ending sessions, and telling the apps that were logged in through them (OpenID Connect Back-Channel Logout).

use super::Failure;
use super::authorize::SignedIn;
use super::karat::Karat;
use crate::crypto::token::OpaqueToken;
use crate::domain::client::Client;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::{ClientId, SessionId, UserId};
use crate::domain::parameters::Parameters;
use crate::domain::time::Seconds;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::outbox::{LogoutNotice, Outgoing, SecurityEventKind};
use crate::storage::sessions::Running;

/// How long a logout token is good for: two minutes at most (OpenID Connect Back-Channel Logout section 4).
const LOGOUT_TOKEN_LIFETIME: Seconds = Seconds(120);

/// Which of a person's sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    One(SessionId),
    AllBut(SessionId),
    All,
}

/// What the logout endpoint found in its parameters (OpenID Connect RP-Initiated Logout section 2).
#[derive(Debug, Clone)]
pub struct LogoutRequest {
    /// The client a valid hint was issued to.
    pub client_id: Option<ClientId>,
    /// Whether the hint proves that the app means this very session, so that nobody needs to be asked.
    pub is_proven: bool,
    /// Where to go afterwards, with `state` added; only ever a registered URI of the proven client.
    pub return_to: Option<String>,
    /// A redirect was asked for and is not given.
    pub refused_return: bool,
}

impl Karat {
    pub async fn log_out(&self, signed_in: &SignedIn) -> Result<(), Failure> {
        let user = signed_in.user.id;
        let mut change = self.store.begin().await?;
        self.end_sessions(&mut change, user, Ending::One(signed_in.session.id), RevocationReason::LoggedOut).await?;
        change.record(&self.event(EventKind::LoggedOut, user)).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Ends sessions within a change: their grants are revoked and the apps will hear. Answers how many ended. The
    /// caller commits and rings the outbox bell.
    pub async fn end_sessions(
        &self,
        change: &mut Change,
        user: UserId,
        ending: Ending,
        because: RevocationReason,
    ) -> Result<usize, Failure> {
        let which = match ending {
            Ending::One(id) => Running { user, only: Some(id), but: None },
            Ending::AllBut(kept) => Running { user, only: None, but: Some(kept) },
            Ending::All => Running { user, only: None, but: None },
        };
        let now = self.now();
        change.hold_sessions(&which).await?;
        let clients = change.clients_in(&which).await?;
        let keeping: Vec<&ClientId> = match because {
            RevocationReason::LoggedOut => {
                clients.values().filter(|client| client.logout.keep_offline_access).map(|client| &client.id).collect()
            }
            _ => Vec::new(),
        };
        change.revoke_grants_in(&which, &keeping, because, now).await?;
        for (session, client) in change.parties(&which).await? {
            if let Some(client) = clients.get(&client).filter(|client| !client.disabled) {
                self.tell_of_logout(change, client, (user, session)).await?;
            }
        }
        Ok(change.end_sessions(&which, now).await?)
    }

    /// Does nothing for an app that did not register where to be told.
    pub(super) async fn tell_of_logout(
        &self,
        change: &mut Change,
        client: &Client,
        (user_id, session_id): (UserId, SessionId),
    ) -> Result<(), Failure> {
        if client.logout.backchannel_uri.is_some() {
            let notice = LogoutNotice { client_id: client.id.clone(), user_id, session_id };
            change.send(&self.new_id().to_string(), &Outgoing::LogoutToken(notice), self.now()).await?;
        } else {
            self.put_security_event(change, client, user_id, SecurityEventKind::SessionRevoked).await?;
        }
        Ok(())
    }

    /// The logout token for one app (OpenID Connect Back-Channel Logout section 2.4), and where it goes. `None` when the
    /// app does not want one any more.
    pub async fn logout_token(&self, notice: &LogoutNotice) -> Result<Option<(String, String)>, Failure> {
        let Some(client) = self.clients.find(notice.client_id.as_str()).await? else { return Ok(None) };
        let Some(uri) = client.logout.backchannel_uri.clone() else { return Ok(None) };
        let now = self.now();
        let claims = serde_json::json!({
            "iss": self.issuer(),
            "aud": notice.client_id,
            "sub": self.subject(&client, notice.user_id),
            "sid": self.session_name(&client, notice.session_id),
            "iat": now.unix(),
            "exp": now.plus(LOGOUT_TOKEN_LIFETIME).unix(),
            "jti": OpaqueToken::mint().expose(),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let token = self.keys.ring().sign(client.id_token_alg, "logout+jwt", &claims)?;
        Ok(Some((uri, token)))
    }

    /// Reads a logout request. Without a valid hint nothing is proven: the person is asked and nobody is redirected.
    pub async fn read_logout_request(
        &self,
        parameters: &Parameters,
        signed_in: Option<&SignedIn>,
    ) -> Result<LogoutRequest, Failure> {
        let hint = match parameters.get("id_token_hint") {
            Some(hint) => self.read_id_token_hint(hint).await?,
            None => None,
        };
        let asked_client = parameters.get("client_id");
        let hint = hint.filter(|hint| asked_client.is_none_or(|asked| asked == hint.audience.as_str()));
        let asked_return = parameters.get("post_logout_redirect_uri");
        let doubled = parameters.doubled().is_some();
        let Some(hint) = hint.filter(|_| !doubled) else {
            let refused_return = asked_return.is_some() || doubled;
            return Ok(LogoutRequest { client_id: None, is_proven: false, return_to: None, refused_return });
        };
        let client = self.clients.find(hint.audience.as_str()).await?;
        let is_proven = signed_in.is_none_or(|signed_in| {
            let id = signed_in.session.id;
            let session = client.as_ref().map_or_else(|| id.to_string(), |client| self.session_name(client, id));
            signed_in.user.id == hint.user_id && hint.session.is_none_or(|hinted| hinted == session)
        });
        let registered = |uri: &&str| client.as_ref().is_some_and(|client| client.allows_return_after_logout_to(uri));
        let return_to = asked_return.filter(registered).and_then(|uri| with_state(uri, parameters.get("state")));
        let refused_return = asked_return.is_some() && return_to.is_none();
        Ok(LogoutRequest { client_id: Some(hint.audience), is_proven, return_to, refused_return })
    }
}

fn with_state(uri: &str, state: Option<&str>) -> Option<String> {
    let Some(state) = state else { return Some(uri.to_owned()) };
    let mut url = url::Url::parse(uri).ok()?;
    url.query_pairs_mut().append_pair("state", state);
    Some(url.into())
}
