//! `/terms`: the terms of the configured version. Operators replace `parts/terms.<language>.html` with their own text.

use serde::Serialize;

use super::Page;

#[derive(Clone, Debug, Serialize)]
pub struct TermsPage {
    pub version: String,
}

impl Page for TermsPage {
    const TEMPLATE: &'static str = "pages/terms.html";
}
