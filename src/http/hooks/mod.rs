//! What others post to us when something has happened on their side. They are no browsers: no cookies, no form token; each
//! post proves itself by its signature, over the bytes as they came.

pub mod kyc;
pub mod sms;
