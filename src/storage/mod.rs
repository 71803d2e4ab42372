//! Durable and short-lived state.
