//! What a person does with the own account, from registering to deleting it.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod applications;
mod approval;
mod apps;
mod data;
mod delete;
mod email;
mod freeze;
mod holds;
mod imported;
mod leaving;
mod locking;
mod log_in;
mod meanwhile;
mod passkeys;
mod password;
mod password_reset;
mod person;
mod profile;
mod recovery;
mod recovery_codes;
mod registration;
mod registration_proofs;
mod remembered;
mod review;
mod review_deciding;
mod review_list;
mod second_factor;
mod security_page;
mod sessions;
mod terms;
mod throttle;
mod verification;
mod verification_time;
mod verified;
mod verifying_for_an_app;
