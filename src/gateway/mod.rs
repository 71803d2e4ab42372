//! The world outside.
