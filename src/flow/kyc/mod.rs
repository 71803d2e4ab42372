//! Verification: applications, what becomes known of them, and what that does to a person's rights.
//!
//! Everything that changes a standing goes through [`Karat::record_finding`]: it computes, writes the history, and tells the person
//! and the apps, in one change.
//!
//! [`Karat::record_finding`]: super::karat::Karat::record_finding

mod applications;
pub mod dossier;
pub mod draft;
mod due;
pub mod entries;
mod farewell;
mod fingerprints;
mod hand_over;
pub mod papers;
pub mod pictures;
mod providers;
mod record;
pub mod review;
mod rules;
pub mod staff;
mod steps;
mod tell;
pub mod uploads;
mod verdict;

pub use applications::{NotBegun, Submitted};
pub use draft::Draft;
pub use providers::WebhookRefused;
pub use record::{Actor, Cause, Changed, Subject};
pub use steps::{Application, Mark, Step};
pub use verdict::{Verdict, Verified};
