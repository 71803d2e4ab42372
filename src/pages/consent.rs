//! `/consent`: the person allows an app what it asks for, or not.

use serde::Serialize;

use super::Page;

/// Posts `decision` = `allow` (button `consent-allow`) or `deny` (button `consent-deny`) to `/consent`. The app, its mark and the host
/// the answer goes to come from the frame.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentPage {
    pub email: String,
    pub scopes: Vec<ConsentScope>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ConsentScope {
    /// The scope token of RFC 6749 section 3.3. Standard ones are described; others are shown as they are.
    pub name: String,
    /// Allowed before: listed apart from what is newly asked.
    pub granted: bool,
}

impl ConsentScope {
    pub fn asked(name: impl Into<String>) -> Self {
        Self { name: name.into(), granted: false }
    }

    pub fn granted_before(name: impl Into<String>) -> Self {
        Self { name: name.into(), granted: true }
    }
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "pages/consent.html";
}
