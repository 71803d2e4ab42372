//! A browser without a screen: follows redirects, keeps cookies by host name as browsers do (ports share them).

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, StatusCode};
use url::Url;

pub struct Visitor {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// Where a click ended.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub body: String,
}

impl Visitor {
    pub fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { client, cookies: BTreeMap::new() })
    }

    pub async fn get(&mut self, url: &str) -> anyhow::Result<Page> {
        self.travel(Method::GET, url.parse()?, &[]).await
    }

    /// Posts as a form of the same origin would.
    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.travel(Method::POST, url.parse()?, form).await
    }

    /// One request, no redirects followed: for looking at a redirect itself.
    pub async fn peek(&mut self, url: &str) -> anyhow::Result<(StatusCode, HeaderMap)> {
        let answer = self.send(Method::GET, &url.parse()?, &[]).await?;
        Ok((answer.status(), answer.headers().clone()))
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    async fn travel(&mut self, method: Method, url: Url, form: &[(&str, &str)]) -> anyhow::Result<Page> {
        let (mut method, mut url, mut form) = (method, url, form);
        for _ in 0..20 {
            let answer = self.send(method, &url, form).await?;
            let Some(next) = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection()) else {
                return Ok(Page { url, status: answer.status(), body: answer.text().await? });
            };
            url = url.join(next.to_str()?)?;
            (method, form) = (Method::GET, &[]);
        }
        anyhow::bail!("more than 20 redirects, the last to {url}")
    }

    async fn send(&mut self, method: Method, url: &Url, form: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.request(method.clone(), url.clone()).header(COOKIE, cookies.join("; "));
        if method == Method::POST {
            request = request.header(ORIGIN, url.origin().ascii_serialization()).form(form);
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}
