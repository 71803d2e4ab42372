//! `/freeze`, `/frozen` and `/unfreeze`.

use serde::Serialize;

use super::Page;
use crate::domain::time::Timestamp;

/// Where the link of a mail lands, and `/account/security/freeze`. Posts `token`, if there is one, to the same address; button `freeze-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct FreezePage {
    /// That of the link; `None` for somebody logged in.
    pub token: Option<String>,
}

/// The account is frozen now.
#[derive(Clone, Debug, Serialize)]
pub struct FrozenPage {}

/// What a right password meets while the account is frozen.
#[derive(Clone, Debug, Serialize)]
pub struct StillFrozenPage {
    pub since: Timestamp,
}

/// Where the link that unfreezes lands. Posts `token` to `/unfreeze`; button `unfreeze-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct UnfreezePage {
    pub token: String,
}

impl Page for FreezePage {
    const TEMPLATE: &'static str = "pages/freeze.html";
}

impl Page for FrozenPage {
    const TEMPLATE: &'static str = "pages/frozen.html";
}

impl Page for StillFrozenPage {
    const TEMPLATE: &'static str = "pages/still_frozen.html";
}

impl Page for UnfreezePage {
    const TEMPLATE: &'static str = "pages/unfreeze.html";
}
