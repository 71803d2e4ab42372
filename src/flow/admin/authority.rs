//! Who asks for an operation, and what that entitles to.

use std::collections::BTreeSet;

use super::Refusal;
use crate::domain::admin::{Act, Danger};
use crate::domain::authentication::{Acr, Authentication};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::role::Role;
use crate::domain::scope::Scope;
use crate::flow::Failure;
use crate::flow::access_token::LiveToken;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;

/// The scope with which an app acts for the operator's people. What they may do, their roles say.
pub const SCOPE: &str = "karat:admin";

/// Who asks, proven. Made here and nowhere else, once for each request.
#[derive(Clone, Debug)]
pub struct Authority {
    who: Who,
    roles: BTreeSet<Role>,
    /// A phishing-resistant authenticator was shown in the last minutes.
    is_fresh: bool,
    /// The IP address.
    pub address: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// One of the operator's people, in a browser or by an app that acts for them.
    Person { id: UserId, client: Option<ClientId> },
    /// A program, with the scope of its access token.
    Service { client: ClientId, scope: Scope },
    /// Who has the command line has the database and the keys.
    Operator,
}

/// Whether somebody may come in at all.
pub enum Admission {
    /// Has no role: for them there is nothing here.
    Stranger,
    /// The log-in is worth less than this asks for. `can_show_more`: the person has what is missing.
    TooWeak {
        can_show_more: bool,
    },
    Admitted(Authority),
}

impl Authority {
    /// Of the command line, which needs the configuration, the database and the sealing key anyway.
    pub fn operator() -> Self {
        Self { who: Who::Operator, roles: BTreeSet::new(), is_fresh: true, address: None, request_id: None }
    }

    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The person who asks; `None` for programs and the command line.
    pub fn person(&self) -> Option<UserId> {
        match &self.who {
            Who::Person { id, .. } => Some(*id),
            Who::Service { .. } | Who::Operator => None,
        }
    }

    /// As the audit log names whoever asks.
    pub fn actor(&self) -> String {
        match &self.who {
            Who::Person { id, .. } => format!("person:{id}"),
            Who::Service { client, .. } => format!("service:{client}"),
            Who::Operator => "operator".to_owned(),
        }
    }

    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    pub fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Whether it is theirs to do, freshness aside: what pages offer.
    pub fn may(&self, act: Act) -> bool {
        match &self.who {
            Who::Person { .. } => self.roles.iter().any(|role| role.may(act)),
            Who::Service { scope, .. } => act.scope().is_some_and(|needed| covers(scope, needed)),
            Who::Operator => true,
        }
    }

    /// What every operation begins with.
    pub fn permit(&self, act: Act) -> Result<(), Refusal> {
        if !self.may(act) {
            return Err(Refusal::Forbidden(act));
        }
        let is_person = matches!(self.who, Who::Person { .. });
        if is_person && act.danger() > Danger::Plain && !self.is_fresh {
            return Err(Refusal::StepUp);
        }
        Ok(())
    }

    /// As [`Authority::permit`], for what nobody does to their own account.
    pub fn permit_on(&self, act: Act, user: UserId) -> Result<(), Refusal> {
        self.permit(act)?;
        match self.person() == Some(user) {
            true => Err(Refusal::Own),
            false => Ok(()),
        }
    }

    /// Whether a client with this scope would be able to do nothing that whoever registers or changes it may not do. Only owners make
    /// apps that act for the operator's people.
    pub fn may_give_scope(&self, scope: &Scope) -> Result<(), Refusal> {
        for value in scope.of_the_house() {
            if value == SCOPE {
                self.allowed(Act::ChangeRoles)?;
                continue;
            }
            let covered = Scope::of([value]);
            let opened = || Act::ALL.iter().filter(|act| act.scope().is_some_and(|needed| covers(&covered, needed)));
            if opened().next().is_none() {
                return Err(Refusal::invalid("scope", format!("{value} opens nothing here")));
            }
            opened().try_for_each(|act| self.allowed(*act))?;
        }
        Ok(())
    }

    fn allowed(&self, act: Act) -> Result<(), Refusal> {
        if self.may(act) { Ok(()) } else { Err(Refusal::Forbidden(act)) }
    }

    pub fn from_address(mut self, address: &str, request_id: &str) -> Self {
        self.address = Some(address.to_owned()).filter(|text| !text.is_empty());
        self.request_id = Some(request_id.to_owned()).filter(|text| !text.is_empty());
        self
    }
}

/// Who may change a thing may read it.
fn covers(scope: &Scope, needed: &str) -> bool {
    scope.contains(needed) || needed.strip_suffix(".read").is_some_and(|wider| scope.contains(wider))
}

impl Karat {
    /// The person of a session in a browser.
    pub async fn admit(&self, owner: Owner<'_>) -> Result<Admission, Failure> {
        let signed_in = owner.signed_in;
        let (id, authentication) = (signed_in.user.id, &signed_in.session.authentication);
        self.admit_person(id, None, authentication).await
    }

    /// Whoever shows an access token whose audience is the issuer itself: a service, or an app with [`SCOPE`] for one of the operator's people.
    pub async fn admit_token(&self, live: &LiveToken) -> Result<Admission, Failure> {
        let claims = &live.claims;
        let Some(holder) = &live.holder else {
            let who = Who::Service { client: claims.client_id.clone(), scope: claims.scope.clone() };
            let service = Authority { who, roles: BTreeSet::new(), is_fresh: false, address: None, request_id: None };
            return Ok(Admission::Admitted(service));
        };
        if !holder.scope.contains(SCOPE) {
            return Ok(Admission::Stranger);
        }
        self.admit_person(holder.user.id, Some(claims.client_id.clone()), &holder.grant.authentication).await
    }

    async fn admit_person(
        &self,
        id: UserId,
        client: Option<ClientId>,
        authentication: &Authentication,
    ) -> Result<Admission, Failure> {
        let roles = self.store.roles_of(id).await?;
        if roles.is_empty() {
            return Ok(Admission::Stranger);
        }
        if authentication.acr < Acr::Mfa {
            let can_show_more = self.enrolled(id).await?.reach() >= Acr::Mfa;
            return Ok(Admission::TooWeak { can_show_more });
        }
        let is_fresh = authentication.shown_lately(Acr::Phr, self.settings.admin.fresh_for, self.now());
        let who = Who::Person { id, client };
        Ok(Admission::Admitted(Authority { who, roles, is_fresh, address: None, request_id: None }))
    }
}
