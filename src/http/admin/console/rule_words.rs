//! What the rules for apps refuse, in the words of whoever fills in the form: one text a field, which says all that the field takes.

use crate::flow::clients::Refusal;
use crate::pages::admin::clients::AppKind;
use crate::pages::{FieldError, Message, keys};

/// Beside the field of the form; above all of them what the form has no field for.
pub fn beside(refusal: &Refusal, kind: AppKind) -> FieldError {
    let (name, index) = match refusal.key.split_once('[') {
        Some((name, rest)) => (name, rest.trim_end_matches(']').parse::<u32>().ok()),
        None => (refusal.key.as_str(), None),
    };
    let line = |key: &'static str| Message::new(key).with("line", index.unwrap_or_default().saturating_add(1));
    let (field, message) = match (name, index) {
        ("client_id", _) => ("client_id", Message::new(keys::RULE_CLIENT_ID)),
        ("client_name", _) => ("client_name", Message::new(keys::RULE_CLIENT_NAME)),
        ("redirect_uris", Some(_)) if kind == AppKind::Native => ("redirect_uris", line(keys::RULE_NATIVE_URI)),
        ("redirect_uris", Some(_)) => ("redirect_uris", line(keys::RULE_URI)),
        ("redirect_uris", None) => ("redirect_uris", Message::new(keys::RULE_URIS)),
        ("post_logout_redirect_uris", Some(_)) if kind == AppKind::Native => {
            ("post_logout_redirect_uris", line(keys::RULE_NATIVE_URI))
        }
        ("post_logout_redirect_uris", Some(_)) => ("post_logout_redirect_uris", line(keys::RULE_URI)),
        ("post_logout_redirect_uris", None) => ("post_logout_redirect_uris", Message::new(keys::RULE_URIS)),
        ("backchannel_logout_uri", _) => ("backchannel_logout_uri", Message::new(keys::WEBHOOK_URL)),
        ("scope", _) if kind == AppKind::Service => ("scope", Message::new(keys::RULE_SERVICE_SCOPE)),
        ("scope", _) => ("scope", Message::new(keys::RULE_SCOPE)),
        ("audience", _) => ("audience", Message::new(keys::RULE_AUDIENCE)),
        ("consent", _) => ("consent", Message::new(keys::RULE_CONSENT)),
        ("client_uri", _) => ("client_uri", Message::new(keys::RULE_LINK)),
        ("policy_uri", _) => ("policy_uri", Message::new(keys::RULE_LINK)),
        ("tos_uri", _) => ("tos_uri", Message::new(keys::RULE_LINK)),
        ("accent_color", _) => ("accent_color", Message::new(keys::RULE_COLOUR)),
        // Set by other doors, and refused since: the words are those of the configuration.
        _ => {
            let detail = format!("{} {}", refusal.key, refusal.message);
            (FieldError::FORM, Message::new(keys::ADMIN_REFUSED).with("detail", detail))
        }
    };
    FieldError::on(field, message)
}
