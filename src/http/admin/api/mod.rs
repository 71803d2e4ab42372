//! `/admin/api/v1`: the operations of the operator's people and programs, over HTTP and in JSON.
//!
//! ```text
//! caller        who calls: an access token and nothing else
//! description   the OpenAPI document, and which operation is which act
//! problem       what went wrong (RFC 9457)
//! input         bodies, queries and paths, read strictly
//! listing       lists page by page
//! versions      ETag and If-Match
//! idempotency   Idempotency-Key
//! the others    one file a noun: its operations with their description
//! ```
//! Handlers only translate: what is allowed and what happens is `flow::admin`'s.

pub mod audit;
pub mod caller;
pub mod case_views;
pub mod cases;
pub mod client_logo;
pub mod clients;
pub mod description;
pub mod docs;
pub mod house;
pub mod idempotency;
pub mod input;
pub mod invitations;
pub mod listing;
pub mod metadata;
pub mod named;
pub mod people;
pub mod people_views;
pub mod policy;
pub mod problem;
pub mod proposals;
pub mod roles;
pub mod versions;
pub mod webhooks;

use std::sync::{Arc, LazyLock};

use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::flow::admin::Authority;
use crate::http::error::PageError;
use crate::http::reply::{private_json, see_other};
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::api_docs::ApiDocsPage;
use caller::{Caller, Doorway, admit};
use description::Operations;
use problem::{Kind, Problem};

pub const PREFIX: &str = "/admin/api/";
const VERSION: &str = "/admin/api/v1";
const DOCUMENTATION: &str = "/admin/api/v1/docs";

#[derive(OpenApi)]
#[openapi(components(schemas(problem::Body<'static>)))]
struct Common;

pub fn router(web: &Web) -> Router<Web> {
    let (operations, described) = operations().split_for_parts();
    let doorway = Doorway { web: web.clone(), operations: Arc::new(Operations::of(&described, VERSION)) };
    let guarded = Router::new()
        .nest("/v1", operations)
        .fallback(async || Problem::not_found())
        .layer(from_fn_with_state(doorway, admit));
    let open = Router::new()
        .route("/v1/openapi.json", get(description_document))
        .route("/v1/docs", get(documentation))
        .layer(Extension(documents(web)));
    Router::new().nest("/admin/api", guarded.merge(open))
}

/// The operations for a caller within this process, who has proven who they are in another way: for the command line.
pub fn inside(web: Web, by: Authority) -> Router {
    let (operations, _) = operations().split_for_parts();
    let nested = Router::new().nest(VERSION, operations).fallback(async || Problem::not_found());
    nested.layer(Extension(Caller(by))).with_state(web)
}

/// The description as programs and as people read it. There is nothing secret in it.
struct Documents {
    document: Value,
    page: ApiDocsPage,
}

/// Made for the first who asks: most servers are never asked.
type Described = Arc<LazyLock<Documents, Box<dyn FnOnce() -> Documents + Send>>>;

fn documents(web: &Web) -> Described {
    let karat = web.karat.clone();
    Arc::new(LazyLock::new(Box::new(move || {
        let document = document(karat.issuer());
        Documents { page: docs::page(&document, karat.issuer()), document }
    })))
}

async fn description_document(Extension(documents): Extension<Described>) -> Response {
    private_json(&documents.document)
}

async fn documentation(Extension(documents): Extension<Described>, visit: Visit) -> Result<Response, PageError> {
    let frame = visit.frame();
    visit.page(&documents.page, &frame)
}

/// What the `type` of a problem leads to: where the documentation says what it means.
pub async fn problem_kind(Path(kind): Path<String>) -> Result<Response, PageError> {
    let kind = Kind::ALL.iter().find(|known| known.slug() == kind).ok_or(PageError::NotFound)?;
    Ok(see_other(&format!("{DOCUMENTATION}#problem-{}", kind.slug())))
}

/// The description of every operation.
pub fn document(issuer: &str) -> Value {
    let (_, described) =
        OpenApiRouter::<Web>::with_openapi(Common::openapi()).nest(VERSION, operations()).split_for_parts();
    description::finish(&described, issuer)
}

/// Every operation with its description.
fn operations() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(clients::get, clients::put, clients::patch, clients::delete))
        .routes(routes!(clients::list, clients::post))
        .routes(routes!(clients::post_secret))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(client_logo::put, client_logo::delete))
                .layer(DefaultBodyLimit::max(client_logo::LARGEST_BODY)),
        )
        .routes(routes!(invitations::list, invitations::post))
        .routes(routes!(invitations::delete))
        .routes(routes!(roles::list))
        .routes(routes!(roles::give))
        .routes(routes!(roles::withdraw))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::confirm))
        .routes(routes!(proposals::decline))
        .routes(routes!(audit::list))
        .routes(routes!(audit::get))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::export))
        .routes(routes!(audit::propose_export))
        .routes(routes!(policy::get))
        .routes(routes!(policy::explain))
        .routes(routes!(people::list, people::post))
        .routes(routes!(people::get))
        .routes(routes!(people::freeze))
        .routes(routes!(people::unfreeze))
        .routes(routes!(people::end_sessions))
        .routes(routes!(people::end_session))
        .routes(routes!(people::withdraw_consent))
        .routes(routes!(people::hold))
        .routes(routes!(people::lift_holds))
        .routes(routes!(people::remove_authenticator))
        .routes(routes!(people::export))
        .routes(routes!(people::propose_export))
        .routes(routes!(cases::list))
        .routes(routes!(cases::get))
        .routes(routes!(cases::of_person))
        .routes(routes!(house::keys))
        .routes(routes!(house::rotate_key))
        .routes(routes!(house::retire_key))
        .routes(routes!(house::outbox))
        .routes(routes!(house::retry))
        .routes(routes!(house::system))
        .routes(routes!(webhooks::list, webhooks::post))
        .routes(routes!(webhooks::get, webhooks::patch, webhooks::delete))
        .routes(routes!(webhooks::post_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::redeliver))
}

/// Done, and nothing to tell.
pub fn done() -> Response {
    axum::http::StatusCode::NO_CONTENT.into_response()
}
