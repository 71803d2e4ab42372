//! Where a reviewer was when the log-in or the proof came in between: in a cookie, so that it need not travel along with them.

use axum::http::HeaderMap;

use crate::domain::ids::{CaseId, UserId};
use crate::domain::time::Seconds;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;

const LIFETIME: Seconds = Seconds::minutes(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    Queue,
    Case(CaseId),
    Person(UserId),
}

impl Errand {
    /// What a path below `/review` is about.
    pub fn of(path: &str) -> Self {
        let rest = path.strip_prefix("/review/").unwrap_or_default();
        let mut segments = rest.split('/');
        match (segments.next(), segments.next()) {
            (Some("people"), Some(id)) => id.parse().map_or(Self::Queue, Self::Person),
            (Some(id), _) => id.parse().map_or(Self::Queue, Self::Case),
            (None, _) => Self::Queue,
        }
    }

    pub fn path(self) -> String {
        match self {
            Self::Queue => "/review".to_owned(),
            Self::Case(id) => format!("/review/{id}"),
            Self::Person(id) => format!("/review/people/{id}"),
        }
    }

    pub fn leave(self, visit: &mut Visit) {
        if self != Self::Queue {
            visit.set_cookie(Cookie::Errand, &self.path(), Some(LIFETIME));
        }
    }

    pub fn take(headers: &HeaderMap, visit: &mut Visit) -> Option<Self> {
        let text = Cookie::Errand.read(headers, visit.web.is_https())?;
        visit.clear_cookie(Cookie::Errand);
        Some(Self::of(&text)).filter(|errand| *errand != Self::Queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    #[test]
    fn an_errand_leads_to_a_case_or_a_person_and_nowhere_else() {
        for path in [format!("/review/{ID}"), format!("/review/people/{ID}")] {
            assert_eq!(Errand::of(&path).path(), path);
        }
        assert_eq!(Errand::of(&format!("/review/{ID}/approve")).path(), format!("/review/{ID}"));
        for path in ["/review", "/review/", "/review/find", "/review/people/x", "//evil.example", "/account"] {
            assert_eq!(Errand::of(path), Errand::Queue, "{path}");
        }
    }
}
