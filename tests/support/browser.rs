//! A browser without a screen: keeps cookies, sends what browsers send with forms, follows redirects within the site and
//! stops where they leave it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, RequestBuilder, StatusCode};

pub struct Browser {
    base: String,
    /// The node that is asked.
    at: Mutex<String>,
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A client for plain HTTP on loopback that follows nothing. It trusts no certificates: reading the machine's takes longer
/// than all the requests of a test.
pub fn http() -> Client {
    let without_roots = Client::builder().tls_certs_only([]);
    without_roots.redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// An answer as a person would see it.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// Path and query of the page, or the whole URL when the browser was sent elsewhere.
    pub url: String,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned(), at: Mutex::new(base.to_owned()), client: http(), cookies: Mutex::default() }
    }

    /// The origin of the site.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// From now on another node answers, under the same name.
    pub fn go_to_node(&self, at: &str) {
        at.clone_into(&mut self.at.lock().unwrap());
    }

    /// One request, nothing followed.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        self.try_send(request).await.unwrap()
    }

    /// An error when no answer came.
    pub async fn try_send(&self, request: RequestBuilder) -> Result<Page, reqwest::Error> {
        let cookies = self.cookie_header();
        let request = if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies) };
        let answer = request.send().await?;
        for value in answer.headers().get_all(header::SET_COOKIE) {
            self.keep(value.to_str().unwrap());
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let url = answer.url().to_string();
        let body = answer.text().await?;
        let at = self.at.lock().unwrap().clone();
        Ok(Page { status, headers, body, url: url.strip_prefix(&at).unwrap_or(&url).to_owned() })
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let at = self.at.lock().unwrap().clone();
        let host = self.base.split_once("://").unwrap().1;
        self.client
            .request(method, format!("{at}{path}"))
            .header(header::HOST, host)
            .header("user-agent", "Karat-Test/1.0 (Linux)")
    }

    /// Opens a page and follows redirects within the site.
    pub async fn get(&self, path: &str) -> Page {
        self.follow(self.send(self.request(Method::GET, path)).await).await
    }

    /// Posts as a browser does from one of the site's own pages.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.follow(self.post_once(path, fields).await).await
    }

    pub async fn post_once(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base)
            .form(fields);
        self.send(request).await
    }

    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(to) = page.location() else { return page };
            let Some(path) = own_path(&self.base, &to) else {
                page.url = to;
                return page;
            };
            page = self.send(self.request(Method::GET, &path)).await;
            page.url = path;
        }
        panic!("more than ten redirects, last at {}", page.url);
    }

    /// Fills in the form of a page and sends it: its hidden fields, and what is given.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        self.follow(self.submit_once(page, fields).await).await
    }

    pub async fn submit_once(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let (action, hidden) = page.form();
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
        all.extend_from_slice(fields);
        self.post_once(&action, &all).await
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn forget_cookie(&self, name: &str) {
        self.cookies.lock().unwrap().remove(name);
    }

    fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if attributes.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// As it is sent.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

fn own_path(base: &str, location: &str) -> Option<String> {
    let path = location.strip_prefix(base).unwrap_or(location);
    path.starts_with('/').then(|| path.to_owned())
}

impl Page {
    pub fn location(&self) -> Option<String> {
        let value = self.headers.get(header::LOCATION)?;
        Some(value.to_str().unwrap().to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Path without query.
    pub fn path(&self) -> &str {
        self.url.split('?').next().unwrap()
    }

    /// A parameter of the URL the browser was sent to.
    pub fn param(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.url).or_else(|_| url::Url::parse(&format!("http://x{}", self.url))).unwrap();
        url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
    }

    /// The first `data-` attribute of that name.
    pub fn data(&self, name: &str) -> Option<String> {
        attribute(&self.body, &format!("data-{name}"))
    }

    /// The first form of the page's main part: where it goes and its hidden fields.
    pub fn form(&self) -> (String, Vec<(String, String)>) {
        self.form_of(|found| found != "/language")
    }

    /// The first form that posts to `action`.
    pub fn form_to(&self, action: &str) -> (String, Vec<(String, String)>) {
        self.form_of(|found| found == action)
    }

    fn form_of(&self, wanted: impl Fn(&str) -> bool) -> (String, Vec<(String, String)>) {
        for form in self.body.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let action = attribute(form.split('>').next().unwrap(), "action").unwrap_or_default();
            if !wanted(&action) {
                continue;
            }
            let hidden = form.split("<input").skip(1).filter_map(|input| {
                let tag = input.split('>').next().unwrap();
                (attribute(tag, "type")? == "hidden")
                    .then(|| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap_or_default()))
            });
            return (action, hidden.collect());
        }
        panic!("no such form on {} ({}):\n{}", self.url, self.status, self.body);
    }

    /// The text of the page without tags, spaces collapsed.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                c if !inside => text.push(c),
                _ => {}
            }
        }
        unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\"")).map(|at| at + name.len() + 3)?;
    let rest = &tag[start..];
    Some(unescape(&rest[..rest.find('"')?]))
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2f;", "/")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
