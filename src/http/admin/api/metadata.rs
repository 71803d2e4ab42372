//! What a client is registered with, in the words of RFC 7591 section 2 and OpenID Connect Dynamic Registration section 2. No secret is
//! among it: secrets are made here and shown once.

use serde::{Deserialize, Serialize};

use super::named;
use crate::config::ClientSection;
use crate::domain::client::{AssertionAudience, ConsentRule, WhenWithheld};
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Seconds;

macro_rules! metadata {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)*) => {
        /// What is left out has the strict choice.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct ClientMetadata { $($(#[$attribute])* pub $field: $type,)* }

        impl ClientMetadata {
            pub fn of(section: ClientSection) -> Self {
                Self { $($field: section.$field,)* }
            }

            /// Replaces all of it; secrets and logo stay what they are.
            pub fn put_into(self, section: &mut ClientSection) {
                $(section.$field = self.$field;)*
            }
        }
    };
}

metadata! {
    #[schema(schema_with = named::kinds)]
    kind: ApplicationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint_auth_method: Option<String>,
    /// Of `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint_auth_signing_alg: Option<String>,
    /// Whom assertions must be made out to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    client_assertion_audience: Option<AssertionAudience>,
    /// A JWK set of public keys; not together with `jwks_uri`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    jwks: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<String>,
    /// Of the requests that it signs (RFC 9101): the only algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_object_signing_alg: Option<String>,
    /// No other request of it counts then.
    #[serde(skip_serializing_if = "Option::is_none")]
    require_signed_request_object: Option<bool>,
    /// Where it publishes requests that it signed.
    request_uris: Vec<String>,
    /// Userinfo is plain JSON when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    userinfo_signed_response_alg: Option<String>,
    /// `public` or `pairwise`.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sector_identifier_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_modes: Option<Vec<String>>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_offline_access: Option<bool>,
    /// Where security event tokens go (RFC 8935).
    #[serde(skip_serializing_if = "Option::is_none")]
    events_uri: Option<String>,
    /// The widest it may ever ask for, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// What of a person's verified identity it may ask for, claim by claim.
    verified_claims: Vec<String>,
    audience: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token_signed_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_pkce: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    consent: Option<ConsentRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    when_withheld: Option<WhenWithheld>,
    /// In seconds, as all lifetimes.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named::perhaps_seconds")]
    #[schema(value_type = Option<i64>)]
    access_token_lifetime: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named::perhaps_seconds")]
    #[schema(value_type = Option<i64>)]
    id_token_lifetime: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named::perhaps_seconds")]
    #[schema(value_type = Option<i64>)]
    refresh_idle_lifetime: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named::perhaps_seconds")]
    #[schema(value_type = Option<i64>)]
    refresh_absolute_lifetime: Option<Seconds>,
    default_acr_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named::perhaps_seconds")]
    #[schema(value_type = Option<i64>)]
    default_max_age: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tos_uri: Option<String>,
    /// The operator looked at who is behind the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    /// `#rrggbb`: on the pages of its log-ins in place of the house's gold, as far as they stay readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent_color: Option<String>,
}
