//! `/mfa/lost` and `/recovery`.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::time::Timestamp;

/// `/mfa/lost`. Button `lost-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct LostPage {
    /// How long a recovery takes at least.
    pub hours: i64,
    pub errors: FieldErrors,
}

/// The link is on its way.
#[derive(Clone, Debug, Serialize)]
pub struct LostSentPage {}

/// `/recovery/start`. Posts `token`; button `recovery-start-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct StartRecoveryPage {
    pub token: String,
    pub hours: i64,
}

/// It runs.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryBegunPage {
    pub ripe_at: Timestamp,
}

/// `/recovery/cancel`. Posts `token`; button `recovery-cancel-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct CancelRecoveryPage {
    pub token: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCancelledPage {}

/// `/recovery/finish`. Posts `token` and `password`; button `recovery-finish-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct FinishRecoveryPage {
    pub token: String,
    pub errors: FieldErrors,
}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    LostPage => "pages/mfa_lost.html",
    LostSentPage => "pages/mfa_lost_sent.html",
    StartRecoveryPage => "pages/recovery_start.html",
    RecoveryBegunPage => "pages/recovery_begun.html",
    CancelRecoveryPage => "pages/recovery_cancel.html",
    RecoveryCancelledPage => "pages/recovery_cancelled.html",
    FinishRecoveryPage => "pages/recovery_finish.html",
}
