//! The policy that Karat comes with, held against what it is meant to say: every default scope, for every level, class of log-in and age of
//! it, with and without a hold and a settings lock.

use karat::config::Config;
use karat::domain::authentication::{Acr, Authentication, Method, PasskeyUse, Proven};
use karat::domain::client::Client;
use karat::domain::kyc::{Finding, Standing, Tier};
use karat::domain::policy::{Policy, Withheld, decide};
use karat::domain::protection::{Protection, SettingsLock};
use karat::domain::scope::Scope;
use karat::domain::time::{Seconds, Timestamp};
use karat::domain::user::{Condition, User};

use crate::support::app::web_client;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const TWELVE_HOURS: i64 = 43_200;
const HOUR: i64 = 3_600;
const FIVE_MINUTES: i64 = 300;

/// What a default scope takes, besides a second factor better than SMS, which they all take.
struct Row {
    scope: &'static str,
    level: u8,
    seconds: i64,
    held: bool,
    locked: bool,
}

const fn row(scope: &'static str, level: u8, seconds: i64, held: bool, locked: bool) -> Row {
    Row { scope, level, seconds, held, locked }
}

/// Written by hand, from what each scope lets an app do. Moving money out and making keys that can, wait for holds; leaving the account's
/// owner less in charge, or sending money elsewhere, waits for the settings lock.
const TABLE: [Row; 12] = [
    //   scope               level  at most        hold   lock
    row("trade:read", 0, TWELVE_HOURS, false, false),
    row("trade:spot", 1, TWELVE_HOURS, false, false),
    row("trade:margin", 2, HOUR, false, false),
    row("trade:futures", 2, HOUR, false, false),
    row("wallet:read", 0, TWELVE_HOURS, false, false),
    row("wallet:deposit", 1, TWELVE_HOURS, false, false),
    row("wallet:withdraw", 2, FIVE_MINUTES, true, true),
    row("wallet:addressbook", 2, FIVE_MINUTES, false, true),
    row("fiat:deposit", 2, TWELVE_HOURS, false, false),
    row("fiat:withdraw", 2, FIVE_MINUTES, true, false),
    row("apikey:manage", 1, FIVE_MINUTES, true, false),
    row("account:security", 0, FIVE_MINUTES, false, true),
];

fn built_in() -> Policy {
    let text = "[server]\nissuer = \"https://idp.test\"\n";
    let config =
        Config::from_text("karat.toml", text, std::iter::empty()).expect("the built-in configuration is right");
    karat::flow::karat::policy(&config)
}

fn person(level: u8, hold_until: Option<Timestamp>, settings: SettingsLock) -> User {
    let mut kyc = Standing::default();
    if level > 0 {
        let case = "0190163d-8694-739b-aea5-966c26f8ad01".parse().unwrap();
        let tier = Tier::try_from(level).unwrap();
        kyc = kyc.after(&Finding::Begun { case, tier }, NOW);
        kyc = kyc.after(&Finding::Approved { case, tier, until: None, residence: Some("DE".parse().unwrap()) }, NOW);
    }
    User {
        id: "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap(),
        email: "erika@example.com".parse().unwrap(),
        email_verified_at: Some(NOW),
        profile: Default::default(),
        locale: "en".into(),
        condition: Condition::Active,
        created_at: NOW,
        updated_at: NOW,
        password_changed_at: NOW,
        hold_until,
        protection: Protection { settings, ..Protection::default() },
        kyc,
    }
}

fn log_in(acr: Acr, seconds_ago: i64) -> Authentication {
    let passkey = |attested: bool| Method::Passkey(PasskeyUse { user_verified: true, synced: !attested, attested });
    let methods = match acr {
        Acr::Password => vec![Method::Password],
        Acr::MfaSms => vec![Method::Password, Method::Sms],
        Acr::Mfa => vec![Method::Password, Method::Totp],
        Acr::Phr => vec![passkey(false)],
        Acr::Phrh => vec![passkey(true)],
    };
    let at = NOW.minus(Seconds(seconds_ago));
    let proven: Vec<Proven> = methods.into_iter().map(|method| Proven { method, at }).collect();
    let authentication = Authentication::of(&proven).unwrap();
    assert_eq!(authentication.acr, acr);
    authentication
}

#[test]
fn the_default_policy_speaks_of_these_scopes_and_no_others() {
    let mut named: Vec<&str> = TABLE.iter().map(|row| row.scope).collect();
    named.sort_unstable();
    assert_eq!(built_in().scopes.keys().map(String::as_str).collect::<Vec<_>>(), named);
}

#[test]
fn the_default_policy_grants_exactly_what_the_table_says() {
    let policy = built_in();
    let asked = Scope::of(TABLE.iter().map(|row| row.scope));
    let client = Client { scope: asked.clone(), ..web_client("exchange") };
    let around = |most: i64| [most - 1, most, most + 1];
    let ages: Vec<i64> =
        [0].into_iter().chain([FIVE_MINUTES, HOUR, TWELVE_HOURS].into_iter().flat_map(around)).collect();
    let in_an_hour = NOW.plus(Seconds(HOUR));
    let holds = [(None, false), (Some(NOW), false), (Some(in_an_hour), true)];
    let locks = [(SettingsLock::Open, false), (SettingsLock::Locked { delay: Seconds::days(1) }, true)];
    let (mut granted, mut withheld) = (0, 0);
    for level in 0..=3 {
        for (hold_until, is_held) in holds {
            for (settings, is_locked) in locks {
                let person = person(level, hold_until, settings);
                for acr in Acr::LADDER {
                    for age in ages.iter().copied() {
                        let told = decide(&asked, &client, &person, &log_in(acr, age), &policy, NOW);
                        for row in &TABLE {
                            let mut why = Vec::new();
                            if level < row.level {
                                why.push(Withheld::Tier(Tier::try_from(row.level).unwrap()));
                            }
                            if row.held && is_held {
                                why.push(Withheld::Hold(in_an_hour));
                            }
                            if row.locked && is_locked {
                                why.push(Withheld::SettingsLocked);
                            }
                            if matches!(acr, Acr::Password | Acr::MfaSms) {
                                why.push(Withheld::Acr(Acr::Mfa));
                            }
                            if age > row.seconds {
                                why.push(Withheld::TooOld(Seconds(row.seconds)));
                            }
                            let refusal = told.withheld.iter().find(|refusal| refusal.scope == row.scope);
                            let found = refusal.map(|refusal| refusal.why.clone()).unwrap_or_default();
                            let case = format!("{}: {level} {acr:?} {age} {hold_until:?} {is_locked}", row.scope);
                            assert_eq!(found, why, "{case}");
                            assert_eq!(told.granted.contains(row.scope), why.is_empty(), "{case}");
                            *(if why.is_empty() { &mut granted } else { &mut withheld }) += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(granted + withheld, 4 * 3 * 2 * 5 * 10 * 12);
    assert!(granted > 2_000 && withheld > 2_000, "{granted} {withheld}");
}
