//! Invitations to register (RFC 7591 section 3, initial access tokens): made by the operator, handed to a developer.

use serde_json::json;

use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;
use crate::domain::time::Seconds;
use crate::flow::admin::audit::Target;
use crate::flow::admin::{Authority, Refusal};
use crate::flow::karat::Karat;
use crate::storage::client_registrations::Invitation;

const MOST_USES: i64 = 10_000;
const LONGEST_LIFE: Seconds = Seconds::days(365);
const LONGEST_NOTE: usize = 200;

#[derive(Clone, Debug)]
pub struct InvitationWanted {
    /// Whom it is for.
    pub note: String,
    /// How many clients may be registered with it.
    pub uses: i64,
    pub lifetime: Seconds,
}

impl Karat {
    /// The token is to be shown once: only its hash is kept.
    pub async fn invite_clients(
        &self,
        by: &Authority,
        wanted: InvitationWanted,
    ) -> Result<(Invitation, OpaqueToken), Refusal> {
        by.permit(Act::InviteClients)?;
        if !(1..=MOST_USES).contains(&wanted.uses) {
            return Err(Refusal::invalid("uses", format!("must be from 1 to {MOST_USES}")));
        }
        if wanted.lifetime < Seconds::minutes(1) || wanted.lifetime > LONGEST_LIFE {
            return Err(Refusal::invalid("lifetime", "must be from 1 minute to 365 days"));
        }
        if wanted.note.chars().count() > LONGEST_NOTE || wanted.note.contains(char::is_control) {
            let detail = format!("must have at most {LONGEST_NOTE} characters and no control characters");
            return Err(Refusal::invalid("note", detail));
        }
        let (token, now) = (OpaqueToken::mint(), self.now());
        let invitation = Invitation {
            id: self.new_id().to_string(),
            hash: token.hash(),
            note: wanted.note,
            uses_left: wanted.uses,
            created_at: now,
            expires_at: now.plus(wanted.lifetime),
        };
        let told =
            json!({ "note": invitation.note, "uses": invitation.uses_left, "until": invitation.expires_at.unix() });
        let mut change = self.store.begin().await?;
        change.add_invitation(&invitation).await?;
        change.audit(by.entry(self, Act::InviteClients, Target("client_invitation", invitation.id.clone()), told));
        change.commit().await?;
        Ok((invitation, token))
    }

    /// All of them, also used up ones, until they are cleaned away.
    pub async fn client_invitations(&self, by: &Authority) -> Result<Vec<Invitation>, Refusal> {
        by.permit(Act::ReadClients)?;
        Ok(self.store.invitations().await?)
    }

    /// Nobody can register with it any more; who has, stays.
    pub async fn withdraw_client_invitation(&self, by: &Authority, id: &str) -> Result<(), Refusal> {
        by.permit(Act::InviteClients)?;
        let mut change = self.store.begin().await?;
        if !change.remove_invitation(id).await? {
            return Err(Refusal::NotFound);
        }
        let target = Target("client_invitation", id.to_owned());
        change.audit(by.entry(self, Act::InviteClients, target, json!({ "withdrawn": true })));
        Ok(change.commit().await?)
    }
}
