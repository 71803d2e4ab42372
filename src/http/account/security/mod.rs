//! `/account/security`: what protects the account.

pub mod enrol;
pub mod passkeys;
pub mod phone;
pub mod recovery_codes;
pub mod totp;

use axum::response::Response;

use super::notice::Notice;
use super::owner::OwnerVisit;
use super::within_interaction;
use crate::flow::authenticators::Verified;
use crate::flow::authorize::Interaction;
use crate::flow::login::{Accepted, Factor};
use crate::http::error::PageError;

/// Where an enrolment leads that no app asked for.
const ROOM: &str = "/account/security";

/// After an enrolment: the session is worth what was shown, who has no recovery codes is given some, and whoever was sent
/// here by an app goes back to it.
pub(super) async fn enrolled(
    mut at: OwnerVisit,
    verified: &Verified,
    interaction: Option<&Interaction>,
    notice: Notice,
) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let factor = Factor::Session(Box::new(at.signed_in.clone()));
    match karat.accept_factor(&factor, verified, &at.visit.browser, Some(&at.signed_in)).await? {
        Accepted::SignedIn(begun) => at.visit.sign_in(begun.signed_in, &begun.token, begun.device.as_ref()),
        Accepted::Pending | Accepted::AwaitsApproval | Accepted::Gone => return Ok(at.visit.see_other("/login")),
    }
    if interaction.is_none() && at.is_setting_up() {
        return Ok(at.go("/setup", notice));
    }
    let codes = karat.store.recovery_codes_of(verified.user_id()).await?;
    let path = match (codes.left, interaction) {
        (0, _) => {
            let path = within_interaction("/account/security/recovery-codes", interaction);
            return Ok(at.go(&path, notice));
        }
        (_, Some(interaction)) => format!("/authorize/{}", interaction.id),
        (_, None) => return Ok(at.go(ROOM, notice)),
    };
    Ok(at.visit.see_other(&path))
}
