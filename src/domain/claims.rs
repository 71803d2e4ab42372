//! Which claims about a person are told (OpenID Connect Core sections 5.1, 5.4 and 5.5).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::claims_request::{ClaimsRequest, Verified, Wanted};
use super::client::Client;
use super::scope::{self, Scope};
use super::user::User;

const PROFILE_CLAIMS: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];
const EMAIL_CLAIMS: [&str; 2] = ["email", "email_verified"];
const PHONE_CLAIMS: [&str; 2] = ["phone_number", "phone_number_verified"];
const ADDRESS_CLAIMS: [&str; 1] = ["address"];

/// Every claim about a person that can be asked for, for the discovery document.
pub fn supported() -> Vec<&'static str> {
    let mut names = vec!["sub", "kyc_level"];
    for (_, claims) in BY_SCOPE {
        names.extend(claims);
    }
    names
}

const BY_SCOPE: [(&str, &[&str]); 4] = [
    (scope::PROFILE, &PROFILE_CLAIMS),
    (scope::EMAIL, &EMAIL_CLAIMS),
    (scope::PHONE, &PHONE_CLAIMS),
    (scope::ADDRESS, &ADDRESS_CLAIMS),
];

/// The claims that the granted scope stands for, and those wanted one by one (which [`within_registration`] has already
/// limited). A wanted value that is not the person's leaves the claim out. `sub` is the caller's to add.
pub fn released(user: &User, scope: &Scope, wanted: &BTreeMap<String, Wanted>) -> Map<String, Value> {
    let mut told = everything(user);
    told.retain(|name, value| {
        let how = wanted.get(name);
        let asked = how.is_some() || scope_of(name).is_some_and(|of| scope.contains(of));
        asked && how.is_none_or(|how| how.values.is_empty() || how.values.contains(value))
    });
    told
}

/// As [`released`], but only what was asked for by name: the ID token repeats nothing that userinfo tells.
pub fn released_by_name(user: &User, wanted: &BTreeMap<String, Wanted>) -> Map<String, Value> {
    released(user, &Scope::default(), wanted)
}

/// Keeps of the claims asked for by name those whose scope the client is registered for, and the claims that describe
/// the log-in itself; of the verified ones, those that the client is registered for one by one. Unknown ones fall away silently (OpenID
/// Connect Core section 5.5).
pub fn within_registration(asked: ClaimsRequest, client: &Client) -> ClaimsRequest {
    let keep = |name: &String, _: &mut Wanted| {
        matches!(name.as_str(), "sub" | "acr" | "auth_time")
            || scope_of(name).is_some_and(|of| client.scope.contains(of))
    };
    let ClaimsRequest { mut id_token, mut userinfo, verified } = asked;
    id_token.retain(keep);
    userinfo.retain(keep);
    let verified = Verified {
        id_token: verified.id_token.limited_to(&client.verified_claims),
        userinfo: verified.userinfo.limited_to(&client.verified_claims),
    };
    ClaimsRequest { id_token, userinfo, verified }
}

/// What a person is asked to agree to: the scope, each claim wanted by name beyond it as `claim:<name>`, and what is wanted of the
/// verified identity, part by part, as `verified:<name>`.
pub fn consent_items(scope: &Scope, asked: &ClaimsRequest) -> Scope {
    let named = asked.id_token.keys().chain(asked.userinfo.keys());
    let beyond = named.filter(|name| scope_of(name).is_some_and(|of| !scope.contains(of)));
    let mut items: Vec<String> = beyond.map(|name| format!("{CLAIM_ITEM}{name}")).collect();
    let verified = &asked.verified;
    for request in [&verified.id_token, &verified.userinfo].into_iter().filter(|request| !request.is_empty()) {
        items.push(format!("{VERIFIED_ITEM}level"));
        items.extend(request.claims().map(|name| format!("{VERIFIED_ITEM}{name}")));
        items.extend(request.wants_evidence().then(|| format!("{VERIFIED_ITEM}evidence")));
    }
    scope.union(&Scope::of(items.iter().map(String::as_str)))
}

/// Marks a single claim among consented scope values.
pub const CLAIM_ITEM: &str = "claim:";
/// Marks a part of the verified identity among them: a claim, `level` (that, how far and when it was verified) or `evidence` (by what
/// document and by whom).
pub const VERIFIED_ITEM: &str = "verified:";

fn scope_of(claim: &str) -> Option<&'static str> {
    BY_SCOPE.into_iter().find(|(_, claims)| claims.contains(&claim)).map(|(scope, _)| scope)
}

fn everything(user: &User) -> Map<String, Value> {
    let mut all = match serde_json::to_value(&user.profile) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    if user.profile.phone_number.is_some() {
        all.insert("phone_number_verified".into(), json!(user.profile.phone_number_verified));
    }
    if user.profile.address.as_ref().is_some_and(|address| address.is_empty()) {
        all.remove("address");
    }
    all.insert("updated_at".into(), json!(user.updated_at.unix()));
    all.insert("email".into(), json!(user.email.as_str()));
    all.insert("email_verified".into(), json!(user.email_verified_at.is_some()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use crate::domain::time::Timestamp;
    use crate::domain::user::Condition;

    fn person() -> User {
        let now = Timestamp::from_unix(1_700_000_000);
        User {
            id: "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap(),
            email: "erika@example.com".parse().unwrap(),
            email_verified_at: Some(now),
            profile: Profile {
                name: Some("Erika".into()),
                phone_number: Some("+4930123".into()),
                ..Profile::default()
            },
            locale: "en".into(),
            condition: Condition::Active,
            created_at: now,
            updated_at: now,
            password_changed_at: now,
            hold_until: None,
            protection: Default::default(),
            kyc: Default::default(),
        }
    }

    fn client<const N: usize>(scope: &str, verified: [&str; N]) -> Client {
        let mut client: Client = serde_json::from_value(json!({
            "id": "app", "name": "App", "kind": "web", "authentication": { "method": "none" }, "grant_types": [],
            "scope": scope, "require_pkce": true, "id_token_alg": "RS256",
        }))
        .unwrap();
        client.verified_claims = verified.map(str::to_owned).into();
        client
    }

    #[test]
    fn a_scope_stands_for_its_claims_and_no_others() {
        let told = released(&person(), &Scope::of(["openid", "email"]), &BTreeMap::new());
        assert_eq!(Value::Object(told), json!({"email": "erika@example.com", "email_verified": true}));
        let told = released(&person(), &Scope::of(["profile", "phone"]), &BTreeMap::new());
        assert_eq!(told["name"], "Erika");
        assert_eq!(told["phone_number_verified"], false);
        assert_eq!(told["updated_at"], 1_700_000_000);
        assert!(!told.contains_key("given_name") && !told.contains_key("email"));
    }

    #[test]
    fn a_claim_asked_by_name_needs_its_value_and_a_registered_scope() {
        let name = |values: Vec<Value>| BTreeMap::from([("name".to_owned(), Wanted { essential: true, values })]);
        assert_eq!(released_by_name(&person(), &name(vec![])).len(), 1);
        assert!(released_by_name(&person(), &name(vec![json!("Other")])).is_empty());
        let asked = ClaimsRequest::parse(r#"{"userinfo":{"name":null,"email":null,"made_up":null}}"#).unwrap();
        let kept = within_registration(asked, &client("openid profile", []));
        assert_eq!(kept.userinfo.keys().collect::<Vec<_>>(), ["name"]);
        assert_eq!(consent_items(&Scope::of(["openid"]), &kept), Scope::of(["openid", "claim:name"]));
        assert_eq!(consent_items(&Scope::of(["profile"]), &kept), Scope::of(["profile"]));
    }
}
