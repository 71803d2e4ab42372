//! The languages say the same things, and nothing is said that no page says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use karat::pages::catalogue::{self, Catalogue};
use karat::pages::{Locale, keys};

/// Keys put together in a template from these prefixes; rendering every sample proves that they exist.
const COMPOSED: &[&str] = &[
    "scope-",
    "claim-",
    "identity-",
    "framework-proof-",
    "account-nav-",
    "date-month-",
    "error-",
    "event-",
    "hold-cause-",
    "factor-kind-",
    "security-",
    "mfa-way-",
    "mail-verification-",
    "kyc-reason-",
    "review-",
    "admin-role-",
    "admin-room-",
    "admin-invitations-mode-",
    "admin-actor-",
    "admin-grave-",
    "admin-app-",
    "admin-consent-rule-",
    "admin-client-method-",
    "admin-client-redirects-hint-",
    "admin-strict-",
    "admin-people-",
    "admin-condition-",
    "admin-outbox-",
    "webhook-group-",
    "webhook-state-",
    "admin-withheld-",
    "setup-step-",
    "kyc-state-",
    "kyc-history-",
    "verify-step-",
    "verify-level-name-",
    "verify-need-",
    "verify-proof-",
    "verify-kind-",
    "verify-funds-",
    "verify-had-",
    "verify-status-",
    "verify-closed-",
];

/// Keys that `template_words.rs` uses.
const SPOKEN_BY_CODE: &[&str] = &[
    "span-minutes",
    "span-hours",
    "span-days",
    "date-day",
    "date-moment",
    "ago-now",
    "ago-minutes",
    "ago-hours",
    "ago-days",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.push(entry);
        }
    }
    found
}

/// Every literal key of `t("...")` and `th("...")` in the hosted templates.
fn keys_in_templates() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&folder("templates")).into_iter().filter(|file| !file.starts_with(folder("templates/demo"))) {
        let source = fs::read_to_string(&file).expect("template");
        for opening in ["t(\"", "th(\""] {
            for (at, _) in source.match_indices(opening) {
                if source[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
                    continue;
                }
                let rest = &source[at + opening.len()..];
                let (key, after) = rest.split_once('"').expect("a closing quote");
                if !after.trim_start().starts_with('~') {
                    found.insert(key.to_owned());
                }
            }
        }
    }
    assert!(found.len() > 100, "the templates were read");
    found
}

/// Key -> whole text of the message, as written in the file.
fn messages(locale: Locale) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for file in files(&folder("locales").join(locale.tag())) {
        let mut current = String::new();
        for line in fs::read_to_string(&file).expect("messages").lines() {
            match line.split_once(" = ").filter(|_| line.starts_with(|first: char| first.is_ascii_lowercase())) {
                Some((key, text)) => {
                    current = key.to_owned();
                    found.insert(current.clone(), text.to_owned());
                }
                None if line.starts_with([' ', '}']) => {
                    let text = found.get_mut(&current).expect("a message goes on");
                    text.push('\n');
                    text.push_str(line);
                }
                None => {}
            }
        }
    }
    found
}

fn arguments(text: &str) -> BTreeSet<&str> {
    text.split('$')
        .skip(1)
        .map(|rest| rest.split(|next: char| !next.is_alphanumeric()).next().unwrap_or_default())
        .collect()
}

#[test]
fn every_language_has_the_same_messages() {
    let english = catalogue::keys(Locale::En).expect("English");
    for locale in Locale::ALL {
        let other = catalogue::keys(locale).expect("messages");
        let missing: Vec<_> = english.symmetric_difference(&other).collect();
        assert!(missing.is_empty(), "{locale:?} differs in {missing:?}");
    }
}

#[test]
fn every_language_takes_the_same_arguments() {
    let (english, spanish) = (messages(Locale::En), messages(Locale::Es));
    for (key, text) in &english {
        assert_eq!(arguments(text), arguments(&spanish[key]), "{key}");
    }
}

#[test]
fn spanish_is_not_a_copy_of_english() {
    let spanish = messages(Locale::Es);
    let same: Vec<_> =
        messages(Locale::En).into_iter().filter(|(key, text)| spanish[key] == *text).map(|(key, _)| key).collect();
    assert_eq!(same, ["app-papers", "date-moment", "title-error"]);
}

#[test]
fn every_key_of_a_template_or_of_flow_is_in_every_language() {
    for locale in Locale::ALL {
        let known = catalogue::keys(locale).expect("messages");
        let catalogue = Catalogue::load(locale).expect("messages parse");
        for key in keys_in_templates().iter().map(String::as_str).chain(keys::ALL.iter().copied()) {
            assert!(known.contains(key), "{key} is not in {locale:?}");
        }
        assert!(catalogue.text("no-such-key", None).is_err());
    }
}

#[test]
fn no_message_is_left_over() {
    let spoken = keys_in_templates();
    for key in catalogue::keys(Locale::En).expect("messages") {
        let used = spoken.contains(&key)
            || keys::ALL.contains(&key.as_str())
            || SPOKEN_BY_CODE.contains(&key.as_str())
            || COMPOSED.iter().any(|prefix| key.starts_with(prefix));
        assert!(used, "nothing says {key}");
    }
}
