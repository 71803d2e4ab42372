//! `/login` and `/select-account`.

use serde::Serialize;

use super::passkeys::PasskeyQuestion;
use super::{FieldErrors, Page};

/// Posts `email`, `password` to `/login`; submit button `login-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    /// What stands in the e-mail field: typed before, or from `login_hint`.
    pub email: String,
    pub who: LoginAs,
    /// The page of the account to go on to, as a word of the hidden field `next`. Only outside an interaction.
    pub next: Option<&'static str>,
    /// Posts `ticket` and `credential` to `/login/passkey`; button `passkey`. `None`: passkeys are not offered.
    pub passkey: Option<PasskeyQuestion>,
    pub errors: FieldErrors,
}

/// Who is expected to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginAs {
    /// Anyone: the address is typed.
    #[default]
    Anyone,
    /// The person logged in, again, because the app asked (`prompt=login`, `max_age`).
    AgainForApp,
}

/// Continue as the person logged in, or use another account. Posts `choice` = `continue` (button `select-continue`) or `other`
/// (button `select-other`) to `/select-account`.
#[derive(Clone, Debug, Serialize)]
pub struct SelectAccountPage {
    pub email: String,
    /// The person's own name, when known.
    pub name: Option<String>,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "pages/login.html";

    fn is_scripted(&self) -> bool {
        self.passkey.is_some()
    }
}

impl Page for SelectAccountPage {
    const TEMPLATE: &'static str = "pages/select_account.html";
}
