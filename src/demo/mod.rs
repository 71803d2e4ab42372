//! The demo apps.
