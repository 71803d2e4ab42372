//! What an operator gets: the command line, the background loops, the server as a process.

#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../support/smtp.rs"]
mod smtp;

mod backups;
mod care;
mod client_imports;
mod client_invitations;
mod commands;
mod demo_data;
mod doctor;
mod doors;
mod imports;
mod key_rotation;
mod kill;
mod kyc;
mod listening_app;
mod metrics;
mod outbox;
mod process;
mod receiver;
mod roles;
mod secrets;
mod security_events;
mod server;
mod sms;
mod traces;
mod visitor;
mod webhooks;
