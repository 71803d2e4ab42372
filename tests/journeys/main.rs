//! Whole stories in a real browser: Chromium, the demo apps and a provider.

#[path = "../support/chromium.rs"]
#[allow(dead_code)] // shared with the other browser tests
mod chromium;
mod demo_pages;
#[path = "../support/fake_provider.rs"]
#[allow(dead_code)]
mod fake_provider;
#[path = "../support/folder.rs"]
mod folder;
