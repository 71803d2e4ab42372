//! What a demo app says when something did not work.

use super::relying_party::RelyingPartyError;
use super::sessions::Notice;

/// Says in plain words what went wrong; the provider's own words and code follow.
pub(super) fn notice_of(error: &RelyingPartyError) -> Notice {
    let (title, detail, code) = match error {
        RelyingPartyError::Refused { code, description } => {
            let title = match code.as_str() {
                "access_denied" => "You did not allow it, so nothing was shared.",
                "login_required" => "You are not logged in at Karat.",
                "consent_required" => "Karat needs your consent first.",
                "interaction_required" | "account_selection_required" => "Karat needs to ask you something first.",
                "unmet_authentication_requirements" => "Karat cannot log you in as strongly as asked.",
                "invalid_grant" => "Karat does not honour these tokens any more. Please log in again.",
                "temporarily_unavailable" | "server_error" => "Karat has trouble at the moment. Try again shortly.",
                _ => "Karat refused the request.",
            };
            (title, description.clone(), Some(code.clone()))
        }
        RelyingPartyError::Discovery(reason) => ("Karat cannot be reached at the moment.", reason.to_string(), None),
        RelyingPartyError::Untrusted(reason) => ("This answer was not accepted.", reason.clone(), None),
        RelyingPartyError::Call(reason) => ("The call to Karat failed.", reason.clone(), None),
        RelyingPartyError::Setting(..) => ("That cannot be asked for.", error.to_string(), None),
    };
    Notice::Problem { title: title.to_owned(), detail, code }
}

pub(super) fn still_missing() -> Notice {
    Notice::Problem {
        title: "Karat has not allowed that yet.".to_owned(),
        detail: "You can go on with everything else, and ask again whenever you like.".to_owned(),
        code: None,
    }
}
