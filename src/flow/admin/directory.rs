//! Finding people and apps, and everything about one person that whoever looks after them may see.

use super::{Authority, Refusal};
use crate::domain::admin::Act;
use crate::domain::authenticator::Authenticator;
use crate::domain::consent::Consent;
use crate::domain::hold::{Hold, running};
use crate::domain::ids::UserId;
use crate::domain::kyc::{State, Tier};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::flow::karat::Karat;
use crate::storage::directory::{Filter, ListedClient};
use crate::storage::events::PastEvent;
use crate::storage::sessions::Session;

/// Of one page.
pub const MOST: i64 = 100;
const MOST_HOLDS: i64 = 20;
const MOST_EVENTS: i64 = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleWanted {
    /// The beginning of an e-mail address, or a whole id.
    pub find: Option<String>,
    /// Counts when nothing is to be found.
    pub filter: Filter,
    /// The last one of the page before.
    pub after: Option<UserId>,
}

/// Everything but secrets and documents.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub user: User,
    /// What the verification is worth now.
    pub tier: Tier,
    pub state: State,
    pub hold_until: Option<Timestamp>,
    pub roles: Vec<Role>,
    pub sessions: Vec<Session>,
    pub authenticators: Vec<Authenticator>,
    pub consents: Vec<Consent>,
    pub holds: Vec<Hold>,
    /// Versions, and when each was accepted.
    pub terms: Vec<(String, Timestamp)>,
    pub events: Vec<PastEvent>,
}

impl Karat {
    /// At most `most` (of [`MOST`]), and whether there are more.
    pub async fn people(&self, by: &Authority, wanted: &PeopleWanted, most: i64) -> Result<(Vec<User>, bool), Refusal> {
        by.permit(Act::ReadPeople)?;
        let most = most.clamp(1, MOST);
        let after = match wanted.after {
            Some(id) => {
                Some(self.store.user(id).await?.ok_or_else(|| Refusal::invalid("cursor", "leads nowhere any more"))?)
            }
            None => None,
        };
        let find = wanted.find.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let mut found = match find.map(|text| (text, text.parse::<UserId>())) {
            Some((_, Ok(id))) => self.store.user(id).await?.into_iter().collect(),
            Some((text, Err(_))) => {
                self.store.people_by_address(&text.to_lowercase(), after.as_ref(), most + 1).await?
            }
            None => self.store.people(wanted.filter, self.now(), after.as_ref(), most + 1).await?,
        };
        let shown = usize::try_from(most).unwrap_or(usize::MAX);
        let more = found.len() > shown;
        found.truncate(shown);
        Ok((found, more))
    }

    pub async fn person_view(&self, by: &Authority, id: UserId) -> Result<PersonView, Refusal> {
        by.permit(Act::ReadPeople)?;
        let user = self.store.user(id).await?.ok_or(Refusal::NotFound)?;
        Ok(PersonView {
            tier: self.kyc_tier(&user),
            state: self.kyc_state(&user.kyc),
            hold_until: running(user.hold_until, self.now()),
            roles: self.store.roles_of(id).await?.into_iter().collect(),
            sessions: self.sessions_of(id).await?,
            authenticators: self.store.authenticators_of(id).await?,
            consents: self.store.consents_of(id).await?,
            holds: self.store.holds_of(id, MOST_HOLDS).await?,
            terms: self.store.accepted_terms(id).await?,
            events: self.store.events_of(id, MOST_EVENTS).await?,
            user,
        })
    }

    /// At most `most`, and whether there are more. `find`: part of id or name.
    pub async fn clients_page(
        &self,
        by: &Authority,
        find: Option<&str>,
        after: Option<&str>,
        most: i64,
    ) -> Result<(Vec<ListedClient>, bool), Refusal> {
        by.permit(Act::ReadClients)?;
        let most = most.clamp(1, MOST);
        let find = find.map(str::trim).filter(|text| !text.is_empty());
        let mut found = self.store.clients_page(find, after, most + 1).await?;
        let shown = usize::try_from(most).unwrap_or(usize::MAX);
        let more = found.len() > shown;
        found.truncate(shown);
        Ok((found, more))
    }
}
