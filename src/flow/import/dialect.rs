//! Clients as other products write them down, brought into the words of RFC 7591 that the rules for registering read. What has no
//! counterpart is listed, never dropped in silence.

use serde_json::{Map, Value, json};

use super::clients::{Foreign, LeftBehind};
use crate::config::ClientSection;
use crate::domain::client::GrantType;
use crate::domain::jose::AssertionAlgorithm;
use crate::domain::redirect_uri::{ApplicationType, RedirectUri};
use crate::domain::scope::{OFFLINE_ACCESS, STANDARD};

/// Whose export it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Dynamic registration's own words, as many products answer them.
    Rfc7591,
    Keycloak,
    Hydra,
    Auth0,
    Dex,
}

/// Where products keep the list.
const LISTS: [&str; 3] = ["clients", "staticClients", "items"];
/// Registrations that a Keycloak realm has for itself.
const KEYCLOAKS_OWN: [&str; 6] =
    ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
/// Says nothing about the client.
const NOISE: [&str; 11] = [
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
    "created_at",
    "updated_at",
    "response_types",
    "owner",
    "application_type",
    "require_auth_time",
    "id",
];

impl Dialect {
    /// Every client of a file: a list, an object that holds one, or a single client.
    pub fn read(self, file: &Value) -> Vec<Foreign> {
        let list = file.as_array().or_else(|| LISTS.iter().find_map(|name| file.get(name)?.as_array()));
        match list {
            Some(all) => all.iter().map(|client| self.client(client)).collect(),
            None => vec![self.client(file)],
        }
    }

    fn client(self, written: &Value) -> Foreign {
        let Some(fields) = written.as_object() else { return Foreign::passed_over("", "is no JSON object") };
        let mut left = Vec::new();
        let fields = match self {
            Self::Rfc7591 => Ok(fields.clone()),
            Self::Hydra => Ok(hydra(fields, &mut left)),
            Self::Keycloak => keycloak(fields, &mut left),
            Self::Auth0 => auth0(fields, &mut left),
            Self::Dex => Ok(dex(fields, &mut left)),
        };
        match fields {
            Ok(fields) => rfc7591(fields, left),
            Err((id, why)) => Foreign::passed_over(&id, why),
        }
    }
}

/// RFC 7591 section 2 and OpenID Connect Dynamic Registration section 2.
fn rfc7591(mut fields: Map<String, Value>, mut left: Vec<LeftBehind>) -> Foreign {
    fields.retain(|_, value| !is_nothing(value));
    let mut leave = |key: &str, why: &str| left.push(LeftBehind { key: key.to_owned(), why: why.to_owned() });
    if texts(fields.get("response_types")).iter().any(|kind| kind != "code") {
        leave("response_types", "only \"code\" is answered here");
    }
    let asked = fields.remove("grant_types").map(|asked| texts(Some(&asked)));
    let grants = asked.map(|asked| {
        let (known, unknown): (Vec<_>, Vec<_>) = asked.into_iter().partition(|text| GrantType::parse(text).is_some());
        unknown.iter().for_each(|grant| leave("grant_types", &format!("there is no {grant:?} here")));
        known
    });
    let native = fields.get("application_type").and_then(Value::as_str) == Some("native");
    let redirect_uris = take_texts(&mut fields, "redirect_uris");
    let mut method = take_text(&mut fields, "token_endpoint_auth_method");
    let kind = kind(native, method.as_deref(), grants.as_deref(), &redirect_uris);
    if method.as_deref().is_some_and(|method| {
        !["client_secret_basic", "client_secret_post", "private_key_jwt", "none"].contains(&method)
    }) {
        leave("token_endpoint_auth_method", "the client proves itself by a secret here");
        method = None;
    }
    let mut alg = |fields: &mut Map<String, Value>, key: &str| {
        let asked = take_text(fields, key).filter(|alg| alg != "none")?;
        let usable = ["RS256", "ES256", "EdDSA"].contains(&asked.as_str());
        if !usable {
            leave(key, &format!("{asked} is not signed here; the default counts"));
        }
        usable.then_some(asked)
    };
    let id_token_alg = alg(&mut fields, "id_token_signed_response_alg");
    let userinfo_alg = alg(&mut fields, "userinfo_signed_response_alg");
    let request_alg = take_text(&mut fields, "request_object_signing_alg").filter(|asked| {
        let usable = AssertionAlgorithm::parse(asked).is_some();
        if !usable && asked != "any" {
            leave("request_object_signing_alg", &format!("requests signed with {asked} are not taken here"));
        }
        usable
    });
    let public = method.as_deref() == Some("none");
    let secret =
        take_text(&mut fields, "client_secret").filter(|_| !public && method.as_deref() != Some("private_key_jwt"));
    let max_age = fields.remove("default_max_age").and_then(|age| age.as_i64());
    let section = ClientSection {
        client_id: take_text(&mut fields, "client_id").unwrap_or_default(),
        kind,
        client_name: take_text(&mut fields, "client_name"),
        client_secret: secret.map(Into::into),
        token_endpoint_auth_method: method,
        token_endpoint_auth_signing_alg: take_text(&mut fields, "token_endpoint_auth_signing_alg"),
        jwks: fields.remove("jwks"),
        jwks_uri: take_text(&mut fields, "jwks_uri"),
        request_object_signing_alg: request_alg,
        require_signed_request_object: fields.remove("require_signed_request_object").and_then(|flag| flag.as_bool()),
        request_uris: take_texts(&mut fields, "request_uris"),
        grant_types: grants.filter(|grants| !grants.is_empty()),
        redirect_uris,
        post_logout_redirect_uris: take_texts(&mut fields, "post_logout_redirect_uris"),
        backchannel_logout_uri: take_text(&mut fields, "backchannel_logout_uri"),
        scope: take_text(&mut fields, "scope"),
        audience: take_texts(&mut fields, "audience"),
        id_token_signed_response_alg: id_token_alg,
        userinfo_signed_response_alg: userinfo_alg,
        subject_type: take_text(&mut fields, "subject_type"),
        sector_identifier_uri: take_text(&mut fields, "sector_identifier_uri"),
        default_acr_values: take_texts(&mut fields, "default_acr_values"),
        default_max_age: max_age.map(crate::domain::time::Seconds),
        client_uri: take_text(&mut fields, "client_uri"),
        policy_uri: take_text(&mut fields, "policy_uri"),
        tos_uri: take_text(&mut fields, "tos_uri"),
        ..ClientSection::default()
    };
    let disabled = fields.remove("disabled").is_some_and(|disabled| disabled == true);
    for key in fields.keys().filter(|key| !NOISE.contains(&key.as_str())) {
        leave(key, "has no counterpart here");
    }
    Foreign { client_id: section.client_id.clone(), section: Ok(section), disabled, left_behind: left }
}

fn kind(native: bool, method: Option<&str>, grants: Option<&[String]>, redirects: &[String]) -> ApplicationType {
    let own_behalf = grants.is_some_and(|grants| grants == ["client_credentials"]);
    let on_a_device = |uri: &String| {
        RedirectUri::register(uri, ApplicationType::Web).is_err()
            && RedirectUri::register(uri, ApplicationType::Native).is_ok()
    };
    if own_behalf && redirects.is_empty() {
        ApplicationType::Service
    } else if native || (method == Some("none") && !redirects.is_empty() && redirects.iter().all(on_a_device)) {
        ApplicationType::Native
    } else {
        ApplicationType::Web
    }
}

/// RFC 7591 with a few words of its own.
fn hydra(fields: &Map<String, Value>, left: &mut Vec<LeftBehind>) -> Map<String, Value> {
    let mut all = fields.clone();
    if let Some(scope) = all.get("scope").and_then(Value::as_str) {
        // Hydra's older name for offline access.
        let words = scope.split(' ').map(|word| if word == "offline" { OFFLINE_ACCESS } else { word });
        let scope: Vec<&str> = words.collect();
        all.insert("scope".to_owned(), json!(scope.join(" ")));
    }
    if all.remove("skip_consent") == Some(json!(true)) {
        left.push(leftover("skip_consent", "people are asked; `--consent first_party` is yours to set"));
    }
    if let Some(metadata) = all.remove("metadata").filter(|metadata| !is_nothing(metadata)) {
        left.push(leftover("metadata", &format!("{} keys of your own", metadata.as_object().map_or(1, Map::len))));
    }
    all
}

type PassedOver = (String, &'static str);

fn keycloak(fields: &Map<String, Value>, left: &mut Vec<LeftBehind>) -> Result<Map<String, Value>, PassedOver> {
    let mut rest = fields.clone();
    let id = take_text(&mut rest, "clientId").unwrap_or_default();
    let mut flag = |name: &str, default: bool| rest.remove(name).and_then(|flag| flag.as_bool()).unwrap_or(default);
    let (public, service) = (flag("publicClient", false), flag("serviceAccountsEnabled", false));
    let (enabled, standard) = (flag("enabled", true), flag("standardFlowEnabled", true));
    if KEYCLOAKS_OWN.contains(&id.as_str()) {
        return Err((id, "belongs to the realm itself"));
    }
    if flag("bearerOnly", false) {
        return Err((id, "only checks tokens: nothing has to be registered for that"));
    }
    let (implicit, direct) = (flag("implicitFlowEnabled", false), flag("directAccessGrantsEnabled", false));
    flag("fullScopeAllowed", false);
    flag("consentRequired", false);
    if take_text(&mut rest, "protocol").is_some_and(|protocol| protocol != "openid-connect") {
        return Err((id, "is no client of OpenID Connect"));
    }
    if implicit {
        left.push(leftover("implicitFlowEnabled", "only \"code\" is answered here"));
    }
    if direct {
        left.push(leftover("directAccessGrantsEnabled", "nobody gives a password to an app here"));
    }
    let root = take_text(&mut rest, "rootUrl").unwrap_or_default();
    let mut attributes = match rest.remove("attributes") {
        Some(Value::Object(attributes)) => attributes,
        _ => Map::new(),
    };
    let mut placed = |key: &str, uris: Vec<String>| -> Vec<String> {
        let whole = uris.into_iter().map(|uri| if uri.starts_with('/') { format!("{root}{uri}") } else { uri });
        let (wild, exact): (Vec<_>, Vec<_>) = whole.partition(|uri| uri.contains('*') || uri == "+");
        wild.iter().for_each(|uri| left.push(leftover(key, &format!("{uri:?} stands for many: name each"))));
        exact
    };
    let redirects = placed("redirectUris", take_texts(&mut rest, "redirectUris"));
    let after = take_text(&mut attributes, "post.logout.redirect.uris").unwrap_or_default();
    let after = after.split("##").filter(|uri| !uri.is_empty()).map(str::to_owned).collect();
    let after = placed("post.logout.redirect.uris", after);
    let mut scopes = vec!["openid".to_owned()];
    for name in ["defaultClientScopes", "optionalClientScopes"] {
        for scope in take_texts(&mut rest, name) {
            let kept = STANDARD.contains(&scope.as_str()) && !scopes.contains(&scope);
            if kept {
                scopes.push(scope)
            } else if scope != "openid" {
                left.push(leftover(name, &format!("{scope:?}")))
            }
        }
    }
    let mut grants = Vec::new();
    if standard {
        grants.extend(["authorization_code", "refresh_token"]);
    }
    if service {
        grants.push("client_credentials");
    }
    let method = match (public, take_text(&mut rest, "clientAuthenticatorType").as_deref()) {
        (true, _) => "none",
        (false, Some("client-jwt")) => "private_key_jwt",
        (false, _) => "client_secret_basic",
    };
    let secret = take_text(&mut rest, "secret").filter(|secret| !secret.contains("****"));
    let lone = grants == ["client_credentials"];
    let mut all = json!({
        "client_id": id, "client_name": take_text(&mut rest, "name"), "client_secret": secret, "grant_types": grants,
        "redirect_uris": if lone { Vec::new() } else { redirects }, "post_logout_redirect_uris": after,
        "token_endpoint_auth_method": method, "scope": if lone { None } else { Some(scopes.join(" ")) },
        "disabled": !enabled,
        "client_uri": take_text(&mut rest, "baseUrl").filter(|url| url.starts_with("https://")),
        "backchannel_logout_uri": take_text(&mut attributes, "backchannel.logout.url"),
        "policy_uri": take_text(&mut attributes, "policyUri"), "tos_uri": take_text(&mut attributes, "tosUri"),
        "jwks_uri": take_text(&mut attributes, "jwks.url"),
        "id_token_signed_response_alg": take_text(&mut attributes, "id.token.signed.response.alg"),
    });
    for name in [
        "surrogateAuthRequired",
        "nodeReRegistrationTimeout",
        "alwaysDisplayInConsole",
        "notBefore",
        "frontchannelLogout",
        "authenticationFlowBindingOverrides",
        "webOrigins",
    ] {
        rest.remove(name);
    }
    attributes.retain(|_, value| !is_nothing(value) && value != "false");
    rest.extend(attributes);
    let all = all.as_object_mut().map(std::mem::take).unwrap_or_default();
    rest.extend(all);
    Ok(rest)
}

fn auth0(fields: &Map<String, Value>, left: &mut Vec<LeftBehind>) -> Result<Map<String, Value>, PassedOver> {
    let mut rest = fields.clone();
    let id = take_text(&mut rest, "client_id").unwrap_or_default();
    if rest.remove("global") == Some(json!(true)) {
        return Err((id, "belongs to the tenant itself"));
    }
    let app = take_text(&mut rest, "app_type");
    let method = match app.as_deref() {
        Some("spa" | "native") => Some("none".to_owned()),
        _ => take_text(&mut rest, "token_endpoint_auth_method"),
    };
    rest.remove("token_endpoint_auth_method");
    let asked = take_texts(&mut rest, "grant_types");
    let grants = if app.as_deref() == Some("non_interactive") { vec!["client_credentials".to_owned()] } else { asked };
    let lone = grants == ["client_credentials"];
    let offline = grants.iter().any(|grant| grant == "refresh_token");
    let scope = if offline { "openid profile email offline_access" } else { "openid profile email" };
    let mut logout = match rest.remove("oidc_logout") {
        Some(Value::Object(logout)) => take_texts(&mut logout.clone(), "backchannel_logout_urls"),
        _ => Vec::new(),
    };
    let first = (!logout.is_empty()).then(|| logout.remove(0));
    logout.iter().for_each(|url| left.push(leftover("oidc_logout", &format!("a second address, {url:?}"))));
    let alg = rest.remove("jwt_configuration").and_then(|jwt| jwt["alg"].as_str().map(str::to_owned));
    for name in
        ["tenant", "global", "is_first_party", "oidc_conformant", "sso", "sso_disabled", "callback_url_template"]
    {
        rest.remove(name);
    }
    let mut all = json!({
        "client_id": id, "client_name": take_text(&mut rest, "name"), "token_endpoint_auth_method": method,
        "application_type": if app.as_deref() == Some("native") { "native" } else { "web" },
        "client_secret": take_text(&mut rest, "client_secret"), "grant_types": grants,
        "redirect_uris": take_texts(&mut rest, "callbacks"),
        "post_logout_redirect_uris": take_texts(&mut rest, "allowed_logout_urls"),
        "scope": if lone { None } else { Some(scope) }, "backchannel_logout_uri": first,
        "id_token_signed_response_alg": alg,
    });
    rest.extend(all.as_object_mut().map(std::mem::take).unwrap_or_default());
    Ok(rest)
}

fn dex(fields: &Map<String, Value>, left: &mut Vec<LeftBehind>) -> Map<String, Value> {
    let mut rest = fields.clone();
    let public = rest.remove("public") == Some(json!(true));
    if let Some(peers) = rest.remove("trustedPeers").filter(|peers| !is_nothing(peers)) {
        left.push(leftover("trustedPeers", &format!("tokens are for one client each here: {peers}")));
    }
    let mut all = json!({
        "client_id": take_text(&mut rest, "id"), "client_name": take_text(&mut rest, "name"),
        "client_secret": take_text(&mut rest, "secret"),
        "token_endpoint_auth_method": if public { "none" } else { "client_secret_basic" },
        "redirect_uris": take_texts(&mut rest, "redirectURIs"), "scope": "openid profile email offline_access",
    });
    rest.extend(all.as_object_mut().map(std::mem::take).unwrap_or_default());
    rest
}

fn leftover(key: &str, why: &str) -> LeftBehind {
    LeftBehind { key: key.to_owned(), why: why.to_owned() }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Number(_) => false,
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn take_texts(fields: &mut Map<String, Value>, name: &str) -> Vec<String> {
    texts(fields.remove(name).as_ref())
}

/// `None` for what is no text, and for an empty one.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}
