//! What answers: the database with what is in it, the short-lived store, the mail server, the clock.

use std::path::Path;
use std::time::Duration;

use super::Findings;
use super::files::sqlite_file;
use crate::app;
use crate::config::{Config, MailTransport};
use crate::crypto::clock::Clock;
use crate::crypto::seal::Sealer;
use crate::crypto::sealing_keys::SealingKeys;
use crate::domain::time::{Seconds, Timestamp};
use crate::gateway::mail::Mailer;
use crate::storage::ephemeral::Ephemeral;
use crate::storage::{Db, Store};

const PATIENCE: Duration = Duration::from_secs(15);
/// 2026-01-01, before this version was made.
const NOT_BEFORE: Timestamp = Timestamp::from_unix(1_767_225_600);
/// What waits longer than this to be sent is stuck.
const STUCK: Seconds = Seconds::minutes(15);
/// Other people's systems are away now and then, and are tried for days.
const STUCK_WEBHOOK: Seconds = Seconds::hours(1);

pub async fn look(config: &Config, clock: &Clock, findings: &mut Findings) {
    let now = clock.now();
    if now < NOT_BEFORE {
        findings.fail("clock", "is years behind", "set the machine's time, for example by NTP: tokens depend on it");
    }
    if let Some(db) = database(config, findings).await {
        contents(config, db, now, findings).await;
    }
    ephemeral(config, findings).await;
    mail(config, findings).await;
}

/// The database, when it is there and up to date.
async fn database(config: &Config, findings: &mut Findings) -> Option<Db> {
    const WHAT: &str = "database";
    if let Some(file) = sqlite_file(config)
        && !Path::new(&file).exists()
    {
        findings.ok(WHAT, format!("{file} is made at the first start"));
        return None;
    }
    let opened = async {
        let db = app::open_database(config).await?;
        db.ping().await?;
        let pending = db.pending_migrations().await?;
        Ok::<_, crate::storage::Error>((db, pending))
    };
    match tokio::time::timeout(PATIENCE, opened).await {
        Err(_) => findings.fail(WHAT, "does not answer", "is storage.url right, and the server running?"),
        Ok(Err(error)) => findings.fail(WHAT, error.to_string(), "is storage.url right, and the server running?"),
        Ok(Ok((db, pending))) if pending.is_empty() => {
            findings.ok(WHAT, "answers, and its schema is up to date");
            return Some(db);
        }
        Ok(Ok((db, pending))) => {
            let found = format!("its schema is behind: {}", pending.join(", "));
            findings.warn(WHAT, found, "run `karat migrate`; `karat serve` does so by itself");
            db.close().await;
        }
    }
    None
}

async fn contents(config: &Config, db: Db, now: Timestamp, findings: &mut Findings) {
    let keys = match &config.keys.sealing_key {
        Some(text) => SealingKeys::from_text(text.expose()),
        None => SealingKeys::load(&config.keys.sealing_key_file),
    };
    // What is wrong with them has been said already.
    if let Ok(keys) = keys {
        let store = Store::new(db.clone(), std::sync::Arc::new(Sealer::new(&keys)));
        signing_keys(config, &store, now, findings).await;
        outbox(&store, now, findings).await;
    }
    db.close().await;
}

async fn signing_keys(config: &Config, store: &Store, now: Timestamp, findings: &mut Findings) {
    const WHAT: &str = "signing keys";
    let read =
        store.signing_keys_and_damage(now).await.and_then(|keys| keys.into_iter().collect::<Result<Vec<_>, _>>());
    let keys = match read {
        Ok(keys) => keys,
        Err(error) => {
            let advice = "the sealing key does not fit the database: bring back the one it was made with";
            findings.fail(WHAT, error.to_string(), advice);
            return;
        }
    };
    let signing: Vec<_> = keys.iter().filter(|key| key.retired.is_none()).collect();
    for alg in &config.keys.algorithms {
        match signing.iter().find(|key| key.alg == *alg) {
            None => {
                findings.warn(WHAT, format!("none for {}", alg.as_str()), "`karat serve` makes it at its next start")
            }
            Some(key) if now.since(key.created_at) > Seconds(config.keys.rotation_interval.0 * 2) => {
                let found = format!("{} has not been replaced for two intervals", key.kid);
                findings.warn(WHAT, found, "is automatic_rotation off? `karat keys rotate` replaces it");
            }
            Some(key) => findings.ok(WHAT, format!("{} {}", alg.as_str(), key.kid)),
        }
    }
    if keys.iter().any(|key| key.created_at > now.plus(Seconds::minutes(5))) {
        let advice = "set the machine's time, for example by NTP: tokens depend on it";
        findings.fail("clock", "the database holds keys made in the future", advice);
    } else {
        findings.ok("clock", "fits what the database holds");
    }
}

async fn outbox(store: &Store, now: Timestamp, findings: &mut Findings) {
    const WHAT: &str = "outbox";
    let backlogs = match store.outbox_backlogs().await {
        Err(error) => return findings.fail(WHAT, error.to_string(), "is the database damaged? Restore a backup"),
        Ok(backlogs) if backlogs.is_empty() => return findings.ok(WHAT, "nothing waits"),
        Ok(backlogs) => backlogs,
    };
    for (kind, backlog) in backlogs {
        let oldest = backlog.oldest.map_or(Seconds(0), |at| now.since(Timestamp::from_unix(at)));
        let (what, patience, advice) = of_kind(&kind);
        let found = format!("{} {what} waiting, the oldest for {} s", backlog.waiting, oldest.0);
        match oldest > patience {
            true => findings.warn(WHAT, found, advice),
            false => findings.ok(WHAT, found),
        }
    }
}

/// What it is, how long it may wait, and where to look when it waits longer.
fn of_kind(kind: &str) -> (&str, Seconds, &'static str) {
    match kind {
        "mail" => ("mails", STUCK, "is a server running, and does the mail server take mails?"),
        "sms" => ("text messages", STUCK, "is a server running, and does the gateway of [sms] take messages?"),
        "webhook" => (
            "webhooks",
            STUCK_WEBHOOK,
            "is a server running? `karat webhook deliveries ID` shows what its endpoint answers",
        ),
        "logout_token" => {
            ("logout tokens", STUCK, "is a server running, and does the app's backchannel_logout_uri answer?")
        }
        "security_event" => ("security events", STUCK, "is a server running, and does the app's events_uri answer?"),
        other => (other, STUCK, "is a server running?"),
    }
}

async fn ephemeral(config: &Config, findings: &mut Findings) {
    const WHAT: &str = "short-lived state";
    if config.ephemeral.url.expose() == "memory:" {
        findings.ok(WHAT, "in memory: for a single node");
        return;
    }
    let asked = async { Ephemeral::open(config.ephemeral.url.expose(), &config.ephemeral.prefix).await?.ping().await };
    let advice = "is ephemeral.url right, and Redis running?";
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => findings.ok(WHAT, "Redis answers"),
        Ok(Err(error)) => findings.fail(WHAT, error.to_string(), advice),
        Err(_) => findings.fail(WHAT, "Redis does not answer", advice),
    }
}

async fn mail(config: &Config, findings: &mut Findings) {
    const WHAT: &str = "mail";
    let mailer = match Mailer::new(&config.mail) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => {
            if config.mail.transport == MailTransport::None {
                findings.warn(WHAT, "nothing is sent", "people cannot reset their passwords without mail");
            }
            return;
        }
        Err(error) => {
            findings.fail(WHAT, error.to_string(), "mend the [mail] section");
            return;
        }
    };
    let target = format!("{}:{}", config.mail.host, config.mail.port);
    match tokio::time::timeout(PATIENCE, mailer.probe()).await {
        Ok(Ok(())) => findings.ok(WHAT, format!("{target} answers")),
        Ok(Err(error)) => findings.fail(WHAT, format!("{target}: {error}"), "check host, port, tls and the log-in"),
        Err(_) => {
            findings.fail(WHAT, format!("{target} does not answer"), "check host and port, and firewalls between")
        }
    }
}
