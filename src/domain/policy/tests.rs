use proptest::prelude::*;

use super::*;
use crate::domain::authentication::{Method, PasskeyUse, Proven};
use crate::domain::client::ClientAuthentication;
use crate::domain::ids::CaseId;
use crate::domain::kyc::{Finding, Reason, Standing};
use crate::domain::protection::{Protection, SettingsLock};
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::user::Condition;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const VALUES: [&str; 6] = ["openid", "offline_access", "trade:spot", "wallet:withdraw", "fiat:withdraw", "shop:read"];

fn case(number: u8) -> CaseId {
    format!("0190163d-8694-739b-aea5-966c26f8ad{number:02x}").parse().unwrap()
}

fn country(code: &str) -> Country {
    code.parse().unwrap()
}

/// Somebody who has attained `tier`, until `until`, and lives in Germany.
fn person(tier: u8, until: Option<Timestamp>) -> User {
    let mut kyc = Standing::default();
    if tier > 0 {
        let tier = Tier::try_from(tier).unwrap();
        let begun = Finding::Begun { case: case(1), tier };
        let approved = Finding::Approved { case: case(1), tier, until, residence: Some(country("DE")) };
        kyc = kyc.after(&begun, NOW).after(&approved, NOW);
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
        hold_until: None,
        protection: Protection::default(),
        kyc,
    }
}

fn client(scope: &str) -> Client {
    Client {
        id: "app".parse().unwrap(),
        name: "App".into(),
        kind: ApplicationType::Web,
        authentication: ClientAuthentication::None,
        keys: None,
        request_objects: Default::default(),
        grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scope: scope.parse().unwrap(),
        response_modes: Default::default(),
        require_pkce: true,
        id_token_alg: crate::domain::jose::Algorithm::Es256,
        userinfo_alg: None,
        subject: Default::default(),
        consent: Default::default(),
        when_withheld: Default::default(),
        lifetimes: Default::default(),
        demands: Default::default(),
        audience: Vec::new(),
        logout: Default::default(),
        events_uri: None,
        verified_claims: Default::default(),
        pages: Default::default(),
        disabled: false,
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
    Authentication::of(&proven).unwrap()
}

fn money() -> Demand {
    Demand {
        tier: Tier::STANDARD,
        acr: Acr::Mfa,
        max_age: Some(Seconds::minutes(5)),
        waits_for_holds: true,
        waits_for_settings_lock: true,
        ..Demand::default()
    }
}

fn policy(demands: Vec<(&str, Demand)>) -> Policy {
    let scopes = demands.into_iter().map(|(scope, demand)| (scope.to_owned(), demand)).collect();
    Policy { scopes, ..Policy::default() }
}

fn why(decision: &Decision, scope: &str) -> Vec<Withheld> {
    decision
        .withheld
        .iter()
        .find(|refusal| refusal.scope == scope)
        .map(|refusal| refusal.why.clone())
        .unwrap_or_default()
}

#[test]
fn everything_that_stands_in_the_way_is_named() {
    let policy = policy(vec![("wallet:withdraw", money())]);
    let (asked, client) = (Scope::of(["openid", "wallet:withdraw"]), client("openid wallet:withdraw"));
    let all_is_well = decide(&asked, &client, &person(2, None), &log_in(Acr::Phr, 0), &policy, NOW);
    assert_eq!((all_is_well.granted, all_is_well.withheld.len()), (asked.clone(), 0));

    let mut poor = person(1, None);
    let until = NOW.plus(Seconds::hours(1));
    poor.hold_until = Some(until);
    poor.protection.settings = SettingsLock::Locked { delay: Seconds::days(1) };
    let decision = decide(&asked, &client, &poor, &log_in(Acr::Password, 301), &policy, NOW);
    assert_eq!(decision.granted, Scope::of(["openid"]));
    let expected = vec![
        Withheld::Tier(Tier::STANDARD),
        Withheld::Hold(until),
        Withheld::SettingsLocked,
        Withheld::Acr(Acr::Mfa),
        Withheld::TooOld(Seconds::minutes(5)),
    ];
    assert_eq!(why(&decision, "wallet:withdraw"), expected);
}

#[test]
fn a_level_counts_until_its_last_second_and_what_survives_expiry_goes_on() {
    let exit = Demand { tier: Tier::STANDARD, survives_expiry: true, ..Demand::default() };
    let trade = Demand { tier: Tier::STANDARD, ..Demand::default() };
    let policy = policy(vec![("out", exit), ("trade", trade)]);
    let (asked, client) = (Scope::of(["out", "trade"]), client("out trade"));
    let until = NOW.plus(Seconds(10));
    let at = |person: &User, seconds| {
        decide(&asked, &client, person, &log_in(Acr::Password, 0), &policy, NOW.plus(Seconds(seconds)))
            .granted
            .to_string()
    };
    let mut erika = person(2, Some(until));
    assert_eq!(at(&erika, 9), "out trade");
    assert_eq!(at(&erika, 10), "out");
    // What was taken back does not survive.
    let taken = Finding::Rejected { case: case(1), tier: Tier::STANDARD, reason: Reason::DocExpired, finally: false };
    erika.kyc = erika.kyc.after(&taken, NOW);
    assert_eq!(at(&erika, 0), "");
    let mut suspended = person(3, None);
    assert_eq!(at(&suspended, 0), "out trade");
    suspended.kyc = suspended.kyc.after(&Finding::Suspended { reason: Reason::SanctionsReview }, NOW);
    assert_eq!(at(&suspended, 0), "");
}

#[test]
fn countries_are_judged_by_where_the_person_lives() {
    let of = |only: &[&str], not: &[&str]| Demand {
        tier: Tier::BASIC,
        only_in: only.iter().map(|code| country(code)).collect(),
        not_in: not.iter().map(|code| country(code)).collect(),
        ..Demand::default()
    };
    let (asked, client) = (Scope::of(["trade:spot"]), client("trade:spot"));
    let judge = |demand: Demand, person: &User| {
        let policy = policy(vec![("trade:spot", demand)]);
        why(&decide(&asked, &client, person, &log_in(Acr::Password, 0), &policy, NOW), "trade:spot")
    };
    let erika = person(1, None);
    assert_eq!(judge(of(&["DE", "ES"], &[]), &erika), []);
    assert_eq!(judge(of(&["ES"], &[]), &erika), [Withheld::Region]);
    assert_eq!(judge(of(&[], &["DE"]), &erika), [Withheld::Region]);
    assert_eq!(judge(of(&[], &["ES"]), &erika), []);
    // Nobody knows where: the level is what is missing.
    assert_eq!(judge(of(&["ES"], &[]), &person(0, None)), [Withheld::Tier(Tier::BASIC)]);
    // Where nobody is served there is no level at all.
    let restricted = Policy { restricted: [country("DE")].into(), ..policy(vec![("trade:spot", of(&[], &[]))]) };
    let decision = decide(&asked, &client, &erika, &log_in(Acr::Password, 0), &restricted, NOW);
    assert_eq!(why(&decision, "trade:spot"), [Withheld::Region, Withheld::Tier(Tier::BASIC)]);
    let switched_off = Policy { verification: false, ..Policy::default() };
    assert_eq!(switched_off.tier(&erika.kyc, NOW), Tier::REGISTERED);
    assert_eq!(restricted.tier(&erika.kyc, NOW), Tier::REGISTERED);
}

#[test]
fn tokens_with_money_in_them_are_short_lived() {
    let policy = policy(vec![("wallet:withdraw", money()), ("trade:spot", Demand::default())]);
    let lifetime = |scope: &str| policy.token_lifetime(&scope.parse().unwrap(), Seconds::minutes(5));
    assert_eq!(lifetime("openid trade:spot shop:read"), Seconds::minutes(5));
    assert_eq!(lifetime("openid wallet:withdraw"), MONEY_TOKEN_LIFETIME);
    assert_eq!(policy.token_lifetime(&"wallet:withdraw".parse().unwrap(), Seconds(30)), Seconds(30));
}

/// Everything a decision depends on, in a form that can be made worse one step at a time.
#[derive(Clone, Debug)]
struct Situation {
    asked: Vec<usize>,
    registered: Vec<usize>,
    demands: Vec<(usize, Demand)>,
    tier: u8,
    ends_in: Option<i64>,
    acr: usize,
    age: i64,
    hold: Option<i64>,
    locked: bool,
    suspended: bool,
    restricted: bool,
    frozen: bool,
}

impl Situation {
    fn decide(&self) -> Decision {
        let named = |indexes: &[usize]| Scope::of(indexes.iter().map(|index| VALUES[*index]));
        let mut erika = person(self.tier, self.ends_in.map(|seconds| NOW.plus(Seconds(seconds))));
        erika.hold_until = self.hold.map(|seconds| NOW.plus(Seconds(seconds)));
        if self.locked {
            erika.protection.settings = SettingsLock::Locked { delay: Seconds::days(1) };
        }
        if self.suspended {
            erika.kyc = erika.kyc.after(&Finding::Suspended { reason: Reason::Other }, NOW);
        }
        if self.frozen {
            erika.condition = Condition::Frozen { since: NOW };
        }
        let mut policy = policy(self.demands.iter().map(|(index, demand)| (VALUES[*index], demand.clone())).collect());
        if self.restricted {
            policy.restricted = [country("DE")].into();
        }
        let mut app = client("openid");
        app.scope = named(&self.registered);
        let log_in = log_in(Acr::LADDER[self.acr], self.age);
        decide(&named(&self.asked), &app, &erika, &log_in, &policy, NOW)
    }
}

fn demand() -> impl Strategy<Value = Demand> {
    (0_u8..4, 0_usize..5, proptest::option::of(60_i64..4_000), any::<[bool; 3]>(), 0_u8..3).prop_map(
        |(tier, acr, max_age, [waits_for_holds, waits_for_settings_lock, survives_expiry], region)| Demand {
            tier: Tier::try_from(tier).unwrap(),
            acr: Acr::LADDER[acr],
            max_age: max_age.map(Seconds),
            waits_for_holds,
            waits_for_settings_lock,
            survives_expiry,
            only_in: if region == 1 { [country("ES")].into() } else { BTreeSet::new() },
            not_in: if region == 2 { [country("DE")].into() } else { BTreeSet::new() },
        },
    )
}

fn situation() -> impl Strategy<Value = Situation> {
    let indexes = || proptest::collection::vec(0..VALUES.len(), 0..8);
    let demands = proptest::collection::vec((1..VALUES.len(), demand()), 0..6);
    let person =
        (0_u8..4, proptest::option::of(-100_i64..100), 0_usize..5, 0_i64..5_000, proptest::option::of(-50_i64..50));
    (indexes(), indexes(), demands, person, any::<[bool; 2]>(), 0_u8..10).prop_map(
        |(asked, registered, demands, (tier, ends_in, acr, age, hold), [locked, suspended], rare)| Situation {
            asked,
            registered,
            demands,
            tier,
            ends_in,
            acr,
            age,
            hold,
            locked,
            suspended: suspended && rare < 5,
            restricted: rare == 0,
            frozen: rare == 1,
        },
    )
}

/// Each makes the situation worse, or leaves it.
fn worsened(better: &Situation, how: u8) -> Situation {
    let mut worse = better.clone();
    match how {
        0 => worse.tier = worse.tier.saturating_sub(1),
        1 => worse.acr = worse.acr.saturating_sub(1),
        2 => worse.age += 700,
        3 => worse.hold = Some(worse.hold.unwrap_or(0).max(40)),
        4 => worse.locked = true,
        5 => worse.suspended = true,
        6 => worse.restricted = true,
        7 => worse.frozen = true,
        8 => worse.ends_in = Some(worse.ends_in.unwrap_or(i64::MAX / 4).min(0)),
        _ => worse.registered = worse.registered.iter().copied().skip(1).collect(),
    }
    worse
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What is granted is never wider than what was asked and registered, and each value is granted or withheld for a reason.
    #[test]
    fn what_is_granted_was_asked_and_registered_and_nothing_is_lost(situation in situation()) {
        let decision = situation.decide();
        let named = |indexes: &[usize]| Scope::of(indexes.iter().map(|index| VALUES[*index]));
        let (asked, registered) = (named(&situation.asked), named(&situation.registered));
        prop_assert!(decision.granted.is_within(&asked));
        prop_assert!(decision.granted.is_within(&registered));
        let withheld = Scope::of(decision.withheld.iter().map(|refusal| refusal.scope.as_str()));
        prop_assert!(decision.granted.intersection(&withheld).is_empty());
        prop_assert_eq!(decision.granted.union(&withheld), asked);
        prop_assert!(decision.withheld.iter().all(|refusal| !refusal.why.is_empty()));
    }

    /// Lowering a level, ageing a log-in, weakening it, adding a hold, a lock, a suspension, a freeze, expiry: never more.
    #[test]
    fn what_gets_worse_never_grants_more(situation in situation(), how in 0_u8..10) {
        let (before, after) = (situation.decide(), worsened(&situation, how).decide());
        prop_assert!(after.granted.is_within(&before.granted), "{} then {}", before.granted, after.granted);
    }

    /// The decision about one value does not depend on what else is asked.
    #[test]
    fn each_value_is_decided_by_itself(situation in situation()) {
        let whole = situation.decide();
        for index in &situation.asked {
            let alone = Situation { asked: vec![*index], ..situation.clone() }.decide();
            prop_assert_eq!(alone.granted.contains(VALUES[*index]), whole.granted.contains(VALUES[*index]));
        }
    }
}
