//! The documentation page, made of the description.

use std::collections::BTreeMap;

use serde_json::Value;

use super::description::operations;
use super::problem::Kind;
use crate::pages::api_docs::*;

const SCHEMAS: &str = "#/components/schemas/";

pub fn page(document: &Value, issuer: &str) -> ApiDocsPage {
    let mut groups: BTreeMap<String, Vec<ApiOperation>> = BTreeMap::new();
    for (path, method, told) in operations(document) {
        let group = text(&told["tags"][0]);
        groups.entry(group).or_default().push(operation(path, method, told));
    }
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    ApiDocsPage {
        document: format!("{issuer}/admin/api/v1/openapi.json"),
        groups: groups.into_iter().map(|(name, operations)| ApiGroup { name, operations }).collect(),
        schemas: schemas.map(|(name, told)| schema(name, told)).collect(),
        problems: Kind::ALL
            .iter()
            .map(|kind| ApiProblem {
                kind: kind.slug(),
                status: kind.status(),
                title: kind.title(),
                meaning: kind.meaning(),
            })
            .collect(),
    }
}

fn operation(path: &str, method: &str, told: &Value) -> ApiOperation {
    let parameters = told["parameters"].as_array().into_iter().flatten();
    let answers = told["responses"].as_object().into_iter().flatten();
    ApiOperation {
        id: text(&told["operationId"]),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(&told["summary"]),
        description: text(&told["description"]),
        parameters: parameters
            .map(|one| ApiParameter {
                name: text(&one["name"]),
                place: text(&one["in"]),
                required: one["required"] == true,
                kind: kind(&one["schema"]),
                description: text(&one["description"]),
            })
            .collect(),
        body: content(&told["requestBody"]),
        answers: answers
            .map(|(status, answer)| ApiAnswer {
                status: status.clone(),
                description: text(&answer["description"]),
                kind: content(answer).filter(|_| status.starts_with('2')),
            })
            .collect(),
    }
}

/// Of the first media type: the others say the same.
fn content(told: &Value) -> Option<ApiKind> {
    let (media, body) = told["content"].as_object()?.iter().next()?;
    let mut kind = kind(&body["schema"]);
    if media != "application/json" {
        kind.text = format!("{} ({media})", kind.text);
    }
    Some(kind)
}

fn schema(name: &str, told: &Value) -> ApiSchema {
    let is_required = |name: &str| told["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let fields = told["properties"].as_object().into_iter().flatten();
    ApiSchema {
        name: name.to_owned(),
        description: text(&told["description"]),
        fields: fields
            .map(|(name, field)| ApiField {
                name: name.clone(),
                required: is_required(name),
                kind: kind(field),
                description: text(&field["description"]),
            })
            .collect(),
    }
}

fn kind(told: &Value) -> ApiKind {
    if let Some(name) = told["$ref"].as_str().and_then(|text| text.strip_prefix(SCHEMAS)) {
        return ApiKind { text: name.to_owned(), schema: Some(name.to_owned()) };
    }
    let alternatives = told["oneOf"].as_array().or(told["allOf"].as_array());
    if let Some(first) = alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        return kind(first);
    }
    if let Some(values) = told["enum"].as_array() {
        let values: Vec<String> = values.iter().filter(|value| !value.is_null()).map(text).collect();
        return ApiKind { text: values.join(" | "), schema: None };
    }
    let mut name = match &told["type"] {
        Value::Array(all) => all.iter().map(text).filter(|one| one != "null").collect::<Vec<_>>().join(" | "),
        one => text(one),
    };
    if name == "array" {
        let inner = kind(&told["items"]);
        return ApiKind { text: format!("{}[]", inner.text), schema: inner.schema };
    }
    if let Some(format) = told["format"].as_str().filter(|format| *format != "int64") {
        name = format!("{name} ({format})");
    }
    ApiKind { text: name, schema: None }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
