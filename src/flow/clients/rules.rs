//! The rules for registering a client, one function a rule: from metadata as somebody wrote it to a `Client` that makes
//! sense. What is left out gets the strict choice; what cannot be had is refused, never dropped.
//!
//! `authentication` has the rules for how a client proves who it is, `keys` for what it signs with, `request_objects` for the requests that
//! it signs, `reach` for what it may ask for and where the answers go, `sector` for whom it knows people with.
//!
//! | kind    | authentication        | grants                              | PKCE                |
//! |---------|-----------------------|-------------------------------------|---------------------|
//! | web     | `client_secret_basic` | authorization code, refresh token   | required by default |
//! | native  | `none`, nothing else  | authorization code, refresh token   | always              |
//! | service | `client_secret_basic` | client credentials, nothing else    | has no codes        |

mod authentication;
mod keys;
mod reach;
mod request_objects;
mod sector;

use url::{Host, Url};

use crate::config::{ClientSection, Config};
use crate::domain::accent::Accent;
use crate::domain::authentication::Acr;
use crate::domain::client::{Client, ClientAuthentication, ClientPages, Demands, Lifetimes, LogoutRules, SecretHash};
use crate::domain::jose::Algorithm;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Seconds;
use crate::flow::karat::policy;
use crate::gateway::targets::Targets;

const LONGEST_NAME: usize = 64;
const LONGEST_URL: usize = 2000;
const MOST_URIS: usize = 50;
const MOST_AUDIENCES: usize = 16;
const LONGEST_AUDIENCE: usize = 256;

/// What the deployment lets a client have.
#[derive(Debug, Clone)]
pub struct Rules {
    targets: Targets,
    algorithms: Vec<Algorithm>,
    refresh_idle: Seconds,
    refresh_absolute: Seconds,
    acrs: Vec<Acr>,
}

/// One thing that is wrong with the metadata: the key, as `redirect_uris[1]`, and what about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub key: String,
    pub message: String,
}

impl Refusal {
    pub(super) fn of(key: &str, message: &str) -> Self {
        Self { key: key.to_owned(), message: message.to_owned() }
    }
}

impl Rules {
    pub fn new(config: &Config) -> Self {
        Self {
            targets: Targets::new(&config.outgoing),
            algorithms: config.keys.algorithms.clone(),
            refresh_idle: config.tokens.refresh_idle_lifetime,
            refresh_absolute: config.tokens.refresh_absolute_lifetime,
            acrs: policy(config).classes().collect(),
        }
    }

    /// Whether a client of this metadata has to authenticate by a secret.
    pub fn needs_secret(metadata: &ClientSection) -> bool {
        matches!(authentication::method(metadata), "client_secret_basic" | "client_secret_post")
    }

    /// `kept` are the secrets that the client has already; they stay unless the metadata brings one.
    pub fn judge(&self, metadata: &ClientSection, kept: &[SecretHash]) -> Result<Client, Vec<Refusal>> {
        let mut found = Found::default();
        let id = found.note(
            "client_id",
            metadata.client_id.parse().map_err(|_| "must be 1 to 128 visible ASCII characters without a colon"),
        );
        let name = found.note("client_name", name(metadata));
        let authentication = authentication::authentication(metadata, kept, &mut found);
        let keys = self.keys(metadata, &mut found);
        let request_objects = self.request_objects(metadata, &mut found);
        let grant_types = reach::grant_types(metadata, &mut found);
        let public = authentication == Some(ClientAuthentication::None);
        reach::redirects_make_sense(metadata, &grant_types, &mut found);
        let redirect_uris = reach::uris("redirect_uris", &metadata.redirect_uris, metadata.kind, &mut found);
        let after_logout = &metadata.post_logout_redirect_uris;
        let after_logout = reach::uris("post_logout_redirect_uris", after_logout, metadata.kind, &mut found);
        let response_modes = reach::response_modes(metadata, &mut found);
        let scope = reach::scope(metadata, &grant_types, &mut found);
        let verified_claims = reach::verified_claims(metadata, &mut found);
        let require_pkce = found.note("require_pkce", reach::require_pkce(metadata, public));
        let id_token_alg = found.note("id_token_signed_response_alg", self.id_token_alg(metadata));
        let userinfo_alg = metadata.userinfo_signed_response_alg.as_deref();
        let userinfo_alg = userinfo_alg.map(|asked| found.note("userinfo_signed_response_alg", self.kept_alg(asked)));
        let subject = sector::subject(metadata, &redirect_uris, &mut found);
        let lifetimes = self.lifetimes(metadata, &mut found);
        let demands = self.demands(metadata, &mut found);
        let audience = reach::audience(metadata, &mut found);
        let logout = self.logout(metadata, &mut found);
        let events_uri = self.target("events_uri", metadata.events_uri.as_deref(), metadata, &mut found);
        let pages = pages(metadata, &mut found);
        match (id, name, authentication, require_pkce, id_token_alg) {
            (Some(id), Some(name), Some(authentication), Some(require_pkce), Some(id_token_alg))
                if found.0.is_empty() =>
            {
                Ok(Client {
                    id,
                    name,
                    kind: metadata.kind,
                    authentication,
                    keys,
                    request_objects,
                    grant_types,
                    redirect_uris,
                    post_logout_redirect_uris: after_logout,
                    scope,
                    verified_claims,
                    response_modes,
                    require_pkce,
                    id_token_alg,
                    userinfo_alg: userinfo_alg.flatten(),
                    subject,
                    consent: metadata.consent.unwrap_or_default(),
                    when_withheld: metadata.when_withheld.unwrap_or_default(),
                    lifetimes,
                    demands,
                    audience,
                    logout,
                    events_uri,
                    pages,
                    disabled: false,
                })
            }
            _ => Err(found.0),
        }
    }

    /// ID tokens are signed RS256 unless asked otherwise (OpenID Connect Dynamic Registration section 2).
    fn id_token_alg(&self, metadata: &ClientSection) -> Result<Algorithm, String> {
        metadata.id_token_signed_response_alg.as_deref().map_or(Ok(Algorithm::Rs256), |asked| self.kept_alg(asked))
    }

    fn kept_alg(&self, asked: &str) -> Result<Algorithm, String> {
        let kept = |alg: &Algorithm| self.algorithms.contains(alg);
        Algorithm::parse(asked).filter(kept).ok_or_else(|| {
            let offered: Vec<_> = self.algorithms.iter().map(|alg| alg.as_str()).collect();
            format!("{asked:?} is not one for which a key is kept (keys.algorithms): {}", offered.join(", "))
        })
    }

    /// OpenID Connect Dynamic Registration section 2: `default_acr_values`, `default_max_age`.
    fn demands(&self, metadata: &ClientSection, found: &mut Found) -> Demands {
        let offered: Vec<_> = self.acrs.iter().map(|acr| acr.as_str()).collect();
        for (index, acr) in metadata.default_acr_values.iter().enumerate() {
            if !offered.contains(&acr.as_str()) {
                let message = format!("{acr:?} is not one that can be reached here: {}", offered.join(", "));
                found.refuse(format!("default_acr_values[{index}]"), message);
            }
        }
        if metadata.default_max_age.is_some_and(|age| age < Seconds(0) || age > Seconds::days(365)) {
            found.refuse("default_max_age", "must be from 0 seconds to 365 days");
        }
        Demands { acr_values: metadata.default_acr_values.clone(), max_age: metadata.default_max_age }
    }

    fn lifetimes(&self, metadata: &ClientSection, found: &mut Found) -> Lifetimes {
        let idle = metadata.refresh_idle_lifetime;
        let absolute = metadata.refresh_absolute_lifetime;
        let token = (Seconds(30), Seconds::hours(1));
        let spans = [
            ("access_token_lifetime", metadata.access_token_lifetime, token),
            ("id_token_lifetime", metadata.id_token_lifetime, token),
            ("refresh_idle_lifetime", idle, (Seconds::minutes(1), Seconds::days(365))),
            ("refresh_absolute_lifetime", absolute, (Seconds::minutes(1), Seconds::days(3650))),
        ];
        for (key, span, (least, most)) in spans {
            if span.is_some_and(|span| span < least || span > most) {
                found.refuse(key, format!("must be from {} to {} seconds", least.0, most.0));
            }
        }
        let (effective_idle, effective_absolute) =
            (idle.unwrap_or(self.refresh_idle), absolute.unwrap_or(self.refresh_absolute));
        if (idle.is_some() || absolute.is_some()) && effective_absolute < effective_idle {
            found.refuse("refresh_absolute_lifetime", "must not be shorter than the idle lifetime");
        }
        Lifetimes {
            access_token: metadata.access_token_lifetime,
            id_token: metadata.id_token_lifetime,
            refresh_idle: idle,
            refresh_absolute: absolute,
        }
    }

    fn logout(&self, metadata: &ClientSection, found: &mut Found) -> LogoutRules {
        let uri = metadata.backchannel_logout_uri.as_deref();
        LogoutRules {
            backchannel_uri: self.target("backchannel_logout_uri", uri, metadata, found),
            keep_offline_access: metadata.keep_offline_access.unwrap_or(false),
        }
    }

    /// Where Karat is to send something by itself (OpenID Connect Back-Channel Logout section 2.2, RFC 8935 section 2).
    fn target(
        &self,
        key: &'static str,
        uri: Option<&str>,
        metadata: &ClientSection,
        found: &mut Found,
    ) -> Option<String> {
        let uri = uri?;
        if metadata.kind == ApplicationType::Service {
            found.refuse(key, "a service logs nobody in");
        } else {
            self.judge_target(key, uri, found);
        }
        Some(uri.to_owned())
    }

    fn judge_target(&self, key: &str, uri: &str, found: &mut Found) {
        if uri.contains('#') {
            found.refuse(key, "must not have a fragment");
        } else if uri.len() > LONGEST_URL {
            found.refuse(key, "is longer than 2000 characters");
        } else if let Err(refused) = self.targets.judge(uri) {
            let message = format!("{refused}; a private target must be listed in `[outgoing] allow` as HOST:PORT");
            found.refuse(key, message);
        }
    }
}

/// Collects every refusal of a run and not only the first.
#[derive(Default)]
struct Found(Vec<Refusal>);

impl Found {
    fn refuse(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(Refusal { key: key.into(), message: message.into() });
    }

    fn note<T, M: Into<String>>(&mut self, key: &str, judged: Result<T, M>) -> Option<T> {
        judged.map_err(|message| self.refuse(key, message)).ok()
    }
}

/// People read the name on the log-in page: it must not turn the sentence around it.
fn name(metadata: &ClientSection) -> Result<String, &'static str> {
    let name = metadata.client_name.as_ref().unwrap_or(&metadata.client_id);
    let strange = |c: char| {
        c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    if name.trim() != name || name.contains(strange) {
        return Err("must not begin or end with spaces, nor hold control or direction characters");
    }
    let shown = metadata.client_name.is_none() || (1..=LONGEST_NAME).contains(&name.chars().count());
    if shown { Ok(name.clone()) } else { Err("must have 1 to 64 characters") }
}

fn pages(metadata: &ClientSection, found: &mut Found) -> ClientPages {
    for (key, uri) in
        [("client_uri", &metadata.client_uri), ("policy_uri", &metadata.policy_uri), ("tos_uri", &metadata.tos_uri)]
    {
        if let Some(uri) = uri
            && !is_link(uri)
        {
            found.refuse(key, "must be an https URL (or http on a loopback host)");
        }
    }
    let accent = metadata.accent_color.as_deref().map(|text| {
        let judged = text.parse::<Accent>().map_err(|refused| refused.to_string());
        found.note("accent_color", judged)
    });
    ClientPages {
        home: metadata.client_uri.clone(),
        policy: metadata.policy_uri.clone(),
        terms: metadata.tos_uri.clone(),
        verified: metadata.verified.unwrap_or(false),
        has_logo: metadata.logo.is_some(),
        logo_digest: None,
        accent: accent.flatten(),
    }
}

/// What people may be sent to by a click.
fn is_link(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    // RFC 3986 section 2: these have no place in a URI.
    let is_character = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`');
    let plain = url.username().is_empty() && url.password().is_none() && text.bytes().all(is_character);
    let safe = match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    };
    plain && safe && text.len() <= LONGEST_URL
}

#[cfg(test)]
mod tests;
