//! What an app asks for and the person cannot have now, whatever they do.

use serde::Serialize;

use super::Page;
use crate::domain::policy::{Refusal, Withheld};
use crate::domain::time::Timestamp;

/// `/unavailable`. Buttons `unavailable-continue` (go on without) and `unavailable-back` (back to the app).
#[derive(Clone, Debug, Serialize)]
pub struct UnavailablePage {
    pub held: Vec<HeldScope>,
    pub now: Timestamp,
    /// When the last of the waits is over; the page counts down to it.
    pub until: Option<Timestamp>,
    /// What the hold began with: what stands after `hold-cause-` in the key of its words.
    pub cause: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct HeldScope {
    pub name: String,
    pub why: HeldBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    Region,
    Hold,
    SettingsLock,
}

impl UnavailablePage {
    pub fn new(refusals: &[Refusal], cause: Option<&'static str>, now: Timestamp) -> Self {
        let held = refusals.iter().map(|refusal| HeldScope { name: refusal.scope.clone(), why: held_by(refusal) });
        let ends = refusals.iter().flat_map(|refusal| &refusal.why).filter_map(|why| match why {
            Withheld::Hold(until) => Some(*until),
            _ => None,
        });
        Self { held: held.collect(), now, until: ends.max(), cause }
    }
}

/// The weightiest reason.
fn held_by(refusal: &Refusal) -> HeldBy {
    if refusal.is_closed_by_region() {
        HeldBy::Region
    } else if refusal.why.contains(&Withheld::SettingsLocked) {
        HeldBy::SettingsLock
    } else {
        HeldBy::Hold
    }
}

impl Page for UnavailablePage {
    const TEMPLATE: &'static str = "pages/unavailable.html";

    fn is_scripted(&self) -> bool {
        self.until.is_some()
    }
}
