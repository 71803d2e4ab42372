//! `/terms`: the terms of the configured version. Operators name a text file, or replace `parts/terms.<language>.html`.

use serde::Serialize;

use super::Page;

#[derive(Clone, Debug, Serialize)]
pub struct TermsPage {
    pub version: String,
    /// The operator's text; the sample of the page's language when there is none.
    pub text: Option<String>,
}

impl Page for TermsPage {
    const TEMPLATE: &'static str = "pages/terms.html";
}
