//! What programs of the operator's ask, with a token of their own.

pub mod policy;
