//! What a person proves themselves with beside the password.

pub mod sms;
