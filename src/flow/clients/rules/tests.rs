use std::collections::BTreeSet;

use super::*;
use crate::domain::client::{ConsentRule, GrantType};
use crate::domain::jose::AssertionAlgorithm;
use crate::domain::request_objects::RequestObjects;
use crate::domain::scope::Scope;
use crate::flow::clients::secret;

fn rules() -> Rules {
    let text = "[outgoing]\nallow = ['localhost:8081']\n";
    Rules::new(&Config::from_text("test.toml", text, std::iter::empty()).unwrap())
}

fn web() -> ClientSection {
    ClientSection {
        client_id: "trading-app".to_owned(),
        kind: ApplicationType::Web,
        client_secret: Some("a secret of more than sixteen".to_owned().into()),
        redirect_uris: vec!["https://app.test/cb".to_owned()],
        ..ClientSection::default()
    }
}

fn native() -> ClientSection {
    ClientSection {
        client_id: "wallet".to_owned(),
        kind: ApplicationType::Native,
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned(), "com.example.wallet:/cb".to_owned()],
        ..ClientSection::default()
    }
}

fn service() -> ClientSection {
    ClientSection {
        client_id: "ledger".to_owned(),
        kind: ApplicationType::Service,
        client_secret: Some("a secret of more than sixteen".to_owned().into()),
        scope: Some("ledger.read".to_owned()),
        ..ClientSection::default()
    }
}

fn judged(section: &ClientSection) -> Client {
    rules().judge(section, &[]).unwrap_or_else(|refusals| panic!("{refusals:?}"))
}

/// The keys that are complained about.
fn refused(section: &ClientSection) -> Vec<String> {
    rules().judge(section, &[]).unwrap_err().into_iter().map(|refusal| refusal.key).collect()
}

#[test]
fn each_kind_gets_the_strict_choice() {
    let client = judged(&web());
    assert_eq!(client.authentication.as_str(), "client_secret_basic");
    assert_eq!(client.grant_types, BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]));
    assert!(client.require_pkce && !client.logout.keep_offline_access && !client.pages.verified && !client.disabled);
    assert_eq!((client.id_token_alg, client.consent), (Algorithm::Rs256, ConsentRule::Remembered));
    assert_eq!(client.scope, Scope::of(["openid", "profile", "email"]));

    let client = judged(&native());
    assert!(client.is_public() && client.require_pkce);

    let client = judged(&service());
    assert_eq!(client.grant_types, BTreeSet::from([GrantType::ClientCredentials]));
    assert!(client.redirect_uris.is_empty());
}

#[test]
fn pkce_can_be_given_up_by_a_client_with_a_secret_only() {
    assert!(!judged(&ClientSection { require_pkce: Some(false), ..web() }).require_pkce);
    assert_eq!(refused(&ClientSection { require_pkce: Some(false), ..native() }), ["require_pkce"]);
    let spa = ClientSection {
        token_endpoint_auth_method: Some("none".to_owned()),
        client_secret: None,
        require_pkce: Some(false),
        ..web()
    };
    assert_eq!(refused(&spa), ["require_pkce"]);
    assert!(judged(&ClientSection { require_pkce: None, ..spa }).require_pkce);
}

#[test]
fn a_native_client_has_no_secret_and_a_service_has_one() {
    let post = Some("client_secret_post".to_owned());
    assert_eq!(
        refused(&ClientSection { token_endpoint_auth_method: post.clone(), ..native() }),
        ["token_endpoint_auth_method"]
    );
    let secret = Some("a secret of more than sixteen".to_owned().into());
    assert_eq!(refused(&ClientSection { client_secret: secret, ..native() }), ["client_secret"]);
    let none = Some("none".to_owned());
    assert_eq!(
        refused(&ClientSection { token_endpoint_auth_method: none, ..service() }),
        ["token_endpoint_auth_method"]
    );
    assert_eq!(refused(&ClientSection { client_secret: None, ..web() }), ["client_secret"]);
    assert_eq!(
        judged(&ClientSection { token_endpoint_auth_method: post, ..web() }).authentication.as_str(),
        "client_secret_post"
    );
}

#[test]
fn secrets_are_kept_as_hashes_and_stay_when_the_metadata_brings_none() {
    let hash = secret::hashed("a secret of more than sixteen");
    let expected = ClientAuthentication::ClientSecretBasic { secret: vec![hash.clone()] };
    assert_eq!(judged(&web()).authentication, expected);
    let by_hash = ClientSection { client_secret: None, client_secret_hash: Some(hash.0.clone()), ..web() };
    assert_eq!(judged(&by_hash).authentication, expected);
    let without = ClientSection { client_secret: None, ..web() };
    assert_eq!(rules().judge(&without, &[hash]).unwrap().authentication, expected);
    assert_eq!(refused(&ClientSection { client_secret: Some("short".to_owned().into()), ..web() }), ["client_secret"]);
    let no_hash = ClientSection { client_secret: None, client_secret_hash: Some("secret".to_owned()), ..web() };
    assert_eq!(refused(&no_hash), ["client_secret_hash"]);
}

#[test]
fn redirect_uris_are_judged_one_by_one() {
    let mut section = web();
    section
        .redirect_uris
        .extend(["http://app.test/cb", "javascript:alert(1)", "https://app.test/cb"].map(str::to_owned));
    section.post_logout_redirect_uris = vec!["https://app.test/".to_owned(), "https://*.test/".to_owned()];
    assert_eq!(
        refused(&section),
        ["redirect_uris[1]", "redirect_uris[2]", "redirect_uris[3]", "post_logout_redirect_uris[1]"]
    );
    assert_eq!(refused(&ClientSection { redirect_uris: Vec::new(), ..web() }), ["redirect_uris"]);
    let service = ClientSection { redirect_uris: vec!["https://app.test/cb".to_owned()], ..service() };
    assert_eq!(refused(&service), ["redirect_uris"]);
}

#[test]
fn logout_notices_go_to_public_hosts_or_listed_ones() {
    let at = |uri: &str| ClientSection { backchannel_logout_uri: Some(uri.to_owned()), ..web() };
    for good in ["https://app.example.com/logout?x=1", "http://localhost:8081/logout"] {
        assert_eq!(judged(&at(good)).logout.backchannel_uri.as_deref(), Some(good));
    }
    for bad in ["http://app.example.com/", "https://127.0.0.1/", "http://localhost:8082/", "https://app.example.com/#f"]
    {
        assert_eq!(refused(&at(bad)), ["backchannel_logout_uri"], "{bad}");
    }
}

#[test]
fn names_and_links_cannot_mislead_people() {
    for name in ["", " x", "gold\u{202E}dlog", "a\nb", &"x".repeat(65)] {
        assert_eq!(
            refused(&ClientSection { client_name: Some(name.to_owned()), ..web() }),
            ["client_name"],
            "{name:?}"
        );
    }
    let named = ClientSection { client_name: Some("<script>alert(1)</script>".to_owned()), ..web() };
    assert_eq!(judged(&named).name, "<script>alert(1)</script>", "pages escape it");
    for uri in ["javascript:alert(1)", "http://app.test/", "https://u@app.test/", "data:,x", "/x"] {
        let section = ClientSection {
            client_uri: Some(uri.to_owned()),
            policy_uri: Some(uri.to_owned()),
            tos_uri: Some(uri.to_owned()),
            ..web()
        };
        assert_eq!(refused(&section), ["client_uri", "policy_uri", "tos_uri"], "{uri}");
    }
}

#[test]
fn grants_scopes_and_algorithms_fit_the_kind() {
    let grants = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(
        refused(&ClientSection { grant_types: grants(&["password"]), ..web() }),
        ["grant_types[0]", "grant_types"]
    );
    let refresh_only = ClientSection { grant_types: grants(&["refresh_token"]), ..web() };
    assert_eq!(refused(&refresh_only), ["grant_types"]);
    let acting = ClientSection { grant_types: grants(&["authorization_code", "client_credentials"]), ..web() };
    assert!(judged(&acting).may_use(GrantType::ClientCredentials));
    let native = ClientSection { grant_types: grants(&["authorization_code", "client_credentials"]), ..native() };
    assert_eq!(refused(&native), ["grant_types[1]"]);
    let coded = ClientSection { grant_types: grants(&["authorization_code"]), ..service() };
    assert_eq!(refused(&coded), ["grant_types[0]", "grant_types", "redirect_uris"].map(str::to_owned)[..2]);
    assert_eq!(refused(&ClientSection { scope: Some("openid".to_owned()), ..service() }), ["scope"]);
    let offline = ClientSection {
        scope: Some("openid offline_access".to_owned()),
        grant_types: grants(&["authorization_code"]),
        ..web()
    };
    assert_eq!(refused(&offline), ["scope"]);
    for alg in ["HS256", "none", "rs256"] {
        let section = ClientSection { id_token_signed_response_alg: Some(alg.to_owned()), ..web() };
        assert_eq!(refused(&section), ["id_token_signed_response_alg"], "{alg}");
    }
}

#[test]
fn lifetimes_have_bounds() {
    let seconds = |seconds: i64| Some(Seconds(seconds));
    assert_eq!(refused(&ClientSection { access_token_lifetime: seconds(5), ..web() }), ["access_token_lifetime"]);
    assert_eq!(refused(&ClientSection { id_token_lifetime: seconds(86_400), ..web() }), ["id_token_lifetime"]);
    let crossed =
        ClientSection { refresh_idle_lifetime: seconds(7200), refresh_absolute_lifetime: seconds(3600), ..web() };
    assert_eq!(refused(&crossed), ["refresh_absolute_lifetime"]);
}

#[test]
fn what_a_client_became_reads_back_as_the_same_client() {
    for section in [web(), native(), service()] {
        let client = judged(&section);
        let again = super::super::metadata::of(&client);
        let kept = super::super::metadata::secrets(&client);
        assert_eq!(rules().judge(&again, kept).unwrap(), client);
    }
}

fn elliptic() -> serde_json::Value {
    let key = crate::crypto::keyring::SigningKey::generate(Algorithm::Es256).unwrap();
    serde_json::json!({ "keys": [key.public_jwk()] })
}

fn signing(edit: impl FnOnce(&mut ClientSection)) -> ClientSection {
    let mut section = ClientSection {
        client_secret: None,
        token_endpoint_auth_method: Some("private_key_jwt".to_owned()),
        jwks: Some(elliptic()),
        ..web()
    };
    edit(&mut section);
    section
}

#[test]
fn a_client_that_signs_has_public_keys_in_one_place_and_no_secret() {
    let client = judged(&signing(|_| {}));
    assert_eq!(client.authentication.as_str(), "private_key_jwt");
    let at = judged(&signing(|section| {
        section.jwks = None;
        section.jwks_uri = Some("https://app.test/jwks".to_owned());
        section.token_endpoint_auth_signing_alg = Some("PS256".to_owned());
    }));
    assert_eq!(at.keys, Some(crate::domain::client::ClientKeys::At("https://app.test/jwks".to_owned())));
    type Edit = fn(&mut ClientSection);
    let cases: [(&str, Edit); 7] = [
        ("jwks", |section| section.jwks = None),
        ("jwks", |section| section.jwks_uri = Some("https://app.test/jwks".to_owned())),
        ("jwks", |section| section.jwks = Some(serde_json::json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }))),
        ("client_secret", |section| section.client_secret = Some("a secret of more than sixteen".to_owned().into())),
        ("token_endpoint_auth_signing_alg", |section| {
            section.token_endpoint_auth_signing_alg = Some("HS256".to_owned());
        }),
        ("token_endpoint_auth_signing_alg", |section| {
            section.token_endpoint_auth_signing_alg = Some("none".to_owned());
        }),
        ("token_endpoint_auth_method", |section| {
            section.kind = ApplicationType::Native;
            section.redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
        }),
    ];
    for (key, edit) in cases {
        assert_eq!(refused(&signing(edit)), [key]);
    }
    for uri in
        ["http://app.test/jwks", "https://10.0.0.1/jwks", "https://app.test:8443/jwks", "https://app.test/jwks#x"]
    {
        let section = signing(|section| {
            section.jwks = None;
            section.jwks_uri = Some(uri.to_owned());
        });
        assert_eq!(refused(&section), ["jwks_uri"], "{uri}");
    }
}

#[test]
fn a_client_signs_its_requests_as_it_says_and_publishes_them_at_public_places() {
    let uris = vec!["https://app.test/r.jwt#x".to_owned(), "http://localhost:8081/r".to_owned()];
    let objects = judged(&signing(|section| {
        section.request_object_signing_alg = Some("PS256".to_owned());
        section.require_signed_request_object = Some(true);
        section.request_uris.clone_from(&uris);
    }))
    .request_objects;
    assert_eq!((objects.algorithm, objects.required), (Some(AssertionAlgorithm::Ps256), true));
    assert_eq!(objects.uris, uris);
    assert_eq!(judged(&web()).request_objects, RequestObjects::default());
    for alg in ["none", "HS256", "ps256", ""] {
        let section = ClientSection { request_object_signing_alg: Some(alg.to_owned()), ..web() };
        assert_eq!(refused(&section), ["request_object_signing_alg"], "{alg}");
    }
    let keyless = ClientSection { require_signed_request_object: Some(true), ..web() };
    assert_eq!(refused(&keyless), ["require_signed_request_object"]);
    for uri in [
        "http://app.test/r",
        "https://10.0.0.1/r",
        "https://app.test:8443/r",
        "https://u@app.test/r",
        "https://app.test/\u{fc}",
        "file:///r",
        "",
        "#x",
        &format!("https://app.test/{}", "x".repeat(500)),
    ] {
        let section = ClientSection { request_uris: vec![uri.to_owned()], ..web() };
        assert_eq!(refused(&section), ["request_uris[0]"], "{uri}");
    }
    let twice = ClientSection { request_uris: vec!["https://app.test/r".to_owned(); 2], ..web() };
    assert_eq!(refused(&twice), ["request_uris[1]"]);
    let service = ClientSection { request_uris: vec!["https://app.test/r".to_owned()], ..service() };
    assert_eq!(refused(&service), ["request_uris"]);
}

#[test]
fn a_pairwise_client_has_one_sector() {
    use crate::domain::client::SubjectType;
    let pairwise = |redirects: &[&str], identifier: Option<&str>| ClientSection {
        subject_type: Some("pairwise".to_owned()),
        redirect_uris: redirects.iter().map(|uri| (*uri).to_owned()).collect(),
        sector_identifier_uri: identifier.map(str::to_owned),
        ..web()
    };
    let sector = |section: &ClientSection| match judged(section).subject {
        SubjectType::Pairwise { sector, .. } => sector,
        SubjectType::Public => panic!("public"),
    };
    assert_eq!(judged(&web()).subject, SubjectType::Public);
    assert_eq!(sector(&pairwise(&["https://app.test/a", "https://app.test:8443/b"], None)), "app.test");
    let several = ["https://app.test/a", "https://other.test/b"];
    assert_eq!(sector(&pairwise(&several, Some("https://house.test/apps.json"))), "house.test");
    assert_eq!(refused(&pairwise(&several, None)), ["sector_identifier_uri"]);
    assert_eq!(refused(&pairwise(&["http://localhost:1/cb"], None)), ["sector_identifier_uri"]);
    for uri in ["http://house.test/apps.json", "https://house.test/#x", "house.test", "data:,x"] {
        assert_eq!(refused(&pairwise(&several, Some(uri))), ["sector_identifier_uri"], "{uri}");
    }
    assert_eq!(refused(&ClientSection { subject_type: Some("private".to_owned()), ..web() }), ["subject_type"]);
    assert_eq!(refused(&ClientSection { subject_type: Some("pairwise".to_owned()), ..service() }), ["subject_type"]);
}

#[test]
fn an_age_of_the_log_in_is_a_span_of_time() {
    let aged = |seconds: i64| ClientSection { default_max_age: Some(Seconds(seconds)), ..web() };
    for wrong in [-1, i64::MIN, Seconds::days(365).0 + 1, i64::MAX] {
        assert_eq!(refused(&aged(wrong)), ["default_max_age"], "{wrong}");
    }
    for right in [0, 300, Seconds::days(365).0] {
        assert_eq!(judged(&aged(right)).demands.max_age, Some(Seconds(right)));
    }
}
