//! The pure rules of the product: no I/O, no clock, no random.

pub mod time;
