//! By which ways a browser may find an authenticator again: a hint that is handed back as it came (WebAuthn Level 3
//! section 5.8.4).

use webauthn_rs_proto::AuthenticatorTransport;

/// More than there are.
const MOST: usize = 8;

pub fn named(said: Option<&[AuthenticatorTransport]>) -> Vec<String> {
    let text = |transport: &AuthenticatorTransport| serde_json::to_value(transport).ok()?.as_str().map(str::to_owned);
    said.unwrap_or_default().iter().filter_map(text).take(MOST).collect()
}

pub fn known(names: &[String]) -> Option<Vec<AuthenticatorTransport>> {
    let transport = |name: &String| serde_json::from_value(serde_json::Value::String(name.clone())).ok();
    let known: Vec<_> = names.iter().filter_map(transport).collect();
    (!known.is_empty()).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_comes_back_as_it_was() {
        let said = [AuthenticatorTransport::Internal, AuthenticatorTransport::Hybrid];
        let names = named(Some(&said));
        assert_eq!(names, ["internal", "hybrid"]);
        assert_eq!(known(&names).as_deref(), Some(&said[..]));
        assert_eq!(known(&[]), None);
    }
}
