//! The page of `response_mode=form_post` (OAuth 2.0 Form Post Response Mode 1.0): a form that the browser posts to the app.

use serde::Serialize;

use super::Page;

/// Posts `fields` to `action`, by script where the browser runs it, else by its button `form-post-submit`.
///
/// The answer's `Content-Security-Policy` must allow `script-src` [`SCRIPT_CSP_SOURCE`] and no `form-action` narrower than `action`.
#[derive(Clone, Debug, Serialize)]
pub struct FormPostPage {
    /// The proven redirect URI.
    pub action: String,
    /// The response parameters, `(name, value)`, printed unchanged but escaped.
    pub fields: Vec<(String, String)>,
    /// Kept here and not in the template, because the policy's hash is over exactly these characters.
    script: &'static str,
}

/// The whole script of the page.
const SCRIPT: &str = "document.forms[0].submit();";

/// The source expression for `script-src` that allows the script and nothing else.
pub const SCRIPT_CSP_SOURCE: &str = "'sha256-8lDeP0UDwCO6/RhblgeH/ctdBzjVpJxrXizsnIk3cEQ='";

impl FormPostPage {
    pub fn new(action: impl Into<String>, fields: Vec<(String, String)>) -> Self {
        Self { action: action.into(), fields, script: SCRIPT }
    }
}

impl Page for FormPostPage {
    const TEMPLATE: &'static str = "pages/form_post.html";
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn the_policy_source_is_the_hash_of_the_script() {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, super::SCRIPT.as_bytes());
        assert_eq!(super::SCRIPT_CSP_SOURCE, format!("'sha256-{}'", STANDARD.encode(digest)));
    }
}
