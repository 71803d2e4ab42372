//! Tidewater Exchange: the demo trading app, a confidential client that authenticates by `client_secret_basic`.

use tokio::net::TcpListener;
use url::Url;

use super::actions::Action;
use super::relying_party::RelyingPartySettings;
use super::serving::{Running, StartError};
use super::site::{self, Brand};
use crate::crypto::clock::Clock;

pub const NAME: &str = "Tidewater Exchange";
pub const LOGO: &str = include_str!("../../templates/demo/trading.svg");

/// Registered for beside these, and asked for when it is needed.
pub const LATER: &[&str] = &["trade:spot"];
/// Scopes the app asks for, beside `openid`.
pub const SCOPES: &[&str] = &["profile", "email", "phone", "address", "offline_access"];

pub struct TradingSettings {
    /// Bound already, to a loopback address; the app serves on it.
    pub listener: TcpListener,
    /// Under which browsers reach `listener`, such as `http://localhost:8081`.
    pub base_url: Url,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub clock: Clock,
}

pub fn start(settings: TradingSettings) -> Result<Running, StartError> {
    let party = RelyingPartySettings {
        issuer: settings.issuer,
        client_id: settings.client_id,
        client_secret: Some(settings.client_secret),
        base_url: settings.base_url,
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        clock: settings.clock,
    };
    site::start(settings.listener, &BRAND, party)
}

static BRAND: Brand = Brand {
    name: NAME,
    tagline: "Trade with the tide, not against it.",
    cookie: "trading_session",
    style: include_str!("../../templates/demo/trading.css"),
    logo: LOGO,
    action: Action { scope: "trade:spot", done: "Bought: 0.0100 BTC. (Nothing really moved.)", by_api: false },
    panel: "trading_panel.html",
    pitch: "trading_pitch.html",
};
