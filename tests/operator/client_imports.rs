//! Apps of other products, brought in by the command line: what comes along, and what is said of the rest.

use std::fs;

use serde_json::{Value, json};

use crate::process::Installation;

fn imported(installation: &Installation, from: &str, file: &Value, more: &[&str]) -> Vec<Value> {
    fs::write(installation.file("clients.json"), file.to_string()).unwrap();
    let command = [&["client", "import", "clients.json", "--from", from, "--json"], more].concat();
    let done = installation.karat(&command);
    serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{}{}", done.out, done.err))
}

fn left(told: &Value) -> Vec<&str> {
    told["left_behind"].as_array().unwrap().iter().map(|left| left["key"].as_str().unwrap()).collect()
}

fn shown(installation: &Installation, id: &str) -> Value {
    installation.json(&["client", "show", id, "--configuration", "--json"])
}

#[test]
fn clients_come_from_a_keycloak_realm() {
    let installation = Installation::new();
    let realm = json!({ "realm": "exchange", "clients": [
        {
            "clientId": "trading", "name": "Trading desk", "rootUrl": "https://trade.example.com", "enabled": true,
            "clientAuthenticatorType": "client-secret", "secret": "Zk3v1hY7cQ0aT9dLr2WmXs8eUbNpGf4J",
            "redirectUris": ["/oauth/callback", "https://trade.example.com/*"], "webOrigins": ["+"], "publicClient": false,
            "standardFlowEnabled": true, "implicitFlowEnabled": false, "directAccessGrantsEnabled": true,
            "serviceAccountsEnabled": false, "protocol": "openid-connect", "fullScopeAllowed": true,
            "attributes": {
                "post.logout.redirect.uris": "https://trade.example.com/bye##+", "pkce.code.challenge.method": "S256",
                "backchannel.logout.url": "https://trade.example.com/logout", "id.token.signed.response.alg": "ES256",
            },
            "defaultClientScopes": ["profile", "roles", "email"], "optionalClientScopes": ["offline_access"],
        },
        { "clientId": "wallet", "publicClient": true, "redirectUris": ["com.example.wallet:/cb"], "enabled": false,
          "protocol": "openid-connect" },
        { "clientId": "settlement", "serviceAccountsEnabled": true, "standardFlowEnabled": false, "secret": "**********",
          "redirectUris": [], "protocol": "openid-connect" },
        { "clientId": "realm-management", "bearerOnly": true },
        { "clientId": "sso", "protocol": "saml" },
    ]});
    let tried = imported(&installation, "keycloak", &realm, &["--dry-run"]);
    assert_eq!(tried[0]["outcome"], "imported", "{tried:?}");
    assert_eq!(installation.json(&["client", "list", "--json"]), json!([]));

    let told = imported(&installation, "keycloak", &realm, &[]);
    let outcomes: Vec<_> = told.iter().map(|told| told["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["imported", "imported", "imported", "skipped", "skipped"], "{told:?}");
    for key in ["redirectUris", "post.logout.redirect.uris", "directAccessGrantsEnabled", "defaultClientScopes"] {
        assert!(left(&told[0]).contains(&key), "{key}: {:?}", told[0]);
    }
    assert_eq!(told[0]["client_secret"], Value::Null, "it keeps its own");
    let trading = shown(&installation, "trading");
    assert_eq!(trading["redirect_uris"], json!(["https://trade.example.com/oauth/callback"]));
    assert_eq!(trading["post_logout_redirect_uris"], json!(["https://trade.example.com/bye"]));
    assert_eq!(trading["backchannel_logout_uri"], "https://trade.example.com/logout");
    assert_eq!(trading["id_token_signed_response_alg"], "ES256");
    assert_eq!(trading["scope"], "email offline_access openid profile");
    let wallet = shown(&installation, "wallet");
    assert_eq!((&wallet["kind"], &wallet["disabled"]), (&json!("native"), &json!(true)));
    assert_eq!(shown(&installation, "settlement")["kind"], "service");
    assert_eq!(told[2]["client_secret"].as_str().unwrap().len(), 43, "a masked secret is none");

    let again = imported(&installation, "keycloak", &realm, &[]);
    assert!(again.iter().all(|told| told["outcome"] == "skipped"), "{again:?}");
}

#[test]
fn clients_come_from_hydra_auth0_and_dex() {
    let installation = Installation::new();
    let hydra = json!([{
        "client_id": "3d0f5c1e-desk", "client_name": "Desk", "redirect_uris": ["https://desk.example.com/cb"],
        "grant_types": ["authorization_code", "refresh_token", "implicit"], "response_types": ["code", "id_token"],
        "scope": "openid offline profile", "audience": ["https://api.example.com"], "owner": "", "contacts": null,
        "allowed_cors_origins": [], "token_endpoint_auth_method": "client_secret_basic", "skip_consent": true,
        "userinfo_signed_response_alg": "none", "jwks": {}, "metadata": { "team": "desk" }, "subject_type": "public",
        "client_secret_expires_at": 0, "created_at": "2023-01-01T00:00:00Z", "access_token_strategy": "jwt",
    }]);
    let told = imported(&installation, "hydra", &hydra, &[]);
    assert_eq!(told[0]["outcome"], "imported", "{told:?}");
    assert!(told[0]["client_secret"].is_string(), "Hydra gives none away, so one is made");
    for key in ["skip_consent", "metadata", "grant_types", "response_types", "access_token_strategy"] {
        assert!(left(&told[0]).contains(&key), "{key}: {told:?}");
    }
    let desk = shown(&installation, "3d0f5c1e-desk");
    assert_eq!(
        (&desk["scope"], &desk["audience"]),
        (&json!("offline_access openid profile"), &json!(["https://api.example.com"]))
    );
    assert_ne!(desk["consent"], "first_party");

    let auth0 = json!([
        { "tenant": "exchange", "global": true, "name": "All Applications", "client_id": "g" },
        { "tenant": "exchange", "global": false, "client_id": "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY", "name": "Web",
          "client_secret": "q1W2e3R4t5Y6u7I8o9P0aSdFgHjKlZxC", "app_type": "regular_web", "oidc_conformant": true,
          "callbacks": ["https://web.example.com/callback"], "allowed_logout_urls": ["https://web.example.com/"],
          "grant_types": ["authorization_code", "refresh_token", "password"], "jwt_configuration": { "alg": "RS256" },
          "token_endpoint_auth_method": "client_secret_post", "oidc_logout": { "backchannel_logout_urls": ["https://web.example.com/out"] },
          "allowed_origins": ["https://web.example.com"] },
        { "client_id": "spa1", "name": "Single page", "app_type": "spa", "callbacks": ["https://spa.example.com/cb"],
          "grant_types": ["authorization_code", "implicit"], "token_endpoint_auth_method": "none" },
        { "client_id": "m2m1", "name": "Robot", "app_type": "non_interactive", "client_secret": "short",
          "grant_types": ["client_credentials"] },
    ]);
    let told = imported(&installation, "auth0", &auth0, &[]);
    let outcomes: Vec<_> = told.iter().map(|told| told["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["skipped", "imported", "imported", "imported"], "{told:?}");
    assert!(left(&told[1]).contains(&"grant_types") && left(&told[1]).contains(&"allowed_origins"), "{told:?}");
    assert!(
        told[3]["client_secret"].is_string() && left(&told[3]) == ["client_secret"],
        "a weak one is replaced: {told:?}"
    );
    let web = shown(&installation, "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY");
    assert_eq!(web["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(web["backchannel_logout_uri"], "https://web.example.com/out");
    assert_eq!(
        (&shown(&installation, "spa1")["kind"], &shown(&installation, "m2m1")["kind"]),
        (&json!("web"), &json!("service"))
    );

    let dex = json!({ "issuer": "https://dex.example.com", "staticClients": [
        { "id": "console", "name": "Console", "secret": "ZXhhbXBsZS1hcHAtc2VjcmV0LTEyMw", "redirectURIs": ["https://console.example.com/cb"],
          "trustedPeers": ["cli"] },
        { "id": "cli", "name": "CLI", "public": true, "redirectURIs": ["http://localhost:8000/cb"] },
        { "id": "broken", "name": "Broken", "secret": "ZXhhbXBsZS1hcHAtc2VjcmV0LTEyMw", "redirectURIs": ["http://plain.example.com/cb"] },
    ]});
    let told = imported(&installation, "dex", &dex, &[]);
    let outcomes: Vec<_> = told.iter().map(|told| told["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["imported", "imported", "refused"], "{told:?}");
    assert!(told[2]["reason"].as_str().unwrap().contains("redirect_uris[0]"), "{told:?}");
    assert_eq!(left(&told[0]), ["trustedPeers"]);
}

#[test]
fn scopes_that_open_operations_of_the_house_do_not_come_along() {
    let installation = Installation::new();
    let clients = json!([
        { "client_id": "desk", "redirect_uris": ["https://desk.example.com/cb"], "scope": "openid karat:admin profile" },
        { "client_id": "robot", "grant_types": ["client_credentials"], "scope": "karat:clients karat:people.read", "redirect_uris": [] },
        { "client_id": "plain", "redirect_uris": ["https://plain.example.com/cb"], "scope": "openid profile" },
    ]);
    let tried = imported(&installation, "rfc7591", &clients, &["--dry-run"]);
    let told = imported(&installation, "rfc7591", &clients, &[]);
    for told in [&tried, &told] {
        assert!(left(&told[0]).contains(&"scope") && left(&told[1]).contains(&"scope"), "{told:?}");
        assert!(
            told[0]["left_behind"].to_string().contains("karat:admin would open operations of the house"),
            "{told:?}"
        );
        assert!(!left(&told[2]).contains(&"scope"), "{told:?}");
    }
    for id in ["desk", "plain"] {
        assert!(shown(&installation, id).to_string().contains("\"openid profile\""), "{id}");
    }
    assert!(!shown(&installation, "robot").to_string().contains("karat:"));
}

#[test]
fn clients_come_in_the_words_of_rfc_7591_and_what_is_no_json_is_said() {
    let installation = Installation::new();
    let file = json!({
        "client_id": "s6BhdRkqt3", "client_name": "My Example Client", "redirect_uris": ["https://client.example.org/callback"],
        "client_name#ja-Jpan-JP": "\u{30af}\u{30e9}\u{30a4}\u{30a2}\u{30f3}\u{30c8}", "token_endpoint_auth_method": "client_secret_jwt",
        "client_secret": "ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk", "logo_uri": "https://client.example.org/logo.png",
        "request_uris": ["https://client.example.org/rf.txt"], "request_object_signing_alg": "HS256", "grant_types": ["authorization_code"],
    });
    let told = imported(&installation, "rfc7591", &file, &[]);
    assert_eq!(told[0]["outcome"], "imported", "{told:?}");
    for key in ["client_name#ja-Jpan-JP", "token_endpoint_auth_method", "logo_uri", "request_object_signing_alg"] {
        assert!(left(&told[0]).contains(&key), "{key}: {told:?}");
    }
    let example = shown(&installation, "s6BhdRkqt3");
    assert_eq!(example["grant_types"], json!(["authorization_code"]));
    assert_eq!(example["request_uris"], json!(["https://client.example.org/rf.txt"]));
    assert_eq!(example.get("request_object_signing_alg"), None);
    let nothing = imported(&installation, "rfc7591", &json!(["text", {}]), &[]);
    assert_eq!((&nothing[0]["outcome"], &nothing[1]["outcome"]), (&json!("skipped"), &json!("refused")));
    fs::write(installation.file("clients.json"), "{").unwrap();
    installation.karat(&["client", "import", "clients.json"]).failed(2, "is not JSON");
}
