//! The demo: a trading app and a wallet app that log people in with Karat, and a desk that shows the way.
//!
//! Both apps are real relying parties. They know of Karat only what any app knows: its issuer, their client id and
//! (the trading app) a client secret. Nothing here reaches into the provider, so what works here works for a stranger.
//!
//! ```text
//! trading.rs wallet.rs   one app each: brand, settings, the mock panel
//! site.rs                the pages and URLs which both apps share
//! actions.rs             the main button: asking for what it takes, doing it, losing it
//! relying_party.rs       OpenID Connect: log in, refresh, userinfo, log out
//! pending.rs tokens.rs   a log-in on its way, and what comes of it
//! notices.rs             what went wrong, in plain words
//! provider.rs            discovery and keys of the provider, fetched when first needed
//! id_token.rs            what an ID token must prove
//! logout_token.rs        what a back-channel logout must prove
//! vault*.rs              the wallet's own API, and how it is called
//! security_event.rs      word from the provider that a person's rights have changed
//! sessions.rs            who is logged in at the app, in memory
//! views.rs render.rs     contexts of the pages, and how they are rendered
//! claims_view.rs         tokens as tables that people can read
//! desk.rs                index, test log-ins and the outbox of mails
//! serving.rs             loopback only, own pages only, stopped in good order
//! people.rs              the ready-made people
//! ```

mod actions;
mod claims_view;
pub mod desk;
mod id_token;
mod logout_token;
mod notices;
mod pending;
pub mod people;
mod provider;
pub mod relying_party;
mod render;
mod security_event;
mod serving;
mod sessions;
mod site;
mod tokens;
pub mod trading;
mod vault;
mod vault_calls;
mod views;
pub mod wallet;

pub use actions::EVENTS_PATH;
pub use people::people;
pub use relying_party::{BACKCHANNEL_LOGOUT_PATH, POST_LOGOUT_PATH, REDIRECT_PATH};
pub use serving::{Running, StartError};
