//! The pure rules of the product: no I/O, no clock, no random.

pub mod address;
pub mod authentication;
pub mod authenticator;
pub mod authorization_request;
pub mod claims;
pub mod claims_request;
pub mod client;
pub mod consent;
pub mod email;
pub mod error;
pub mod grant;
pub mod hold;
pub mod ids;
pub mod jose;
pub mod next_step;
pub mod parameters;
pub mod phrase;
pub mod pkce;
pub mod policy;
pub mod profile;
pub mod proxy;
pub mod redirect_uri;
pub mod scope;
pub mod time;
pub mod user;
