//! A registered client (relying party) and its rules. Every rule lives on the client; new clients get the strict choice.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::accent::Accent;
use super::ids::ClientId;
use super::jose::{Algorithm, AssertionAlgorithm};
use super::redirect_uri::{ApplicationType, RedirectUri};
use super::request_objects::RequestObjects;
use super::scope::Scope;
use super::time::Seconds;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    /// What people read on the log-in and consent pages.
    pub name: String,
    pub kind: ApplicationType,
    pub authentication: ClientAuthentication,
    /// What the client signs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<ClientKeys>,
    #[serde(default)]
    pub request_objects: RequestObjects,
    pub grant_types: BTreeSet<GrantType>,
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The widest scope the client may ever ask for.
    pub scope: Scope,
    /// The verified claims the client may ever ask for (`verified_claims`, [`super::verified_claims::CLAIMS`]).
    #[serde(default)]
    pub verified_claims: BTreeSet<String>,
    #[serde(default)]
    pub response_modes: ResponseModes,
    pub require_pkce: bool,
    pub id_token_alg: Algorithm,
    /// Userinfo is a signed JWT then (OpenID Connect Core section 5.3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_alg: Option<Algorithm>,
    #[serde(default)]
    pub subject: SubjectType,
    #[serde(default)]
    pub consent: ConsentRule,
    #[serde(default)]
    pub when_withheld: WhenWithheld,
    #[serde(default)]
    pub lifetimes: Lifetimes,
    #[serde(default)]
    pub demands: Demands,
    /// `aud` of access tokens; the issuer itself when none is named (RFC 9068 section 3).
    #[serde(default)]
    pub audience: Vec<String>,
    #[serde(default)]
    pub logout: LogoutRules,
    /// Where security event tokens go (RFC 8935).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_uri: Option<String>,
    #[serde(default)]
    pub pages: ClientPages,
    #[serde(default)]
    pub disabled: bool,
}

/// How the client proves who it is at the token endpoint (OpenID Connect Core section 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuthentication {
    ClientSecretBasic {
        secret: Vec<SecretHash>,
    },
    ClientSecretPost {
        secret: Vec<SecretHash>,
    },
    /// By a JWT signed with a key of its own (RFC 7523 section 2.2).
    PrivateKeyJwt {
        /// The only algorithm, when one was registered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        algorithm: Option<AssertionAlgorithm>,
        #[serde(default)]
        audience: AssertionAudience,
    },
    /// A public client.
    None,
}

/// Whom an assertion must be made out to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The token endpoint or the issuer (OpenID Connect Core section 9).
    #[default]
    Endpoint,
    /// The issuer, as a single text: made out to nobody else, it is of no use to anybody else (FAPI 2.0 Security Profile section 5.3.2.1).
    Issuer,
}

impl AssertionAudience {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Issuer => "issuer",
        }
    }
}

/// Where the client's public keys are (RFC 7591 section 2, `jwks` and `jwks_uri`): never in both places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKeys {
    /// A JWK set (RFC 7517 section 5).
    Set(Value),
    /// Fetched when they are needed.
    At(String),
}

/// By which name the client knows a person (OpenID Connect Core section 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// By the one that every such client knows.
    #[default]
    Public,
    /// By one of its sector's own: clients of other sectors cannot tell that it is the same person.
    Pairwise {
        /// A host name.
        sector: String,
        /// The document that names the redirect URIs of the sector; without one, they are all of one host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identifier_uri: Option<String>,
    },
}

impl SubjectType {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise { .. } => "pairwise",
        }
    }
}

impl ClientAuthentication {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::ClientSecretBasic { .. } => "client_secret_basic",
            Self::ClientSecretPost { .. } => "client_secret_post",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// The hex text of the SHA-256 digest of a client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(pub String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

impl GrantType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// Where the answer of the authorization endpoint travels (OAuth 2.0 Multiple Response Types section 2.1, Form Post
/// Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    #[default]
    Query,
    FormPost,
}

impl WhenWithheld {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::Narrow => "narrow",
            Self::Refuse => "refuse",
        }
    }
}

impl ResponseMode {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResponseModes(pub BTreeSet<ResponseMode>);

impl Default for ResponseModes {
    fn default() -> Self {
        Self(BTreeSet::from([ResponseMode::Query, ResponseMode::FormPost]))
    }
}

/// When the consent page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentRule {
    /// Once for each scope value, until withdrawn.
    #[default]
    Remembered,
    /// At every authorization.
    Always,
    /// Never: an app of the operator's own house.
    FirstParty,
}

/// What becomes of a request for scope that is withheld for something the person lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenWithheld {
    /// The person is led to what helps, and may go on with less.
    #[default]
    Guide,
    /// The app gets less at once.
    Narrow,
    /// The app gets an error.
    Refuse,
}

/// Lifetimes that differ from the deployment's; absent means the deployment's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetimes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_idle: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_absolute: Option<Seconds>,
}

/// What of the log-in an app asks for when its request says nothing else (OpenID Connect Dynamic Registration section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demands {
    /// `default_acr_values`: any of these will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// `default_max_age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Seconds>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutRules {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_uri: Option<String>,
    /// Whether grants with `offline_access` outlive the session (OpenID Connect Back-Channel Logout section 2.7). The
    /// strict choice is that they do not.
    pub keep_offline_access: bool,
}

/// What the hosted pages show of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientPages {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// The operator looked at who is behind the app.
    pub verified: bool,
    /// Whether a logo is stored with the client.
    pub has_logo: bool,
    /// Which one, if it was uploaded: the beginning of its SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_digest: Option<String>,
    /// What the pages of its log-ins have in place of the house's gold. Only the operator chooses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
}

impl Client {
    /// Where its logo is, on our own pages. Another logo is at another address, as browsers keep them for a while.
    pub fn logo_path(&self) -> Option<String> {
        let version = self.pages.logo_digest.as_ref().map(|digest| format!("?v={digest}")).unwrap_or_default();
        self.pages.has_logo.then(|| format!("/clients/{}/logo{version}", self.id))
    }

    pub fn is_public(&self) -> bool {
        self.authentication == ClientAuthentication::None
    }

    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The registered URI that allows the one that was asked for.
    pub fn allows_redirect_to(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered.matches(asked, self.kind))
    }

    pub fn allows_return_after_logout_to(&self, asked: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|registered| registered.matches(asked, self.kind))
    }
}
