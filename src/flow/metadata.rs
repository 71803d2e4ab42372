//! The discovery document (OpenID Connect Discovery section 3, RFC 8414) and the JWK set.

use serde_json::{Map, Value, json};

use super::karat::Karat;
use crate::config::RegistrationMode;
use crate::domain::authentication::Acr;
use crate::domain::authorization_request::Prompt;
use crate::domain::jose::AssertionAlgorithm;
use crate::domain::{claims, scope, verified_claims};

/// How clients prove who they are; the last is no proof.
const METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

impl Karat {
    pub fn discovery(&self) -> Value {
        let mut document = self.openid_configuration();
        if self.settings.client_registration.mode != RegistrationMode::Off {
            document["registration_endpoint"] = json!(self.issuer.join("/clients"));
        }
        if let (Value::Object(document), Some(more)) = (&mut document, self.identity_assurance()) {
            document.extend(more);
        }
        document
    }

    fn openid_configuration(&self) -> Value {
        let at = |path: &str| self.issuer.join(path);
        let algorithms: Vec<_> = self.keys.ring().algorithms().iter().map(|alg| alg.as_str()).collect();
        let signed_by = AssertionAlgorithm::ALL.map(AssertionAlgorithm::as_str);
        let mut claim_names =
            vec!["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "hold_until"];
        claim_names.extend(claims::supported());
        if self.settings.kyc.enabled {
            claim_names.push(verified_claims::VERIFIED_CLAIMS);
        }
        json!({
            "issuer": self.issuer(),
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "introspection_endpoint": at("/introspect"),
            "revocation_endpoint": at("/revoke"),
            "end_session_endpoint": at("/logout"),
            "scopes_supported": scope::STANDARD,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "subject_types_supported": ["public", "pairwise"],
            "acr_values_supported": self.settings.policy.classes().map(Acr::as_str).collect::<Vec<_>>(),
            "id_token_signing_alg_values_supported": algorithms,
            "userinfo_signing_alg_values_supported": algorithms,
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": signed_by,
            // Who proves nothing scans no tokens.
            "introspection_endpoint_auth_methods_supported": &METHODS[..3],
            "introspection_endpoint_auth_signing_alg_values_supported": signed_by,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": signed_by,
            "display_values_supported": ["page", "popup", "touch", "wap"],
            "prompt_values_supported": Prompt::ALL.map(Prompt::as_str),
            "claim_types_supported": ["normal"],
            "claims_supported": claim_names,
            "claims_parameter_supported": true,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": true,
            "require_request_uri_registration": true,
            "request_object_signing_alg_values_supported": signed_by,
            "ui_locales_supported": crate::pages::Locale::ALL.map(|locale| locale.tag()),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        })
    }

    /// OpenID Connect for Identity Assurance 1.0, OP metadata; nothing where nobody is verified.
    fn identity_assurance(&self) -> Option<Map<String, Value>> {
        if !self.settings.kyc.enabled {
            return None;
        }
        let documents: Vec<_> = verified_claims::documents().map(|kind| kind.as_str()).collect();
        let members = [
            ("trust_frameworks_supported", json!([self.trust_framework()])),
            ("claims_in_verified_claims_supported", json!(verified_claims::CLAIMS)),
            ("evidence_supported", json!(verified_claims::EVIDENCE)),
            ("documents_supported", json!(documents)),
            ("documents_check_methods_supported", json!(verified_claims::CHECK_METHODS.map(|method| method.as_str()))),
        ];
        Some(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub fn jwks(&self) -> Value {
        self.keys.ring().jwks(self.now())
    }
}
