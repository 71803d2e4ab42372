//! `/account`: what a person sees and changes about the own account.

use serde::Serialize;

use super::{FieldErrors, Locale, Page};
use crate::domain::time::Timestamp;

/// `/account`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountPage {
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    pub member_since: Timestamp,
    pub password_changed_at: Option<Timestamp>,
    /// When what protects the account can be removed by who says that it is lost; `None`: nobody does.
    pub recovery_ripe_at: Option<Timestamp>,
    /// Sessions alive, this one included.
    pub sessions: i64,
    pub apps: i64,
    /// Decides applications of others: a link to `/review` (`review-link`).
    pub reviews: bool,
    /// Has a role: a link to `/admin` (`console-link`).
    pub console: bool,
}

/// `/account/password`. Posts `current_password`, `new_password`; button `password-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ChangePasswordPage {
    /// The address, as hidden `username` for password managers.
    pub email: String,
    pub min_password: u32,
    pub errors: FieldErrors,
}

/// `/account/email`. Posts `new_email` and `current_password` (button `email-submit`); with a pending change also `/account/email/code` with `code` (button
/// `email-code-submit`), `/account/email/resend` (button `email-resend`) and `/account/email/cancel` (button `email-cancel`).
#[derive(Clone, Debug, Serialize)]
pub struct ChangeEmailPage {
    pub email: String,
    /// What stands in the field for the new address.
    pub new_email: String,
    pub pending: Option<PendingEmail>,
    pub errors: FieldErrors,
}

/// A change of address that waits for the proof.
#[derive(Clone, Debug, Serialize)]
pub struct PendingEmail {
    pub new_email: String,
    /// Minutes until link and code expire.
    pub minutes: i64,
}

/// `/account/email/confirm`: where the link of the mail lands. Posts `token`; button `email-confirm-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmEmailPage {
    pub token: String,
    /// Shown when the link is opened in the session that asked; else the page does not tell.
    pub new_email: Option<String>,
    pub errors: FieldErrors,
}

/// The new address is in force.
#[derive(Clone, Debug, Serialize)]
pub struct EmailChangedPage {}

/// `/account/sessions`. Each session has a form to `/account/sessions/end` with `session` (button `session-end-<n>`, from 1);
/// `/account/sessions/end-others` has the button `sessions-end-others`.
#[derive(Clone, Debug, Serialize)]
pub struct SessionsPage {
    pub now: Timestamp,
    pub sessions: Vec<SessionRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    /// What the form sends back. An id of the row, never the session's secret.
    pub id: String,
    /// "Chrome on Android"; made from the user agent, so a claim of the browser. `None`: unknown.
    pub device: Option<String>,
    /// Place or network address.
    pub place: String,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The session this page is shown in.
    pub current: bool,
}

/// `/account/apps`. Each app has a form to `/account/apps/withdraw` with `client_id` (button `app-withdraw-<n>`, from 1).
#[derive(Clone, Debug, Serialize)]
pub struct AppsPage {
    pub now: Timestamp,
    pub apps: Vec<AppRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AppRow {
    pub client_id: String,
    #[serde(serialize_with = "super::untrusted::as_name")]
    pub name: String,
    pub logo_url: Option<String>,
    pub home_url: Option<String>,
    pub verified: bool,
    pub scopes: Vec<String>,
    pub since: Timestamp,
    /// When the app last got tokens; `None` if it does not any more.
    pub last_used_at: Option<Timestamp>,
}

/// `/account/profile`. Posts `name`, `given_name`, `family_name`, `nickname`, `birthdate` (YYYY-MM-DD), `zoneinfo`, `locale`; button
/// `profile-submit`. Empty means "not told".
#[derive(Clone, Debug, Serialize)]
pub struct ProfilePage {
    pub profile: ProfileForm,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct ProfileForm {
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub nickname: String,
    pub birthdate: String,
    pub zoneinfo: String,
    /// The language of mails and pages; `None`: as the browser asks.
    pub locale: Option<Locale>,
}

/// `/account/data`. Posts nothing but the form itself, and gets a file; button `data-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct DataPage {
    pub errors: FieldErrors,
}

/// `/account/delete`. Posts `password`, `confirm` (=`yes`); button `delete-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct DeleteAccountPage {
    pub email: String,
    /// Until when the record of the verification would stay locked; `None`: nothing would stay.
    pub kept_until: Option<Timestamp>,
    pub errors: FieldErrors,
}

/// The account is gone.
#[derive(Clone, Debug, Serialize)]
pub struct AccountDeletedPage {}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    AccountPage => "pages/account.html",
    ChangePasswordPage => "pages/account_password.html",
    ChangeEmailPage => "pages/account_email.html",
    ConfirmEmailPage => "pages/account_email_confirm.html",
    EmailChangedPage => "pages/account_email_done.html",
    SessionsPage => "pages/account_sessions.html",
    AppsPage => "pages/account_apps.html",
    ProfilePage => "pages/account_profile.html",
    DataPage => "pages/account_data.html",
    DeleteAccountPage => "pages/account_delete.html",
    AccountDeletedPage => "pages/account_deleted.html",
}
