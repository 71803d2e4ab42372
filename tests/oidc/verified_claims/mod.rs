//! `verified_claims` (OpenID Connect for Identity Assurance 1.0): the rules by vectors and by laws, and the way through the server.

mod delivery;
mod laws;
pub mod schema;
mod vectors;
