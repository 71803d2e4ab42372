//! Pocketbook Wallet: the demo wallet app, a public client that proves itself by PKCE alone.

use tokio::net::TcpListener;
use url::Url;

use super::actions::Action;
use super::relying_party::RelyingPartySettings;
use super::serving::{Running, StartError};
use super::site::{self, Brand};
use super::vault;
use crate::crypto::clock::Clock;

pub const NAME: &str = "Pocketbook Wallet";
pub const LOGO: &str = include_str!("../../templates/demo/wallet.svg");

/// Registered for beside these, and asked for when it is needed.
pub const LATER: &[&str] = &[vault::SCOPE];
/// Scopes the app asks for, beside `openid`.
pub const SCOPES: &[&str] = &["profile", "email", "offline_access"];

pub struct WalletSettings {
    /// Bound already, to a loopback address; the app serves on it.
    pub listener: TcpListener,
    /// Under which browsers reach `listener`, such as `http://localhost:8082`.
    pub base_url: Url,
    pub issuer: String,
    pub client_id: String,
    pub clock: Clock,
}

pub fn start(settings: WalletSettings) -> Result<Running, StartError> {
    let party = RelyingPartySettings {
        issuer: settings.issuer,
        client_id: settings.client_id,
        client_secret: None,
        base_url: settings.base_url,
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        clock: settings.clock,
    };
    site::start(settings.listener, &BRAND, party)
}

static BRAND: Brand = Brand {
    name: NAME,
    tagline: "Your coins, where you expect them.",
    cookie: "wallet_session",
    style: include_str!("../../templates/demo/wallet.css"),
    logo: LOGO,
    action: Action { scope: vault::SCOPE, done: "Sent: 0.0100 BTC. (Nothing really moved.)", by_api: true },
    panel: "wallet_panel.html",
    pitch: "wallet_pitch.html",
};
