//! What an app asks for when it registers itself (RFC 7591 section 2, OpenID Connect Dynamic Registration section 2), read from JSON. What
//! nobody here knows is dropped; what is known and would be missed when dropped is refused.

use serde_json::{Map, Value};

use crate::config::ClientSection;
use crate::crypto::keyring::strict_json;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Seconds;
use crate::flow::clients::Refusal;

const MOST_ITEMS: usize = 100;

/// Encryption and bindings to keys: an app that asks for them relies on them.
const NOT_HAD: [&str; 9] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
    "require_pushed_authorization_requests",
];

/// Read, and of the right types; not yet judged.
pub(super) struct Asked {
    pub metadata: Map<String, Value>,
    /// Fields of RFC 7592 section 2.2.
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub logo_uri: Option<String>,
    wanted: ClientSection,
}

impl Asked {
    /// `None` for what is no JSON object, or has a name twice.
    pub fn read(body: &[u8]) -> Option<Result<Self, Vec<Refusal>>> {
        let metadata = strict_json::object(body)?;
        let mut reader = Reader { given: &metadata, refusals: Vec::new() };
        let wanted = reader.section();
        let (client_id, client_secret) = (reader.text("client_id"), reader.text("client_secret"));
        let logo_uri = reader.text("logo_uri");
        let refusals = reader.refusals;
        Some(match refusals.is_empty() {
            true => Ok(Self { metadata, client_id, client_secret, logo_uri, wanted }),
            false => Err(refusals),
        })
    }

    /// `base` with everything replaced that an app may say of itself; what it leaves out is taken away.
    pub fn over(&self, base: ClientSection) -> ClientSection {
        let wanted = self.wanted.clone();
        ClientSection {
            kind: wanted.kind,
            client_name: wanted.client_name,
            token_endpoint_auth_method: wanted.token_endpoint_auth_method,
            token_endpoint_auth_signing_alg: wanted.token_endpoint_auth_signing_alg,
            jwks: wanted.jwks,
            jwks_uri: wanted.jwks_uri,
            request_object_signing_alg: wanted.request_object_signing_alg,
            require_signed_request_object: wanted.require_signed_request_object,
            request_uris: wanted.request_uris,
            grant_types: wanted.grant_types,
            redirect_uris: wanted.redirect_uris,
            post_logout_redirect_uris: wanted.post_logout_redirect_uris,
            backchannel_logout_uri: wanted.backchannel_logout_uri,
            scope: wanted.scope,
            id_token_signed_response_alg: wanted.id_token_signed_response_alg,
            userinfo_signed_response_alg: wanted.userinfo_signed_response_alg,
            subject_type: wanted.subject_type,
            sector_identifier_uri: wanted.sector_identifier_uri,
            default_acr_values: wanted.default_acr_values,
            default_max_age: wanted.default_max_age,
            require_auth_time: wanted.require_auth_time,
            client_uri: wanted.client_uri,
            policy_uri: wanted.policy_uri,
            tos_uri: wanted.tos_uri,
            ..base
        }
    }
}

struct Reader<'a> {
    given: &'a Map<String, Value>,
    refusals: Vec<Refusal>,
}

impl Reader<'_> {
    fn section(&mut self) -> ClientSection {
        self.refuse_what_would_be_missed();
        self.check_response_types();
        ClientSection {
            kind: self.kind(),
            client_name: self.text("client_name"),
            // RFC 7591 section 2: the defaults of what is left out.
            token_endpoint_auth_method: self
                .text("token_endpoint_auth_method")
                .or_else(|| Some("client_secret_basic".to_owned())),
            token_endpoint_auth_signing_alg: self.text("token_endpoint_auth_signing_alg"),
            jwks: self.present("jwks").cloned(),
            jwks_uri: self.text("jwks_uri"),
            request_object_signing_alg: self.text("request_object_signing_alg"),
            require_signed_request_object: self.flag("require_signed_request_object"),
            request_uris: self.texts("request_uris").unwrap_or_default(),
            grant_types: self.texts("grant_types").or_else(|| Some(vec!["authorization_code".to_owned()])),
            redirect_uris: self.texts("redirect_uris").unwrap_or_default(),
            post_logout_redirect_uris: self.texts("post_logout_redirect_uris").unwrap_or_default(),
            backchannel_logout_uri: self.text("backchannel_logout_uri"),
            scope: self.text("scope"),
            id_token_signed_response_alg: self.text("id_token_signed_response_alg"),
            userinfo_signed_response_alg: self.text("userinfo_signed_response_alg"),
            subject_type: self.text("subject_type"),
            sector_identifier_uri: self.text("sector_identifier_uri"),
            default_acr_values: self.texts("default_acr_values").unwrap_or_default(),
            default_max_age: self.seconds("default_max_age"),
            require_auth_time: self.flag("require_auth_time"),
            client_uri: self.text("client_uri"),
            policy_uri: self.text("policy_uri"),
            tos_uri: self.text("tos_uri"),
            ..ClientSection::default()
        }
    }

    fn kind(&mut self) -> ApplicationType {
        match self.text("application_type").as_deref() {
            None | Some("web") => ApplicationType::Web,
            Some("native") => ApplicationType::Native,
            Some(_) => {
                self.refuse("application_type", "must be \"web\" or \"native\"");
                ApplicationType::Web
            }
        }
    }

    fn refuse_what_would_be_missed(&mut self) {
        for name in NOT_HAD {
            if self.present(name).is_some_and(|value| *value != Value::Bool(false)) {
                self.refuse(name, "is not available here");
            }
        }
    }

    /// The code flow is the only one (RFC 7591 section 2.1: types of answers fit the grants).
    fn check_response_types(&mut self) {
        let Some(types) = self.texts("response_types") else { return };
        if types.iter().any(|one| one != "code") {
            self.refuse("response_types", "only \"code\" is available");
        }
    }

    /// RFC 7592 section 2.2: null is as good as left out.
    fn present(&self, name: &str) -> Option<&Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.present(name)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.refuse(name, "must be a text");
        }
        text
    }

    fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let value = self.present(name)?;
        let items = value.as_array().filter(|items| items.len() <= MOST_ITEMS);
        let texts = items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        if texts.is_none() {
            self.refuse(name, "must be a list of at most 100 texts");
        }
        texts
    }

    fn seconds(&mut self, name: &'static str) -> Option<Seconds> {
        let value = self.present(name)?;
        let seconds = value.as_i64().filter(|seconds| *seconds >= 0).map(Seconds);
        if seconds.is_none() {
            self.refuse(name, "must be a number of seconds");
        }
        seconds
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.present(name)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.refuse(name, "must be true or false");
        }
        flag
    }

    fn refuse(&mut self, key: &str, message: &str) {
        self.refusals.push(Refusal { key: key.to_owned(), message: message.to_owned() });
    }
}
