//! Pages of the demo from `templates/demo/`, compiled in, with autoescaping and undefined names as errors.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../templates/demo/", $name)))
    };
}

const TEMPLATES: &[(&str, &str)] = &[
    template!("layout.html"),
    template!("claims.html"),
    template!("landing.html"),
    template!("signed_in.html"),
    template!("problem.html"),
    template!("trading_panel.html"),
    template!("trading_pitch.html"),
    template!("wallet_panel.html"),
    template!("wallet_pitch.html"),
    template!("desk.html"),
    template!("mails.html"),
    template!("mail.html"),
];

/// Styles shared by all; each app puts its own colours before them.
pub const BASE_STYLE: &str = include_str!("../../templates/demo/base.css");

pub struct Pages {
    environment: Environment<'static>,
}

impl Pages {
    pub fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(Self { environment })
    }

    /// The page as a response; a template that fails is a mistake of ours and answers 500 without its details.
    pub fn page(&self, template: &str, context: impl Serialize) -> Response {
        let rendered = self.environment.get_template(template).and_then(|page| page.render(Serde(context)));
        match rendered {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(template, %error, "a demo page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, "This page is broken. The log says why.\n").into_response()
            }
        }
    }
}

/// Headers of every answer of the demo: nothing is cached, framed, sniffed or told to other sites.
pub fn guarded(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
