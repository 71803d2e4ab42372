//! What the attacks by signed requests share.

use crate::support::{Browser, Page, RelyingParty};

/// Where the app hears of a refusal.
pub const BACK: &str = "https://app.test/cb?";

/// With the parameters beside it that let the app hear of a refusal.
pub async fn shown(rp: &RelyingParty<'_>, name: &str, object: &str) -> Page {
    Browser::new(&rp.app.base).get(&rp.authorize_path(&[(name, object)])).await
}

pub fn accepted(page: &Page, case: &str) {
    assert_eq!(page.path(), "/login", "{case}: {}", page.url);
}
