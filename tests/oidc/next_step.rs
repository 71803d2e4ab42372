//! The dispatcher's pure function over every combination of request, session, freshness, consent and client: when the app
//! is answered, when somebody is asked, and that asking comes to an end.

use std::collections::BTreeSet;

use karat::domain::authentication::{Acr, Authentication};
use karat::domain::authenticator::Enrolled;
use karat::domain::authorization_request::{AuthorizationRequest, Prompt, ReplyTo};
use karat::domain::client::{Client, ConsentRule, ResponseMode};
use karat::domain::error::ErrorCode;
use karat::domain::ids::UserId;
use karat::domain::next_step::{ConsentAnswer, LoginReason, Person, Progress, Standing, Step, next_step};
use karat::domain::policy::{Decision, Policy};
use karat::domain::scope::Scope;
use karat::domain::time::{Seconds, Timestamp};

use crate::support::app::{native_client, web_client};

const NOW: i64 = 1_800_000_000;
const LOOPBACK: &str = "http://127.0.0.1:51004/cb";

fn erika() -> UserId {
    "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap()
}

fn otto() -> UserId {
    "0190163d-8694-739b-aea5-966c26f8ad92".parse().unwrap()
}

/// One combination.
#[derive(Clone, Debug)]
struct Case {
    request: AuthorizationRequest,
    client: Client,
    progress: Progress,
    person: Option<Person>,
}

impl Case {
    fn step(&self) -> Step {
        next_step(
            &self.request,
            &self.client,
            &self.progress,
            self.person.as_ref(),
            &Policy::default(),
            Timestamp::from_unix(NOW),
        )
    }

    fn prompts(&self, prompt: Prompt) -> bool {
        self.request.prompt.contains(&prompt)
    }

    fn asked(&self) -> Scope {
        self.request.scope.clone()
    }
}

fn person(id: UserId, seconds_ago: i64, remembered: &str) -> Person {
    Person {
        id,
        standing: Standing::Session,
        enrolled: Enrolled::default(),
        own_least: Acr::Password,
        authentication: Authentication::by_password(Timestamp::from_unix(NOW - seconds_ago)),
        decision: Decision { granted: Scope::of(["openid", "email"]), withheld: Vec::new() },
        has_accepted_terms: true,
        remembered: remembered.parse().unwrap(),
    }
}

fn prompts() -> Vec<BTreeSet<Prompt>> {
    let alone = BTreeSet::from([Prompt::None]);
    let others = [Prompt::Login, Prompt::Consent, Prompt::SelectAccount];
    let subsets = (0..8).map(|bits| others.into_iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1));
    subsets.map(|subset| subset.map(|(_, prompt)| prompt).collect()).chain([alone]).collect()
}

fn clients() -> Vec<(Client, &'static str)> {
    let with = |consent, client: Client| Client { consent, ..client };
    let rules = [ConsentRule::Remembered, ConsentRule::Always, ConsentRule::FirstParty];
    let mut all: Vec<_> = rules.map(|rule| (with(rule, web_client("web")), "https://web.test/cb")).into();
    all.push((native_client("native"), LOOPBACK));
    all
}

fn persons() -> Vec<Option<Person>> {
    let mut all = vec![None];
    for id in [erika(), otto()] {
        for seconds_ago in [0, 100, 10_000] {
            for remembered in ["", "openid", "openid email", "email openid phone"] {
                all.push(Some(person(id, seconds_ago, remembered)));
            }
        }
        all.push(Some(Person { has_accepted_terms: false, ..person(id, 0, "openid email") }));
    }
    all
}

fn progresses() -> Vec<Progress> {
    let allowed = |by, items: &str| Some(ConsentAnswer::Allowed { by, items: items.parse().unwrap() });
    let consents = [
        None,
        Some(ConsentAnswer::Denied),
        allowed(erika(), "openid email"),
        allowed(erika(), "openid"),
        allowed(otto(), "openid email"),
    ];
    let mut all = Vec::new();
    for authenticated in [None, Some(erika()), Some(otto())] {
        for chosen in [None, Some(erika())] {
            for consent in &consents {
                all.push(Progress { authenticated, chosen, consent: consent.clone(), declined: None, without: None });
            }
        }
    }
    all
}

fn cases() -> impl Iterator<Item = Case> {
    let ages = [None, Some(Seconds(0)), Some(Seconds(100)), Some(Seconds(99))];
    let mut requests = Vec::new();
    for prompt in prompts() {
        for max_age in ages {
            for expected_user in [None, Some(erika())] {
                for (client, redirect_uri) in clients() {
                    let reply = ReplyTo { redirect_uri: redirect_uri.into(), state: None, mode: ResponseMode::Query };
                    let request = AuthorizationRequest {
                        client_id: client.id.clone(),
                        reply,
                        scope: Scope::of(["openid", "email"]),
                        nonce: None,
                        challenge: None,
                        prompt: prompt.clone(),
                        max_age,
                        login_hint: None,
                        expected_user,
                        ui_locales: Vec::new(),
                        acr_values: Vec::new(),
                        claims: Default::default(),
                    };
                    requests.push((request, client));
                }
            }
        }
    }
    let (persons, progresses) = (persons(), progresses());
    requests.into_iter().flat_map(move |(request, client)| {
        let (persons, progresses, request, client) = (persons.clone(), progresses.clone(), request, client);
        persons.into_iter().flat_map(move |person| {
            let (request, client) = (request.clone(), client.clone());
            progresses.clone().into_iter().map(move |progress| Case {
                request: request.clone(),
                client: client.clone(),
                progress,
                person: person.clone(),
            })
        })
    })
}

#[test]
fn prompt_none_shows_no_page_and_only_prompt_none_is_refused_for_want_of_one() {
    let mut seen = 0;
    for case in cases() {
        seen += 1;
        let silent = case.prompts(Prompt::None);
        match case.step() {
            Step::Login(_) | Step::SelectAccount | Step::AcceptTerms | Step::Consent { .. } => {
                assert!(!silent, "{case:?}");
            }
            Step::Refuse(ErrorCode::LoginRequired | ErrorCode::ConsentRequired, _) => assert!(silent, "{case:?}"),
            Step::Refuse(ErrorCode::InteractionRequired, _) => {
                assert!(silent && case.person.as_ref().is_some_and(|person| !person.has_accepted_terms), "{case:?}");
            }
            Step::Refuse(ErrorCode::AccessDenied, _) => {
                assert_eq!(case.progress.consent, Some(ConsentAnswer::Denied), "{case:?}");
            }
            Step::Refuse(other, why) => panic!("{other} {why}: {case:?}"),
            Step::Respond { scope } => assert_eq!(scope, case.asked()),
            other => panic!("nothing stronger was demanded: {other:?}: {case:?}"),
        }
    }
    assert!(seen > 100_000, "{seen}");
}

/// The app is answered when all of it is so, and never when one of it is not.
#[test]
fn the_app_is_answered_exactly_when_who_how_fresh_and_what_for_are_settled() {
    let mut answered = 0;
    for case in cases() {
        let right = settled(&case);
        let answers = matches!(case.step(), Step::Respond { .. });
        assert_eq!(answers, right, "{case:?}");
        answered += usize::from(answers);
    }
    assert!(answered > 1_000, "{answered}");
}

fn settled(case: &Case) -> bool {
    let Some(person) = &case.person else { return false };
    let expected = case.request.expected_user.is_none_or(|expected| expected == person.id);
    let typed_here = case.progress.authenticated == Some(person.id);
    let age = Timestamp::from_unix(NOW).since(person.authentication.time);
    let young = case.request.max_age.is_none_or(|most| most.0 > 0 && age <= most);
    let fresh = typed_here || (young && !case.prompts(Prompt::Login));
    let chosen = !case.prompts(Prompt::SelectAccount) || case.progress.chosen == Some(person.id);
    expected && fresh && chosen && person.has_accepted_terms && agreed(case, person)
}

fn agreed(case: &Case, person: &Person) -> bool {
    match &case.progress.consent {
        Some(ConsentAnswer::Denied) => return false,
        Some(ConsentAnswer::Allowed { by, items }) if *by == person.id && case.asked().is_within(items) => return true,
        _ => {}
    }
    let impersonable = case.request.reply.redirect_uri == LOOPBACK;
    let remembered = case.asked().is_within(&person.remembered) && !impersonable;
    let without_asking = match case.client.consent {
        ConsentRule::FirstParty => true,
        ConsentRule::Remembered => remembered,
        ConsentRule::Always => false,
    };
    without_asking && !case.prompts(Prompt::Consent)
}

/// Who does what each page asks for sees each page once, in the order log-in, choice, terms, consent, and the app is
/// answered.
#[test]
fn doing_what_the_pages_ask_for_leads_to_the_answer() {
    for case in cases().filter(|case| case.progress == Progress::default() && !case.prompts(Prompt::None)) {
        let mut now = case.clone();
        let mut pages = Vec::new();
        loop {
            match now.step() {
                Step::Login(_) => {
                    pages.push(1);
                    let remembered = case.person.as_ref().filter(|person| person.id == erika());
                    let has_accepted_terms = remembered.is_none_or(|person| person.has_accepted_terms);
                    let remembered = remembered.map(|person| person.remembered.to_string()).unwrap_or_default();
                    now.person = Some(Person { has_accepted_terms, ..person(erika(), 0, &remembered) });
                    now.progress.authenticated = Some(erika());
                    now.progress.chosen = Some(erika());
                }
                Step::SelectAccount => {
                    pages.push(2);
                    now.progress.chosen = now.person.as_ref().map(|person| person.id);
                }
                Step::AcceptTerms => {
                    pages.push(3);
                    now.person.as_mut().unwrap().has_accepted_terms = true;
                }
                Step::Consent { items } => {
                    pages.push(4);
                    assert_eq!(items, case.asked());
                    let by = now.person.as_ref().unwrap().id;
                    now.progress.consent = Some(ConsentAnswer::Allowed { by, items });
                }
                Step::Respond { .. } => break,
                Step::Refuse(code, why) => panic!("{code} {why}: {case:?}"),
                other => panic!("nothing stronger was demanded: {other:?}: {case:?}"),
            }
            assert!(pages.is_sorted() && pages.len() <= 4, "{pages:?}: {case:?}");
        }
    }
}

#[test]
fn the_reason_for_a_log_in_is_told() {
    let reason = |prompt: &[Prompt], max_age, expected_user, person: Option<Person>| {
        let mut case = cases().next().unwrap();
        case.request.prompt = prompt.iter().copied().collect();
        case.request.max_age = max_age;
        case.request.expected_user = expected_user;
        case.person = person;
        match case.step() {
            Step::Login(reason) => Some(reason),
            _ => None,
        }
    };
    let here = || Some(person(otto(), 50, "openid email"));
    assert_eq!(reason(&[], None, None, None), Some(LoginReason::NoSession));
    assert_eq!(reason(&[Prompt::Login], None, None, here()), Some(LoginReason::AskedAgain));
    assert_eq!(reason(&[], Some(Seconds(49)), None, here()), Some(LoginReason::AskedAgain));
    assert_eq!(reason(&[], None, Some(erika()), here()), Some(LoginReason::OtherPerson));
    assert_eq!(reason(&[], Some(Seconds(50)), Some(otto()), here()), None);
}

#[test]
fn nothing_granted_is_access_denied_and_a_demand_nobody_can_meet_is_refused_first() {
    let mut case = cases().find(|case| case.person.is_some() && case.request.prompt.is_empty()).unwrap();
    if let Some(person) = &mut case.person {
        person.decision.granted = Scope::of(["email"]);
    }
    assert!(matches!(case.step(), Step::Refuse(ErrorCode::AccessDenied, _)), "openid was asked and is withheld");
    let demand = r#"{"id_token":{"acr":{"essential":true,"value":"urn:unheard:of"}}}"#;
    case.request.claims = karat::domain::claims_request::ClaimsRequest::parse(demand).unwrap();
    case.person = None;
    assert!(matches!(case.step(), Step::Refuse(ErrorCode::UnmetAuthenticationRequirements, _)));
}
