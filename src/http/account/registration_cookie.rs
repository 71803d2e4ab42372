//! What the browser keeps between registering and proving the address: the ticket of the registration, and the
//! interaction to go on with afterwards.

use axum::http::HeaderMap;

use crate::crypto::token::OpaqueToken;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;

pub struct Registering {
    pub ticket: OpaqueToken,
    pub interaction: Option<String>,
}

impl Registering {
    pub fn read(headers: &HeaderMap, visit: &Visit) -> Option<Self> {
        let text = Cookie::Registration.read(headers, visit.web.is_https())?;
        let (ticket, interaction) = match text.split_once('.') {
            Some((ticket, interaction)) => (ticket, OpaqueToken::parse(interaction)),
            None => (text.as_str(), None),
        };
        let interaction = interaction.map(|id| id.expose().to_owned());
        Some(Self { ticket: OpaqueToken::parse(ticket)?, interaction })
    }

    pub fn keep(&self, visit: &mut Visit) {
        let text = match &self.interaction {
            Some(interaction) => format!("{}.{interaction}", self.ticket.expose()),
            None => self.ticket.expose().to_owned(),
        };
        let lifetime = visit.web.karat.settings.registration.verification_lifetime;
        visit.set_cookie(Cookie::Registration, &text, Some(lifetime));
    }
}
