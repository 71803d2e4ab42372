//! `verified_claims` of OpenID Connect for Identity Assurance 1.0: what was verified about a person, by whom, how and when, told to an
//! app as far as it asked for it.
//!
//! ```text
//! claims parameter --parse--> Request --within_registration, consent--> grant
//! Identity + Standing --datasets--> one for each level that counts, the highest first
//! Request + datasets --answer--> what goes into the ID token or the userinfo answer, or nothing
//! ```
//! The schema of the answer is that of OpenID Identity Assurance Schema Definition 1.0.

mod constraint;
mod dataset;
mod filter;
mod request;
mod vocabulary;

pub use dataset::{Dataset, datasets};
pub use filter::answer;
pub use request::Request;
pub use vocabulary::{CHECK_METHODS, CLAIMS, EVIDENCE, LEAST_TIER, assurance_level, documents};

/// The name of the claim, and of the member of the `claims` parameter that asks for it.
pub const VERIFIED_CLAIMS: &str = "verified_claims";
