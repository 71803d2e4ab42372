//! `/logout` (OpenID Connect RP-Initiated Logout 1.0, section 2: ask when the request is not proven).

use serde::Serialize;

use super::Page;

/// Posts the hidden fields to `/logout`; button `logout-confirm`. The app that asked, if it is proven, comes from the frame.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutPage {
    pub email: Option<String>,
    /// Hidden fields that carry the request through the form, `(name, value)`, printed unchanged.
    pub fields: Vec<(String, String)>,
}

/// "You are logged out".
#[derive(Clone, Debug, Serialize)]
pub struct LoggedOutPage {
    /// A fixed English text on why nobody was sent back to the app, the same in every language.
    pub detail: Option<&'static str>,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "pages/logout.html";
}

impl Page for LoggedOutPage {
    const TEMPLATE: &'static str = "pages/logged_out.html";
}
