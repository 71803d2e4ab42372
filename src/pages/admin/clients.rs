//! `/admin/clients`: the apps, the guided form, and one app.

use serde::Serialize;

use super::{Meanwhile, Shell};
use crate::domain::time::Timestamp;
use crate::pages::{AppBadge, FieldErrors, Page};

/// Looks for `find` in the address (button `find-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct ClientsPage {
    pub shell: Shell,
    pub find: String,
    pub clients: Vec<ClientRow>,
    pub newest: Option<String>,
    pub further: Option<String>,
    pub may_add: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ClientRow {
    pub id: String,
    pub name: String,
    pub kind: AppKind,
    /// Kept in the configuration file, and changed there.
    pub is_configured: bool,
    /// By RFC 7591: nobody of the operator's made it.
    pub registered_itself: bool,
    pub is_disabled: bool,
    pub since: Timestamp,
}

/// `/admin/invitations`. Posts `note`, `uses` and `days` to `/admin/invitations/make` (button `make-submit`), and to
/// `/admin/invitations/{id}/withdraw` (buttons `withdraw-<n>`).
#[derive(Clone, Debug, Serialize)]
pub struct InvitationsPage {
    pub shell: Shell,
    /// What stands after `admin-invitations-mode-`; "token": invitations are what it takes.
    pub mode: &'static str,
    pub invitations: Vec<InvitationRow>,
    pub may_invite: bool,
    /// Of the invitation that was just made: shown once.
    pub token: Option<String>,
    /// Where apps register themselves.
    pub endpoint: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct InvitationRow {
    pub id: String,
    /// Whom it is for; may be empty.
    pub note: String,
    pub uses_left: i64,
    pub until: Timestamp,
    /// Used up, or out of its time.
    pub is_over: bool,
}

/// What sort of app it is, as whoever registers it thinks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    #[default]
    Web,
    /// In a browser page, without a server that could keep a secret.
    SinglePage,
    Native,
    Service,
}

impl AppKind {
    pub const ALL: [AppKind; 4] = [Self::Web, Self::SinglePage, Self::Native, Self::Service];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::SinglePage => "single_page",
            Self::Native => "native",
            Self::Service => "service",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// `/admin/clients/new` without a kind: links to one form each (`kind-<kind>`).
#[derive(Clone, Debug, Serialize)]
pub struct KindsPage {
    pub shell: Shell,
    pub kinds: Vec<AppKind>,
}

/// Posts what [`Typed`] has, as far as it matters for the kind, to `/admin/clients/new` or `/admin/clients/{id}/edit` (button
/// `client-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct ClientFormPage {
    pub shell: Shell,
    pub kind: AppKind,
    /// `None`: a new one.
    pub id: Option<String>,
    pub typed: Typed,
    pub methods: Vec<&'static str>,
    pub meanwhile: Option<Meanwhile>,
    pub errors: FieldErrors,
}

/// As typed; lists stand one a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Typed {
    pub client_id: String,
    pub client_name: String,
    pub redirect_uris: String,
    pub post_logout_redirect_uris: String,
    pub backchannel_logout_uri: String,
    pub scope: String,
    pub audience: String,
    pub token_endpoint_auth_method: String,
    /// `remembered`, `always` or `first_party`.
    pub consent: String,
    pub client_uri: String,
    pub policy_uri: String,
    pub tos_uri: String,
    /// `#rrggbb`.
    pub accent_color: String,
    /// `yes`.
    pub verified: String,
    /// Of the app that was read.
    pub version: String,
}

/// `/admin/clients/{id}`. Posts below its own address: `redirect_uri` to `test` (button `test-submit`), `version` to `rotate`, `disable`,
/// `enable`, `remove` and `logo/remove`, with a file `logo` to `logo`.
#[derive(Clone, Debug, Serialize)]
pub struct ClientPage {
    pub shell: Shell,
    pub id: String,
    pub version: String,
    pub name: String,
    pub kind: AppKind,
    pub is_configured: bool,
    /// By RFC 7591: nobody of the operator's made it.
    pub registered_itself: bool,
    pub is_disabled: bool,
    pub is_verified: bool,
    /// As people see it when they log in.
    pub app: AppBadge,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    pub method: &'static str,
    /// How many secrets are live; `None`: it has none.
    pub secrets: Option<usize>,
    pub grants: Vec<&'static str>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub backchannel_logout_uri: Option<String>,
    pub scope: Vec<String>,
    pub audience: Vec<String>,
    pub requires_pkce: bool,
    pub id_token_alg: &'static str,
    /// What stands after `admin-consent-rule-`.
    pub consent: &'static str,
    pub links: Vec<String>,
    pub issuer: String,
    pub may_change: bool,
    /// Shown this once.
    pub secret: Option<String>,
    pub tested: Option<Tested>,
    pub errors: FieldErrors,
}

/// What became of a request as the app would make it.
#[derive(Clone, Debug, Serialize)]
pub struct Tested {
    pub redirect_uri: String,
    /// Where to go on as a person would; `None`: it was refused.
    pub path: Option<String>,
    pub error: Option<String>,
}

impl Page for InvitationsPage {
    const TEMPLATE: &'static str = "admin/invitations.html";
}

impl Page for ClientsPage {
    const TEMPLATE: &'static str = "admin/clients.html";
}

impl Page for KindsPage {
    const TEMPLATE: &'static str = "admin/client_kinds.html";
}

impl Page for ClientFormPage {
    const TEMPLATE: &'static str = "admin/client_form.html";
}

impl Page for ClientPage {
    const TEMPLATE: &'static str = "admin/client.html";

    fn is_scripted(&self) -> bool {
        true
    }
}
