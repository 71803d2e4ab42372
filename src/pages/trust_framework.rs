//! `/trust-frameworks/exchange-kyc/v1`: what the levels of verification mean, for whoever relies on them.

use serde::Serialize;

use super::Page;

#[derive(Clone, Debug, Serialize)]
pub struct TrustFrameworkPage {
    /// The address of the page, which is the value of `trust_framework`.
    pub identifier: String,
    /// From low to high.
    pub levels: Vec<LevelMeant>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LevelMeant {
    /// The value of `kyc_level`.
    pub level: u8,
    /// The value of `assurance_level`; `None`: apps are told nothing of it as verified.
    pub assurance_level: Option<String>,
    /// What a person shows: keys `framework-proof-...` of the catalogue.
    pub proofs: Vec<&'static str>,
    /// `None`: it does not expire by itself.
    pub valid_minutes: Option<i64>,
}

impl Page for TrustFrameworkPage {
    const TEMPLATE: &'static str = "pages/trust_framework.html";
}
