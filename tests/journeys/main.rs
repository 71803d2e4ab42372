//! Whole stories in a real browser: Chromium, the demo apps and a provider.

mod administering;
#[path = "../support/chromium.rs"]
mod chromium;
mod demo_command;
mod demo_pages;
#[path = "../support/fake_provider.rs"]
#[allow(dead_code)] // shared with the tests of clients
mod fake_provider;
#[path = "../support/folder.rs"]
mod folder;
mod logging_in;
mod logging_out;
mod passkeys;
mod protecting;
mod registering;
mod second_factor;
mod sms;
mod stage;
mod step_up;
#[path = "../support/mod.rs"]
mod support;
mod verifying;
