//! HTTP: one file an endpoint, `routes.rs` the table of every URL.
//!
//! ```text
//! routes     every URL and who answers it
//! web        what handlers share
//! visit      a browser's request: its cookies, its session, its language
//! form       a form that was posted from one of our own pages
//! reply      answers: pages, redirects, JSON, with the headers each of them needs
//! error      what people and apps are told when something is wrong
//! guard      the layer around everything: host, limits, error pages
//! access     the layer around that: request id, one line in the log
//! leftover   the layer around all: what is still sent when a request is already refused
//! hooks      what other services post to us, signed
//! health     whether the process lives and can work
//! serve      sockets and their limits
//! doorman    who may connect
//! tls        the certificate
//! trace      the outermost span of a request, for who traces
//! ```

pub mod access;
pub mod account;
pub mod admin;
pub mod cookies;
pub mod doorman;
pub mod error;
pub mod form;
pub mod guard;
pub mod health;
pub mod hooks;
pub mod leftover;
pub mod metrics;
pub mod multipart;
pub mod oidc;
pub mod reply;
pub mod routes;
pub mod serve;
pub mod tls;
mod trace;
pub mod visit;
pub mod web;

pub use routes::router;
pub use web::Web;
