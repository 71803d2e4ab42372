//! Where in the console somebody was when the log-in or the proof came in between: in a cookie, so that it need not travel along with them.

use axum::http::HeaderMap;

use crate::domain::time::Seconds;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;

const LIFETIME: Seconds = Seconds::minutes(15);
const LONGEST: usize = 500;

/// A path below `/admin`, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand(String);

impl Errand {
    /// `None` for what is not the console's: a cookie can be planted.
    pub fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/admin/")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~?=&%+:@".contains(&byte);
        let is_path = path.len() <= LONGEST && rest.bytes().all(plain) && !path.contains("//") && !path.contains("..");
        is_path.then(|| Self(path.to_owned()))
    }

    pub fn path(&self) -> &str {
        &self.0
    }

    pub fn leave(&self, visit: &mut Visit) {
        visit.set_cookie(Cookie::Errand, &self.0, Some(LIFETIME));
    }

    pub fn take(headers: &HeaderMap, visit: &mut Visit) -> Option<Self> {
        let errand = Self::of(&Cookie::Errand.read(headers, visit.web.is_https())?)?;
        visit.clear_cookie(Cookie::Errand);
        Some(errand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_leads_into_the_console_and_nowhere_else() {
        for path in ["/admin/audit", "/admin/audit?act=clients.add&before=12", "/admin/clients/exchange/edit"] {
            assert_eq!(Errand::of(path).map(|errand| errand.0).as_deref(), Some(path));
        }
        for path in ["/admin", "/account", "//evil.example", "/admin//evil.example", "/admin/../x", "/admin/a;b", ""] {
            assert_eq!(Errand::of(path), None, "{path}");
        }
    }
}
