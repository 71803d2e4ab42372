//! `GET` and `POST /logout` (OpenID Connect RP-Initiated Logout). An app with a valid hint for this session logs out at
//! once; everybody else is asked.

use axum::body::Bytes;
use axum::extract::{FromRequest, RawQuery, Request, State};
use axum::http::header;
use axum::response::Response;

use crate::domain::parameters::Parameters;
use crate::flow::logout::LogoutRequest;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::reply::see_other;
use crate::http::visit::{Visit, text_of};
use crate::http::web::Web;
use crate::pages::logout::{LoggedOutPage, LogoutPage};

/// What the page repeats in its form, and nothing else.
const CARRIED: [&str; 4] = ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"];

pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes())
        .map_err(|error| PageError::bad_request(error.to_string()))?;
    begin(visit, parameters).await
}

/// An app's form, or our own page's. Our own carries the form token and is the person's yes.
pub async fn post(State(web): State<Web>, request: Request) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let is_form = text_of(&parts.headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let body =
        Bytes::from_request(Request::from_parts(parts.clone(), body), &web).await.map_err(PageError::from_body)?;
    if !is_form {
        return Err(PageError::bad_request("the body must be application/x-www-form-urlencoded"));
    }
    let parameters = Parameters::parse(&body).map_err(|error| PageError::bad_request(error.to_string()))?;
    let request = Request::from_parts(parts, axum::body::Body::from(body));
    if parameters.get("csrf").is_some() {
        let form = PageForm::from_request(request, &web).await?;
        return confirmed(form.visit, form.fields).await;
    }
    // Another site's form comes without our cookies: look again as a navigation, which brings them.
    let carried = CARRIED.iter().filter_map(|name| Some((*name, parameters.get(name)?)));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(carried).finish();
    Ok(see_other(&format!("/logout?{query}")))
}

async fn begin(visit: Visit, parameters: Parameters) -> Result<Response, PageError> {
    let asked = visit.web.karat.read_logout_request(&parameters, visit.signed_in.as_ref()).await?;
    match &visit.signed_in {
        Some(signed_in) if asked.is_proven => {
            visit.web.karat.log_out(signed_in).await?;
            done(visit, asked)
        }
        Some(signed_in) => {
            let email = Some(signed_in.user.email.to_string());
            let carried =
                CARRIED.iter().filter_map(|name| Some(((*name).to_owned(), parameters.get(name)?.to_owned())));
            let page = LogoutPage { email, fields: carried.collect() };
            let frame = visit.frame();
            visit.page_with_target(&page, &frame, asked.return_to.as_deref())
        }
        None => done(visit, asked),
    }
}

async fn confirmed(visit: Visit, parameters: Parameters) -> Result<Response, PageError> {
    let asked = visit.web.karat.read_logout_request(&parameters, visit.signed_in.as_ref()).await?;
    if let Some(signed_in) = &visit.signed_in {
        visit.web.karat.log_out(signed_in).await?;
    }
    done(visit, asked)
}

fn done(mut visit: Visit, asked: LogoutRequest) -> Result<Response, PageError> {
    visit.sign_out();
    if let Some(place) = asked.return_to {
        return Ok(visit.see_other(&place));
    }
    let detail = asked.refused_return.then_some("invalid post_logout_redirect_uri, or no id_token_hint that proves it");
    let frame = visit.frame();
    visit.page(&LoggedOutPage { detail }, &frame)
}
