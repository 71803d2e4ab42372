//! Lists, page by page: `?cursor=&limit=`, and with every page the address of the next.

use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::problem::Problem;
use crate::http::reply::private_json;
use crate::http::web::Web;

const LINK: HeaderName = header::LINK;
pub const MOST: i64 = 100;
const USUAL: i64 = 50;

/// How many of a page, 1 to [`MOST`].
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub i64);

impl Default for Limit {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.map(Self).ok_or_else(|| de::Error::custom("limit is a number from 1 to 100"))
    }
}

/// Part of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    items: Vec<T>,
    /// The address of the next part; absent at the end. Also in the Link header (RFC 8288).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    next: Option<String>,
}

/// Where the next page begins: opaque to programs.
pub fn cursor<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    let Some(text) = cursor else { return Ok(None) };
    let json = URL_SAFE_NO_PAD.decode(text).ok();
    let read = json.and_then(|json| super::input::read(&json).ok());
    read.map(Some).ok_or_else(|| Problem::invalid("cursor", "this is none of ours"))
}

impl<T: Serialize> Page<T> {
    /// `found` holds one more than `limit` when there is a next page; `key` says where it begins: after the last that is shown.
    pub fn of<F>(
        place: (&Web, &Uri),
        limit: Limit,
        mut found: Vec<F>,
        key: impl Fn(&F) -> String,
        show: impl Fn(F) -> T,
    ) -> Self {
        let most = usize::try_from(limit.0).unwrap_or(0);
        let more = found.len() > most;
        found.truncate(most);
        Self::told(place, found, more, key, show)
    }

    /// As [`Page::of`], where it is known whether there are more.
    pub fn told<F>(
        (web, uri): (&Web, &Uri),
        found: Vec<F>,
        more: bool,
        key: impl Fn(&F) -> String,
        show: impl Fn(F) -> T,
    ) -> Self {
        let next = found.last().filter(|_| more).map(|last| next_address(web, uri, &key(last)));
        Self { items: found.into_iter().map(show).collect(), next }
    }

    /// A list that is short by its nature.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

fn next_address(web: &Web, uri: &Uri, cursor: &str) -> String {
    let kept = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept: Vec<_> = kept.filter(|(name, _)| name != "cursor").collect();
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("cursor", cursor).finish();
    web.karat.issuer.join(&format!("{}?{query}", uri.path()))
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let mut response = private_json(&self);
        let link = self.next.map(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")));
        if let Some(Ok(link)) = link {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}
