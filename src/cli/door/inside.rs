//! The door to the database: the operations of the admin API within this process, asked by the operator.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use axum::response::Response;
use futures_util::StreamExt;
use tower::ServiceExt;

use super::Question;
use crate::app::App;
use crate::flow::admin::Authority;
use crate::http::Web;
use crate::http::admin::api;
use crate::http::admin::api::problem::Problem;

pub struct Inside {
    pub app: App,
    operations: Router,
}

impl Inside {
    pub fn new(app: App) -> Self {
        let web = Web::new(app.karat.clone(), &app.config.server);
        Self { operations: api::inside(web, Authority::operator()), app }
    }

    pub(super) async fn send(&self, question: &Question) -> anyhow::Result<Response> {
        let mut request = Request::builder().method(question.method.clone()).uri(question.target());
        if let Some(seen) = &question.seen {
            request = request.header(header::IF_MATCH, seen);
        }
        let request = match &question.body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))?
            }
            None => request.body(Body::empty())?,
        };
        let response = self.operations.clone().oneshot(request).await?;
        // What the server's guard does for whoever comes from outside.
        let problem = response.extensions().get::<Problem>().cloned();
        Ok(match problem {
            Some(problem) => problem.answer(&response, &self.app.karat, ""),
            None => response,
        })
    }
}

pub(super) async fn piece(response: &mut Response) -> anyhow::Result<Option<Bytes>> {
    let mut body = std::mem::take(response.body_mut()).into_data_stream();
    let piece = body.next().await.transpose()?;
    *response.body_mut() = Body::from_stream(body);
    Ok(piece)
}
