//! The dispatcher's pure function over every combination of policy, enrolled factors, strength and age of the log-in,
//! `prompt`, `max_age`, `acr_values` and an essential `acr`: nobody is answered with less than was demanded, and who does
//! what the pages ask for comes to an end.

use std::collections::{BTreeMap, BTreeSet};

use karat::domain::authentication::{Acr, Authentication, Method, PasskeyUse, Proven};
use karat::domain::authenticator::Enrolled;
use karat::domain::authorization_request::{AuthorizationRequest, Prompt, ReplyTo};
use karat::domain::claims_request::ClaimsRequest;
use karat::domain::client::{Client, ConsentRule, ResponseMode};
use karat::domain::error::ErrorCode;
use karat::domain::ids::UserId;
use karat::domain::next_step::{EnrolReason, Person, Progress, Standing, Step, next_step};
use karat::domain::policy::{Decision, Demand, Policy, Refusal, SecondFactor, Withheld};
use karat::domain::scope::Scope;
use karat::domain::time::{Seconds, Timestamp};

use crate::support::app::web_client;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const MONEY: &str = "wallet:withdraw";
const SYNCED: PasskeyUse = PasskeyUse { user_verified: true, synced: true, attested: false };
const HARDWARE: PasskeyUse = PasskeyUse { user_verified: true, synced: false, attested: true };

fn erika() -> UserId {
    "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap()
}

/// One combination.
#[derive(Clone, Debug)]
struct Case {
    request: AuthorizationRequest,
    policy: Policy,
    progress: Progress,
    person: Option<Person>,
}

impl Case {
    fn step(&self, client: &Client) -> Step {
        next_step(&self.request, client, &self.progress, self.person.as_ref(), &self.policy, NOW)
    }

    /// What the request demands, worked out by other means than the product's.
    fn demanded(&self) -> Result<Option<Acr>, ()> {
        let known = |text: &str| Acr::LADDER.into_iter().find(|acr| acr.as_str() == text);
        let weakest = |texts: Vec<String>| texts.iter().filter_map(|text| known(text)).min();
        let claim = self.request.claims.id_token.get("acr");
        let claimed: Vec<String> =
            claim.into_iter().flat_map(|wanted| &wanted.values).map(|acr| acr.as_str().unwrap().to_owned()).collect();
        if claim.is_some_and(|wanted| wanted.essential) && weakest(claimed.clone()).is_none() {
            return Err(());
        }
        let all = [weakest(claimed), weakest(self.request.acr_values.clone())];
        if all.iter().flatten().any(|acr| *acr > self.policy.reach) {
            return Err(());
        }
        Ok(all.into_iter().flatten().max())
    }

    /// The decision, as the real one would be made for this log-in.
    fn decide(&mut self) {
        let Some(person) = &mut self.person else { return };
        let needed = money(&self.policy).filter(|needed| person.authentication.acr < *needed);
        person.decision = match needed {
            Some(needed) => Decision {
                granted: Scope::of(["openid"]),
                withheld: vec![Refusal { scope: MONEY.to_owned(), why: vec![Withheld::Acr(needed)] }],
            },
            None => Decision { granted: Scope::of(["openid", MONEY]), withheld: Vec::new() },
        };
    }
}

/// What the policy demands for the one scope that it is about.
fn money(policy: &Policy) -> Option<Acr> {
    policy.scopes.get(MONEY).map(|demand| demand.acr)
}

fn log_in(methods: &[Method], seconds_ago: i64) -> Authentication {
    let at = NOW.minus(Seconds(seconds_ago));
    let proven: Vec<Proven> = methods.iter().map(|method| Proven { method: *method, at }).collect();
    Authentication::of(&proven).unwrap()
}

fn policies() -> Vec<Policy> {
    let mut all = Vec::new();
    for second_factor in [SecondFactor::WhenEnrolled, SecondFactor::Required] {
        for reach in [Acr::Mfa, Acr::Phr, Acr::Phrh] {
            for money in [None, Some(Acr::Mfa), Some(Acr::Phrh)] {
                let demand = |acr| (MONEY.to_owned(), Demand { acr, ..Demand::default() });
                let scopes: BTreeMap<_, _> = money.map(demand).into_iter().collect();
                let sms = reach != Acr::Phr;
                all.push(Policy { second_factor, scopes, reach, sms, ..Policy::default() });
            }
        }
    }
    all
}

fn enrolments() -> Vec<Enrolled> {
    let mut all = Vec::new();
    for passkey in [None, Some(SYNCED), Some(HARDWARE)] {
        for totp in [false, true] {
            for sms in [false, true] {
                // They stand in for what was lost and reach nothing by themselves.
                all.push(Enrolled { passkey, totp, sms, recovery_codes: totp });
            }
        }
    }
    all
}

/// Log-ins that this person can have made, with how each stands.
fn log_ins(enrolled: &Enrolled) -> Vec<(Authentication, Standing)> {
    let mut methods = vec![vec![Method::Password]];
    methods.extend(enrolled.totp.then(|| vec![Method::Password, Method::Totp]));
    methods.extend(enrolled.sms.then(|| vec![Method::Password, Method::Sms]));
    methods.extend(enrolled.passkey.map(|passkey| vec![Method::Passkey(passkey)]));
    let mut all = Vec::new();
    for age in [0, 1_000] {
        for methods in &methods {
            all.push((log_in(methods, age), Standing::Session));
        }
    }
    if enrolled.has_second_factor() {
        all.push((log_in(&[Method::Password], 0), Standing::Pending));
        for methods in methods.iter().skip(1) {
            all.push((log_in(methods, 0), Standing::AwaitingApproval));
        }
    }
    all
}

fn requests() -> Vec<AuthorizationRequest> {
    let prompts: [&[Prompt]; 3] = [&[], &[Prompt::None], &[Prompt::Login]];
    let acrs: [&[&str]; 6] = [
        &[],
        &["urn:unheard:of"],
        &["urn:karat:acr:mfa-sms"],
        &["phr", "urn:karat:acr:mfa"],
        &["phr"],
        &["phrh", "urn:unheard:of"],
    ];
    let claims = [
        "{}",
        r#"{"id_token":{"acr":{"value":"phr"}}}"#,
        r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#,
        r#"{"id_token":{"acr":{"essential":true,"values":["urn:unheard:of"]}}}"#,
    ];
    let reply = ReplyTo { redirect_uri: "https://web.test/cb".into(), state: None, mode: ResponseMode::Query };
    let mut all = Vec::new();
    for prompt in prompts {
        for max_age in [None, Some(Seconds(if prompt.is_empty() { 300 } else { 0 }))] {
            for acr_values in acrs {
                for claims in claims {
                    all.push(AuthorizationRequest {
                        client_id: "web".parse().unwrap(),
                        reply: reply.clone(),
                        scope: Scope::of(["openid", MONEY]),
                        nonce: None,
                        challenge: None,
                        prompt: prompt.iter().copied().collect::<BTreeSet<_>>(),
                        max_age,
                        login_hint: None,
                        expected_user: None,
                        ui_locales: Vec::new(),
                        acr_values: acr_values.iter().map(|acr| (*acr).to_owned()).collect(),
                        claims: ClaimsRequest::parse(claims).unwrap(),
                    });
                }
            }
        }
    }
    all
}

fn person(enrolled: Enrolled, authentication: Authentication, standing: Standing, trusted: bool) -> Person {
    let own_least = if enrolled.has_second_factor() && !trusted { Acr::MfaSms } else { Acr::Password };
    Person {
        id: erika(),
        standing,
        authentication,
        decision: Decision { granted: Scope::default(), withheld: Vec::new() },
        remembered: Scope::default(),
        has_accepted_terms: true,
        enrolled,
        own_least,
    }
}

fn first_party() -> Client {
    Client { consent: ConsentRule::FirstParty, ..web_client("web") }
}

fn each_case(mut look: impl FnMut(Case)) {
    let requests = requests();
    for policy in policies() {
        for enrolled in enrolments() {
            for (authentication, standing) in log_ins(&enrolled) {
                for trusted in [false, true].into_iter().take(1 + usize::from(enrolled.has_second_factor())) {
                    // A password alone begins no session of who has more, but on a remembered device.
                    for request in &requests {
                        // Who is not asked has nothing to decline.
                        let asked = !request.prompts(Prompt::None);
                        for declined in [None, Some(erika())].into_iter().take(1 + usize::from(asked)) {
                            let progress = Progress { declined, ..Progress::default() };
                            let person = Some(person(enrolled, authentication.clone(), standing, trusted));
                            let mut case = Case { request: request.clone(), policy: policy.clone(), progress, person };
                            case.decide();
                            look(case);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn nobody_is_answered_with_less_than_was_demanded() {
    let client = first_party();
    let (mut seen, mut answered) = (0, 0);
    each_case(|case| {
        seen += 1;
        let person = case.person.as_ref().unwrap();
        let (has, silent) = (person.authentication.acr, case.request.prompts(Prompt::None));
        match case.step(&client) {
            Step::Respond { scope } => {
                answered += 1;
                assert_eq!(person.standing, Standing::Session, "{case:?}");
                assert!(has >= person.own_least, "{case:?}");
                assert!(Some(has) >= case.demanded().expect("it can be met"), "{case:?}");
                let required = case.policy.second_factor == SecondFactor::Required;
                assert!(!required || person.enrolled.has_second_factor(), "{case:?}");
                let age = NOW.since(person.authentication.time);
                assert!(case.request.max_age.is_none_or(|most| most.0 > 0 && age <= most), "{case:?}");
                assert!(!case.request.prompts(Prompt::Login), "{case:?}");
                let money = money(&case.policy);
                assert!(!scope.contains(MONEY) || money.is_none_or(|needed| has >= needed), "{case:?}");
            }
            Step::Refuse(code, _) => {
                let expected = [ErrorCode::LoginRequired, ErrorCode::UnmetAuthenticationRequirements];
                assert!(expected.contains(&code), "{code} {case:?}");
                assert!(code != ErrorCode::LoginRequired || silent, "{case:?}");
            }
            // Something that can be done is asked for, and it leads further.
            Step::SecondFactor { least } => {
                assert!(!silent && least > has && least <= person.enrolled.reach(), "{least:?} {case:?}");
            }
            Step::Enrol { least, why } => {
                assert!(!silent && least > person.enrolled.reach(), "{least:?} {case:?}");
                assert!(least <= case.policy.reach, "{least:?} {case:?}");
                assert!(why == EnrolReason::Required || case.progress.declined.is_none(), "{case:?}");
                assert_eq!(person.standing, Standing::Session, "nobody enrols with half a log-in: {case:?}");
            }
            Step::ApproveDevice => assert!(!silent && person.standing == Standing::AwaitingApproval, "{case:?}"),
            Step::Login(_) => assert!(!silent, "{case:?}"),
            other => panic!("{other:?}: {case:?}"),
        }
    });
    assert!(seen > 500_000 && answered > 20_000, "{answered} of {seen}");
}

#[test]
fn a_demand_that_nothing_here_reaches_is_refused_before_anybody_is_asked_for_anything() {
    let client = first_party();
    let mut refused = 0;
    each_case(|case| {
        let unmet = matches!(case.step(&client), Step::Refuse(ErrorCode::UnmetAuthenticationRequirements, _));
        if case.demanded().is_err() {
            assert!(unmet, "{case:?}");
            refused += 1;
        } else if unmet {
            assert!(case.progress.declined.is_some(), "only who declined is refused: {case:?}");
        }
    });
    assert!(refused > 10_000, "{refused}");
}

/// Does what each page asks for, and stops at the answer.
#[test]
fn who_does_what_the_pages_ask_for_is_answered_with_all_that_was_demanded() {
    let client = first_party();
    let mut walked = 0;
    each_case(|case| {
        if case.request.prompts(Prompt::None) || case.progress.declined.is_some() || case.demanded().is_err() {
            return;
        }
        walked += 1;
        let mut now = case.clone();
        for turn in 0.. {
            assert!(turn < 6, "it does not end: {case:?}");
            now.decide();
            match next_step(&now.request, &client, &now.progress, now.person.as_ref(), &now.policy, NOW) {
                Step::Login(_) => {
                    // The password is typed; who has more waits for it.
                    let person = now.person.as_mut().unwrap();
                    person.authentication = log_in(&[Method::Password], 0);
                    person.standing = Standing::Pending;
                    if person.own_least == Acr::Password {
                        person.standing = Standing::Session;
                        now.progress.authenticated = Some(erika());
                    }
                }
                Step::SecondFactor { least } => {
                    let person = now.person.as_mut().unwrap();
                    let shown = strongest_of(&person.enrolled);
                    person.authentication = person.authentication.with(Proven { method: shown, at: NOW });
                    assert!(person.authentication.acr >= least, "{case:?}");
                    person.standing = Standing::Session;
                    now.progress.authenticated = Some(erika());
                }
                Step::ApproveDevice => {
                    now.person.as_mut().unwrap().standing = Standing::Session;
                    now.progress.authenticated = Some(erika());
                }
                Step::Enrol { least, .. } => {
                    let person = now.person.as_mut().unwrap();
                    let made = if least > Acr::Phr { HARDWARE } else { SYNCED };
                    if least > Acr::Mfa {
                        person.enrolled.passkey = Some(made);
                    } else {
                        person.enrolled.totp = true;
                    }
                    person.own_least = Acr::MfaSms;
                    let shown = strongest_of(&person.enrolled);
                    person.authentication = person.authentication.with(Proven { method: shown, at: NOW });
                }
                Step::Respond { scope } => {
                    let person = now.person.as_ref().unwrap();
                    assert!(Some(person.authentication.acr) >= case.demanded().unwrap(), "{case:?}");
                    let money = money(&now.policy);
                    let within_reach =
                        money.is_none_or(|needed| needed <= now.policy.reach.max(person.enrolled.reach()));
                    assert_eq!(scope.contains(MONEY), within_reach, "{case:?}");
                    break;
                }
                other => panic!("{other:?}: {case:?}"),
            }
        }
    });
    assert!(walked > 50_000, "{walked}");
}

fn strongest_of(enrolled: &Enrolled) -> Method {
    match enrolled {
        Enrolled { passkey: Some(passkey), .. } => Method::Passkey(*passkey),
        Enrolled { totp: true, .. } => Method::Totp,
        _ => Method::Sms,
    }
}
