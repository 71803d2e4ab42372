//! A person's browser as far as a log-in needs one: cookies, redirects, and forms that are filled in by the names of their fields.

use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::header;
use url::Url;

use crate::connection::{Answer, Ask, Connection};
use crate::profile::People;

/// Pages on the way to the app; more is a circle.
const LONGEST_WAY: usize = 20;

pub struct Browser {
    connection: Connection,
    base: Url,
    cookies: Vec<(String, String)>,
    /// `Retry-After` of the last answer, if it had one.
    pub told_to_wait: Option<Duration>,
}

/// Where a way through the provider's pages ended.
pub enum Arrived {
    /// At the app, with these parameters.
    App(Url),
    /// On a page that asks for something.
    Page(Url, Answer),
}

impl Browser {
    pub fn new(base: &Url) -> anyhow::Result<Self> {
        Ok(Self { connection: Connection::to(base)?, base: base.clone(), cookies: Vec::new(), told_to_wait: None })
    }

    /// As one request of the browser, no more.
    pub async fn send(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        let ask = match self.cookies.is_empty() {
            true => ask,
            false => {
                let all: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                ask.with(header::COOKIE, all.join("; "))
            }
        };
        let answer = self.connection.send(&ask).await?;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str()?);
        }
        let wait = answer.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        self.told_to_wait = wait.map(Duration::from_secs);
        Ok(answer)
    }

    /// Follows redirects until a page is shown or the app is reached.
    pub async fn go(&mut self, start: &Url, app: &str) -> anyhow::Result<Arrived> {
        let answer = self.send(Ask::get(target(start))).await?;
        self.follow(start.clone(), answer, app).await
    }

    async fn follow(&mut self, mut at: Url, mut answer: Answer, app: &str) -> anyhow::Result<Arrived> {
        for _ in 0..LONGEST_WAY {
            let Some(location) = answer.location().filter(|_| answer.status.is_redirection()) else {
                return Ok(Arrived::Page(at, answer));
            };
            at = at.join(location)?;
            if at.as_str().starts_with(app) {
                return Ok(Arrived::App(at));
            }
            if at.authority() != self.base.authority() {
                bail!("redirected to {at}");
            }
            answer = self.send(Ask::get(target(&at))).await?;
        }
        bail!("redirected in circles, last to {at}")
    }

    /// Goes through log-in and consent by filling in what the person has an answer to.
    pub async fn log_in(&mut self, start: &Url, app: &str, (people, number): (&People, usize)) -> anyhow::Result<Url> {
        let mut arrived = self.go(start, app).await?;
        let mut last = String::new();
        for _ in 0..LONGEST_WAY {
            let (at, page) = match arrived {
                Arrived::App(url) => return Ok(url),
                Arrived::Page(at, page) => (at, page),
            };
            let html = page.text();
            last = title_of(&html).map_or_else(String::new, |title| format!(": {title} at {at}"));
            let form = Form::first_of(&html).with_context(|| format!("no form at {at}: {}", page.told()))?;
            let fields = form.filled(|name| people.typed(number, name));
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let to = at.join(form.action)?;
            let origin = self.base.origin().ascii_serialization();
            let answer = self.send(Ask::form(target(&to), &fields).with(header::ORIGIN, origin)).await?;
            if answer.status.is_client_error() || answer.status.is_server_error() {
                bail!("{to}: {}", answer.told());
            }
            arrived = self.follow(to, answer, app).await?;
        }
        bail!("a log-in that does not end{last}")
    }

    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.trim().split_once('=')) else { return };
        let over = parts.any(|part| {
            let part = part.trim().to_ascii_lowercase();
            part == "max-age=0" || part.starts_with("expires=thu, 01 jan 1970")
        });
        self.cookies.retain(|(kept, _)| kept != name);
        if !over && !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

struct Form<'a> {
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    /// The first form that is posted and shown.
    fn first_of(html: &'a str) -> Option<Self> {
        html.split("<form").skip(1).find_map(|rest| {
            let whole = rest.split("</form>").next()?;
            let (head, inside) = whole.split_once('>')?;
            let posted = attribute(head, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            if !posted || head.ends_with(" hidden") {
                return None;
            }
            let mut fields = Vec::new();
            for tag in ["<input", "<button"] {
                for input in inside.split(tag).skip(1).filter_map(|rest| rest.split('>').next()) {
                    if let Some(name) = attribute(input, "name") {
                        fields.push((name, attribute(input, "value").unwrap_or_default()));
                    }
                }
            }
            Some(Self { action: attribute(head, "action").unwrap_or_default(), fields })
        })
    }

    /// Every field once: what the person types, or else what the form has in it.
    fn filled(&self, typed: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
        let mut filled: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.fields {
            if filled.iter().all(|(kept, _)| kept != name) {
                filled.push(((*name).to_owned(), typed(name).unwrap_or_else(|| plain(value))));
            }
        }
        filled
    }
}

fn title_of(html: &str) -> Option<&str> {
    Some(html.split_once("<title>")?.1.split_once("</title>")?.0.trim())
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn plain(escaped: &str) -> String {
    let named = escaped.replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">");
    named.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<form method="post" action="/hidden" hidden><input name="a" value="1"></form>
        <form autocomplete="off" action="/go?x=1" method="post"><input type="hidden" name="csrf" value="a&amp;b">
        <input required type="text" name="login"><button name="decision" value="deny">No</button>
        <button name="decision" value="allow">Yes</button></form>"#;

    #[test]
    fn a_form_is_filled_by_the_names_of_its_fields() {
        let form = Form::first_of(PAGE).unwrap();
        assert_eq!(form.action, "/go?x=1");
        let filled = form.filled(|name| match name {
            "login" => Some("ada".to_owned()),
            "decision" => Some("allow".to_owned()),
            _ => None,
        });
        let expected = [("csrf", "a&b"), ("login", "ada"), ("decision", "allow")];
        assert_eq!(filled, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn cookies_are_kept_replaced_and_given_up() {
        let mut browser = Browser::new(&Url::parse("http://localhost:1").unwrap()).unwrap();
        for line in ["a=1; Path=/", "b=2; HttpOnly", "a=3", "b=; Max-Age=0"] {
            browser.keep(line);
        }
        assert_eq!(browser.cookies, [("a".to_owned(), "3".to_owned())]);
    }
}
