//! The protocol endpoints, for apps and for the browsers they send.

pub mod authorize;
pub mod discovery;
pub mod introspect;
pub mod logout;
pub mod registration;
pub mod revoke;
pub mod token;
pub mod userinfo;

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::visit::{client_address, text_of};
use super::web::Web;
use crate::domain::error::OAuthError;
use crate::domain::parameters::Parameters;
use crate::flow::client_auth::AuthenticatedClient;

/// A form posted by an app: its parameters, its Authorization header and its address.
pub struct AppForm {
    pub parameters: Parameters,
    pub authorization: Option<Vec<u8>>,
    pub address: IpAddr,
}

impl FromRequest<Web> for AppForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let refused = |text: &'static str| OAuthError::invalid_request(text).into_response();
        if !text_of(&parts.headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
            return Err(refused("the body must be application/x-www-form-urlencoded"));
        }
        let mut authorizations = parts.headers.get_all(header::AUTHORIZATION).iter();
        let authorization = authorizations.next().map(|value| value.as_bytes().to_vec());
        if authorizations.next().is_some() {
            return Err(refused("more than one Authorization header"));
        }
        let address = client_address(&parts, web);
        let body = Bytes::from_request(Request::from_parts(parts, body), web).await;
        let body = body.map_err(|rejection| {
            let mut response = refused("the body is too large or could not be read");
            *response.status_mut() = rejection.status();
            response
        })?;
        let parameters =
            Parameters::parse(&body).map_err(|error| OAuthError::invalid_request(error.to_string()).into_response())?;
        Ok(Self { parameters, authorization, address })
    }
}

impl AppForm {
    pub async fn client(&self, web: &Web) -> Result<AuthenticatedClient, OAuthError> {
        web.karat.authenticate_client(self.authorization.as_deref(), &self.parameters, self.address).await
    }
}
