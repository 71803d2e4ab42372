//! What an operator gets: the command line, the background loops, the server as a process.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/smtp.rs"]
#[allow(dead_code)]
mod smtp;

mod listening_app;
mod outbox;
