//! `/terms` and `/terms/accept`: the terms of the configured version. Operators name a text file, or replace `parts/terms.<language>.html`.

use serde::Serialize;

use super::{FieldErrors, Page};

#[derive(Clone, Debug, Serialize)]
pub struct TermsPage {
    pub version: String,
    /// The operator's text; the sample of the page's language when there is none.
    pub text: Option<String>,
}

/// `/terms/accept`: a version that the person has not accepted yet. Posts `accept_terms` (=`yes`) and hidden `terms_version`, outside
/// an interaction also hidden `next`; button `terms-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptTermsPage {
    pub version: String,
    pub next: Option<&'static str>,
    pub errors: FieldErrors,
}

impl Page for AcceptTermsPage {
    const TEMPLATE: &'static str = "pages/terms_accept.html";
}

impl Page for TermsPage {
    const TEMPLATE: &'static str = "pages/terms.html";
}
