//! The API's description: OpenAPI 3.1, made of what stands beside each operation and of what all of them have in common.
//!
//! An operation says its act; who may do it, by which scope, and which problems it can answer follow from here, so that none is forgotten.

use std::collections::{BTreeSet, HashMap};

use axum::http::Method;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::problem::{self, Kind};
use crate::domain::admin::{Act, Danger};
use crate::domain::role::Role;
use crate::flow::admin::authority::SCOPE;

/// Says which act an operation is; absent where it depends on what it is done to.
const ACT: &str = "x-karat-act";
const SCHEME: &str = "oauth2";

/// Which operation is which act.
pub struct Operations(HashMap<(Method, String), Option<Act>>);

impl Operations {
    /// As described, below a path.
    pub fn of(described: &OpenApi, below: &str) -> Self {
        let document = serde_json::to_value(described).unwrap_or_default();
        let all = operations(&document).filter_map(|(path, method, operation)| {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
            Some(((method, format!("{below}{path}")), act_of(operation)))
        });
        Self(all.collect())
    }

    /// `None`: there is no such operation, or it asks for itself.
    pub fn act(&self, method: &Method, path: &str) -> Option<Act> {
        // HEAD asks what GET would answer (RFC 9110 section 9.3.2).
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&(method, path.to_owned())).copied().flatten()
    }
}

fn act_of(operation: &Value) -> Option<Act> {
    operation.get(ACT).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

/// Every operation: path, method in lower case, description.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Makes the description whole.
pub fn finish(described: &OpenApi, issuer: &str) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    document["info"] = json!({
        "title": "Karat admin API",
        "version": "v1",
        "description": "What the operator's people and programs do. Times are seconds since 1970-01-01T00:00:00Z.",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": issuer }]);
    let scopes: BTreeSet<&str> = Act::ALL.iter().filter_map(|act| act.scope()).collect();
    document["components"]["securitySchemes"][SCHEME] = scheme(issuer, &scopes);
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(operation, path, method, issuer);
        }
    }
    document
}

fn scheme(issuer: &str, scopes: &BTreeSet<&str>) -> Value {
    let told = |scope: &str| match scope.strip_suffix(".read") {
        Some(what) => format!("Reads what {what} changes"),
        None => format!("Everything that programs may do by {scope}"),
    };
    let services: Map<String, Value> = scopes.iter().map(|scope| ((*scope).to_owned(), json!(told(scope)))).collect();
    json!({
        "type": "oauth2",
        "description": "An access token in the Authorization header, made out to the issuer.",
        "flows": {
            "clientCredentials": { "tokenUrl": format!("{issuer}/token"), "scopes": services },
            "authorizationCode": {
                "authorizationUrl": format!("{issuer}/authorize"),
                "tokenUrl": format!("{issuer}/token"),
                "scopes": { SCOPE: "What the person's roles allow" },
            },
        },
    })
}

fn complete(operation: &mut Value, path: &str, method: &str, issuer: &str) {
    let act = act_of(operation);
    let mut alternatives = vec![json!({ SCHEME: [SCOPE] })];
    alternatives.extend(act.and_then(Act::scope).map(|scope| json!({ SCHEME: [scope] })));
    operation["security"] = Value::Array(alternatives);
    if let Some(act) = act {
        let told = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!("{told}\n\n{}", who_may(act)).trim());
    }
    if method == "post" {
        parameters(operation).push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "The same key with the same request is answered as the first time, for 24 hours.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
        }));
    }
    for parameter in parameters(operation).iter_mut().filter(|one| one["name"] == "If-Match") {
        parameter["schema"] = json!({ "type": "string", "pattern": "^(\\*|\"[!#-~]*\")$" });
    }
    for status in refusals(operation, path, method) {
        let kinds = Kind::ALL.iter().filter(|kind| kind.status() == status);
        let types: Vec<String> = kinds.clone().map(|kind| problem::type_uri(issuer, *kind)).collect();
        let titles: Vec<&str> = kinds.map(|kind| kind.title()).collect();
        let responses = &mut operation["responses"][status.to_string()];
        if responses["description"].as_str().is_none_or(str::is_empty) {
            responses["description"] = json!(titles.join("; or: "));
        }
        responses["content"] = json!({
            problem::MEDIA_TYPE: { "schema": {
                "allOf": [
                    { "$ref": "#/components/schemas/Problem" },
                    { "properties": { "type": { "enum": types }, "status": { "const": status } } },
                ],
            } },
        });
    }
}

fn who_may(act: Act) -> String {
    let roles: Vec<&str> = act.roles().iter().map(|role: &Role| role.as_str()).collect();
    let services = match act.scope() {
        Some(scope) => format!("services with the scope {scope}"),
        None => "no services".to_owned(),
    };
    let danger = match act.danger() {
        Danger::Plain => "",
        Danger::Fresh => " People show a passkey in the minutes before.",
        Danger::Grave => {
            " People show a passkey in the minutes before, and where a second person has to agree it is only proposed (202)."
        }
    };
    format!("Act `{act}`: {}, and {services}.{danger}", roles.join(", "))
}

/// Which problems it can answer: those of all operations, those that follow from what it takes, and those that it names itself.
fn refusals(operation: &mut Value, path: &str, method: &str) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::from([401, 403, 500, 503]);
    let named = operation["responses"].as_object().into_iter().flatten();
    statuses.extend(named.filter_map(|(status, _)| status.parse::<u16>().ok()).filter(|status| *status >= 400));
    if path.contains('{') {
        statuses.insert(404);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([400, 413, 415, 422]);
    }
    if method == "post" {
        statuses.extend([400, 409, 413, 422]);
    }
    for parameter in parameters(operation) {
        match (parameter["in"].as_str(), parameter["name"].as_str()) {
            (Some("query"), _) => statuses.extend([400, 422]),
            (Some("header"), Some("If-Match")) if parameter["required"] == json!(true) => {
                statuses.extend([400, 412, 428]);
            }
            (Some("header"), Some("If-Match")) => statuses.extend([400, 412]),
            _ => {}
        }
    }
    statuses
}

fn parameters(operation: &mut Value) -> &mut Vec<Value> {
    if !operation["parameters"].is_array() {
        operation["parameters"] = json!([]);
    }
    match &mut operation["parameters"] {
        Value::Array(all) => all,
        _ => unreachable!("was made an array"),
    }
}
