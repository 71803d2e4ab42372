//! `/admin/people` and the page of one person.

use serde::Serialize;

use super::Shell;
use crate::domain::time::Timestamp;
use crate::pages::{FieldErrors, Page};

/// Posts `find` to `/admin/people/find` (button `find-submit`), and the last one shown as `after` (button `further-submit`): what is looked
/// for stands in no address.
#[derive(Clone, Debug, Serialize)]
pub struct PeoplePage {
    pub shell: Shell,
    pub now: Timestamp,
    /// The beginning of an address, as typed.
    pub find: String,
    /// What stands after `admin-people-`.
    pub filter: &'static str,
    pub filters: Vec<&'static str>,
    pub people: Vec<PersonRow>,
    /// The last one shown, when there are more.
    pub after: Option<String>,
    /// Not the first page.
    pub is_later: bool,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct PersonRow {
    pub id: String,
    pub email: String,
    /// What stands after `admin-condition-`.
    pub condition: &'static str,
    pub level: u8,
    pub is_suspended: bool,
    pub hold_until: Option<Timestamp>,
    pub since: Timestamp,
}

/// `/admin/people/{id}`. Posts below its own address: `freeze_reason` to `freeze`, `unfreeze_reason` to `unfreeze`, `session` (empty: all) to
/// `end-sessions`, `authenticator` and `remove_reason` to `remove-authenticator`, `hold_hours` and `hold_reason` to `hold`, `lift_reason` to
/// `lift`, `client` to `withdraw`, `export_reason` to `export`.
#[derive(Clone, Debug, Serialize)]
pub struct PersonPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub person: PersonRow,
    pub name: Option<String>,
    pub is_email_verified: bool,
    pub password_changed_at: Timestamp,
    pub locale: String,
    /// Why, when somebody froze it.
    pub because: Option<String>,
    pub condition_since: Option<Timestamp>,
    /// What stands after `review-standing-`.
    pub state: &'static str,
    pub roles: Vec<&'static str>,
    pub sessions: Vec<SessionRow>,
    pub authenticators: Vec<AuthenticatorRow>,
    pub consents: Vec<ConsentRow>,
    pub holds: Vec<HoldRow>,
    pub events: Vec<EventRow>,
    pub may: MayDo,
    /// It is the account of whoever looks: much is for others to do.
    pub is_own: bool,
    pub removing_takes_two: bool,
    pub export_takes_two: bool,
    pub errors: FieldErrors,
}

/// What the roles of whoever looks allow.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct MayDo {
    pub freeze: bool,
    pub unfreeze: bool,
    pub end_sessions: bool,
    pub remove_authenticator: bool,
    pub start_hold: bool,
    pub lift_hold: bool,
    pub withdraw_consent: bool,
    pub export: bool,
    pub read_cases: bool,
    pub read_audit: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    pub id: String,
    pub device: String,
    pub place: String,
    /// What the log-in was worth.
    pub acr: &'static str,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
pub struct AuthenticatorRow {
    pub id: String,
    /// What stands after `factor-kind-`.
    pub kind: &'static str,
    pub name: String,
    pub added_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ConsentRow {
    pub client: String,
    pub scope: Vec<String>,
    pub since: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
pub struct HoldRow {
    /// What stands after `hold-cause-`.
    pub cause: &'static str,
    pub began_at: Timestamp,
    pub ends_at: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
pub struct EventRow {
    pub at: Timestamp,
    pub kind: String,
    /// What stands after `event-`, for those that there are words for.
    pub words: Option<&'static str>,
    pub client: Option<String>,
    pub place: Option<String>,
}

impl Page for PeoplePage {
    const TEMPLATE: &'static str = "admin/people.html";
}

impl Page for PersonPage {
    const TEMPLATE: &'static str = "admin/person.html";
}
