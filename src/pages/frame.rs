//! What surrounds every page: the language, the form token, who is signed in and which app asked.

use serde::Serialize;

use super::{Locale, Message, untrusted};
use crate::domain::time::Timestamp;

/// Everything a page needs that is not its own subject. Built by the HTTP floor for each request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Frame {
    pub locale: Locale,
    /// The form token bound to the session; put as hidden field `csrf` into every form.
    pub csrf: Option<String>,
    /// The opaque interaction id; put as hidden field `interaction` into every form of a flow, and as `?interaction=` into its links.
    pub interaction: Option<String>,
    /// Display address of the person logged in, if any.
    pub signed_in_as: Option<String>,
    /// The app that sent the person here. Shown on the pages of an interaction.
    pub app: Option<AppBadge>,
    /// Path and query of this page, where the language switch comes back to. A path of our own, never taken from a parameter.
    pub path: String,
    /// A confirmation shown once above the content ("Your profile is saved").
    pub notice: Option<Message>,
    /// Shown on the pages of the account where it matters.
    pub hold: Option<HoldNotice>,
}

/// A hold that still runs.
#[derive(Clone, Debug, Serialize)]
pub struct HoldNotice {
    pub until: Timestamp,
    pub now: Timestamp,
}

/// A client as a person sees it. Nothing here is trusted text: templates bound it, isolate its direction and escape it.
#[derive(Clone, Debug, Serialize)]
pub struct AppBadge {
    #[serde(serialize_with = "untrusted::as_name")]
    pub name: String,
    /// Where the logo is served from (our own proxy). Anything but `https:`, `http:` or a path of ours is not shown.
    pub logo_url: Option<String>,
    /// Names the style sheet with the colour that the operator gave it: six hexadecimal digits.
    pub accent: Option<String>,
    pub home_url: Option<String>,
    pub policy_url: Option<String>,
    pub tos_url: Option<String>,
    /// Whether an operator vouches for the name. Self-registered clients are not verified.
    pub verified: bool,
    /// The host the answer goes to, or the whole custom scheme (`com.example.wallet:`), so that a look-alike name shows itself.
    pub host: String,
}

impl Frame {
    pub fn new(locale: Locale, path: impl Into<String>) -> Self {
        Self { locale, path: path.into(), ..Self::default() }
    }

    pub fn with_csrf(mut self, token: impl Into<String>) -> Self {
        self.csrf = Some(token.into());
        self
    }

    pub fn with_interaction(mut self, id: impl Into<String>) -> Self {
        self.interaction = Some(id.into());
        self
    }

    pub fn with_app(mut self, app: AppBadge) -> Self {
        self.app = Some(app);
        self
    }

    pub fn signed_in_as(mut self, email: impl Into<String>) -> Self {
        self.signed_in_as = Some(email.into());
        self
    }

    pub fn with_notice(mut self, notice: Message) -> Self {
        self.notice = Some(notice);
        self
    }
}
