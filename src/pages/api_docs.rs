//! `/admin/api/v1/docs`: the description of the admin API, to be read. What operations do is told in English, as in the description itself.

use serde::Serialize;

use super::Page;

#[derive(Clone, Debug, Serialize)]
pub struct ApiDocsPage {
    /// The address of the OpenAPI document.
    pub document: String,
    pub groups: Vec<ApiGroup>,
    pub schemas: Vec<ApiSchema>,
    pub problems: Vec<ApiProblem>,
}

/// The operations on one noun.
#[derive(Clone, Debug, Serialize)]
pub struct ApiGroup {
    pub name: String,
    pub operations: Vec<ApiOperation>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiOperation {
    /// Names it within the page.
    pub id: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    pub parameters: Vec<ApiParameter>,
    /// What the body is.
    pub body: Option<ApiKind>,
    pub answers: Vec<ApiAnswer>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiParameter {
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    pub required: bool,
    pub kind: ApiKind,
    pub description: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiAnswer {
    pub status: String,
    pub description: String,
    pub kind: Option<ApiKind>,
}

/// A kind of value.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKind {
    pub text: String,
    /// Where it is described further down.
    pub schema: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiSchema {
    pub name: String,
    pub description: String,
    pub fields: Vec<ApiField>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiField {
    pub name: String,
    pub required: bool,
    pub kind: ApiKind,
    pub description: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ApiProblem {
    /// The last part of `type`.
    pub kind: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub meaning: &'static str,
}

impl Page for ApiDocsPage {
    const TEMPLATE: &'static str = "pages/api_docs.html";
}
