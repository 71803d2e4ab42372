//! `/consent`: the person allows an app what it asks for, or not.

use serde::Serialize;

use super::Page;
use crate::domain::claims::VERIFIED_ITEM;

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
    /// A part of the verified identity (`verified:<name>`): listed apart, too.
    pub identity: bool,
}

impl ConsentScope {
    pub fn asked(name: impl Into<String>) -> Self {
        Self::new(name.into(), false)
    }

    pub fn granted_before(name: impl Into<String>) -> Self {
        Self::new(name.into(), true)
    }

    fn new(name: String, granted: bool) -> Self {
        let identity = name.starts_with(VERIFIED_ITEM);
        Self { name, granted, identity }
    }
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "pages/consent.html";
}
