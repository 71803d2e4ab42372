//! What handlers share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::oidc::discovery::Documents;
use crate::config::ServerSection;
use crate::domain::proxy::Proxies;
use crate::flow::Karat;
use crate::pages::Locale;

/// How much longer than other requests an upload may take.
const UPLOAD_PATIENCE: u32 = 4;

/// Cheap to clone: the state of the router.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

pub struct Parts {
    pub karat: Arc<Karat>,
    section: ServerSection,
    /// The authority of the issuer: the only host that is answered.
    pub host: String,
    pub(super) documents: Mutex<Option<Documents>>,
    /// False once the server is stopping.
    pub ready: std::sync::atomic::AtomicBool,
}

impl Web {
    pub fn new(karat: Arc<Karat>, section: &ServerSection) -> Self {
        let host = karat.issuer.origin();
        let host = host.split_once("://").map_or(host.clone(), |(_, authority)| authority.to_owned());
        Self(Arc::new(Parts {
            section: section.clone(),
            host,
            documents: Mutex::new(None),
            ready: std::sync::atomic::AtomicBool::new(true),
            karat,
        }))
    }

    /// Cookies with the `__Host-` prefix need https.
    pub fn is_https(&self) -> bool {
        self.karat.issuer.is_https()
    }

    pub fn proxies(&self) -> Proxies<'_> {
        self.section.proxies()
    }

    pub fn body_limit(&self) -> usize {
        self.section.request_body_limit.0
    }

    /// Of a form with two pictures, and what stands beside them.
    pub fn upload_limit(&self) -> usize {
        2 * self.karat.settings.kyc.document_size_limit.0 + self.body_limit()
    }

    /// Of pages for people who say nothing of their language.
    pub fn default_locale(&self) -> Locale {
        Locale::for_tag(&self.karat.settings.brand.default_locale).unwrap_or_default()
    }

    /// How long a request may take. Pictures come over slow lines.
    pub fn request_timeout(&self, path: &str) -> Duration {
        let patience = self.section.request_timeout.as_duration();
        if path.starts_with("/verify/") { patience * UPLOAD_PATIENCE } else { patience }
    }
}

impl std::ops::Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
