//! What page comes next: a pure function of the request and the facts, asked by the one dispatcher at
//! `/authorize/{interaction}` each time something has changed.

use serde::{Deserialize, Serialize};

use super::authentication::{Acr, Authentication};
use super::authenticator::Enrolled;
use super::authorization_request::{AuthorizationRequest, Prompt};
use super::claims;
use super::client::{Client, ConsentRule, WhenWithheld};
use super::error::ErrorCode;
use super::ids::UserId;
use super::kyc::Tier;
use super::policy::{Decision, Policy, Refusal, SecondFactor};
use super::redirect_uri::{ApplicationType, RedirectUri};
use super::scope::{self, Scope};
use super::time::Timestamp;

/// What has happened in this interaction so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The person who typed a credential here, inside this interaction.
    pub authenticated: Option<UserId>,
    /// The person who was chosen on the account page, or logged in.
    pub chosen: Option<UserId>,
    pub consent: Option<ConsentAnswer>,
    /// The person who would rather not enrol what the app asks for.
    #[serde(default)]
    pub declined: Option<UserId>,
    /// What a person chose to go on without.
    #[serde(default)]
    pub without: Option<Without>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Without {
    pub by: UserId,
    pub scope: Scope,
}

impl Progress {
    fn goes_without(&self, person: UserId, scope: &str) -> bool {
        self.without.as_ref().is_some_and(|without| without.by == person && without.scope.contains(scope))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    /// By this person, to exactly these items.
    Allowed {
        by: UserId,
        items: Scope,
    },
    Denied,
}

/// The person behind the browser, as far as the step needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub standing: Standing,
    pub authentication: Authentication,
    pub decision: Decision,
    /// Items allowed to this client earlier and not withdrawn.
    pub remembered: Scope,
    /// Of the version in force.
    pub has_accepted_terms: bool,
    pub enrolled: Enrolled,
    /// What the person's own protection asks of a log-in in this browser.
    pub own_least: Acr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// There is a session.
    Session,
    /// Something was proven in this interaction, and it is not enough for a session yet.
    Pending,
    /// All is proven; the person has yet to confirm by mail that this new device is theirs.
    AwaitingApproval,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Login(LoginReason),
    /// A factor that the person has and did not show yet; together they are worth `least`.
    SecondFactor {
        least: Acr,
    },
    /// The person has nothing that reaches `least` and is led to enrol it.
    Enrol {
        least: Acr,
        why: EnrolReason,
    },
    ApproveDevice,
    SelectAccount,
    /// What the app asks for takes a higher level: the person is led to prove more, or goes on without `scope`.
    Verify {
        tier: Tier,
        scope: Scope,
    },
    /// What the person cannot have now, whatever they do: they are told why, and go on without `scope`.
    Unavailable {
        scope: Scope,
    },
    AcceptTerms,
    Consent {
        items: Scope,
    },
    Respond {
        scope: Scope,
    },
    Refuse(ErrorCode, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginReason {
    /// Nobody is logged in.
    NoSession,
    /// The app asked for a fresh log-in.
    AskedAgain,
    /// The app expects another person.
    OtherPerson,
    /// Part of what the app asks for takes a fresher log-in.
    TooOld,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolReason {
    /// The operator wants everybody to have a second factor: there is no way around it.
    Required,
    /// The app demands it: who declines goes back to the app with an error.
    Demanded,
    /// Part of what the app asks for needs it: who declines goes on with less.
    Scope,
}

/// Rules in the order in which a person meets them: who, how fresh, how strong, what for.
pub fn next_step(
    request: &AuthorizationRequest,
    client: &Client,
    progress: &Progress,
    person: Option<&Person>,
    policy: &Policy,
    now: Timestamp,
) -> Step {
    let silent = request.prompts(Prompt::None);
    let Ok(demanded) = request.demanded_acr(policy.reach) else {
        return Step::Refuse(ErrorCode::UnmetAuthenticationRequirements, "no way to log in reaches the acr demanded");
    };
    let Some(person) = person else { return login(LoginReason::NoSession, silent) };
    if let Some(reason) = login_needed(request, progress, person, now) {
        return login(reason, silent);
    }
    if let Some(step) = stronger(demanded, progress, person, policy) {
        return match silent {
            true => Step::Refuse(ErrorCode::LoginRequired, "the log-in has to be made stronger first"),
            false => step,
        };
    }
    if request.prompts(Prompt::SelectAccount) && progress.chosen != Some(person.id) {
        return Step::SelectAccount;
    }
    if let Some(step) = for_withheld(client, progress, person, policy, silent) {
        return step;
    }
    let granted = &person.decision.granted;
    if granted.is_empty() || (request.scope.contains(scope::OPENID) && !granted.contains(scope::OPENID)) {
        return Step::Refuse(ErrorCode::AccessDenied, "nothing of the scope asked for is granted to this person");
    }
    match (person.has_accepted_terms, silent) {
        (true, _) => consent(request, client, progress, person, silent),
        (false, true) => Step::Refuse(ErrorCode::InteractionRequired, "the person has to accept the terms first"),
        (false, false) => Step::AcceptTerms,
    }
}

fn login_needed(
    request: &AuthorizationRequest,
    progress: &Progress,
    person: &Person,
    now: Timestamp,
) -> Option<LoginReason> {
    if request.expected_user.is_some_and(|expected| expected != person.id) {
        return Some(LoginReason::OtherPerson);
    }
    if person.standing != Standing::Session || progress.authenticated == Some(person.id) {
        return None;
    }
    // max_age=0 is the same as prompt=login (OpenID Connect Core section 3.1.2.1).
    let too_old = request.max_age.is_some_and(|most| most.0 == 0 || now.since(person.authentication.time) > most);
    (too_old || request.prompts(Prompt::Login)).then_some(LoginReason::AskedAgain)
}

/// What the log-in lacks of what the person's own protection, the operator and the app ask for, in this order.
fn stronger(demanded: Option<Acr>, progress: &Progress, person: &Person, policy: &Policy) -> Option<Step> {
    let has = person.authentication.acr;
    let reach = person.enrolled.reach();
    if has < person.own_least {
        // What the app wants at once as well, where that can be had.
        let both = demanded.unwrap_or(person.own_least).max(person.own_least);
        let least = if both <= reach { both } else { person.own_least };
        return Some(Step::SecondFactor { least });
    }
    match person.standing {
        Standing::AwaitingApproval => return Some(Step::ApproveDevice),
        // Enough for a session, and yet there is none: it has to begin anew.
        Standing::Pending => return Some(Step::Login(LoginReason::NoSession)),
        Standing::Session => {}
    }
    if policy.second_factor == SecondFactor::Required && !person.enrolled.has_second_factor() {
        let weakest = if policy.sms { Acr::MfaSms } else { Acr::Mfa };
        let least = demanded.unwrap_or(weakest).max(weakest);
        return Some(Step::Enrol { least, why: EnrolReason::Required });
    }
    let least = demanded.filter(|least| has < *least)?;
    if least <= reach {
        return Some(Step::SecondFactor { least });
    }
    if progress.declined == Some(person.id) {
        let why = "the person would not enrol what the acr demanded takes";
        return Some(Step::Refuse(ErrorCode::UnmetAuthenticationRequirements, why));
    }
    Some(Step::Enrol { least, why: EnrolReason::Demanded })
}

/// What becomes of scope that is withheld for something the person lacks.
fn for_withheld(client: &Client, progress: &Progress, person: &Person, policy: &Policy, silent: bool) -> Option<Step> {
    let withheld: Vec<&Refusal> = person.decision.withheld.iter().filter(|refusal| !refusal.is_the_clients()).collect();
    match (client.when_withheld, silent) {
        (WhenWithheld::Refuse, _) if !withheld.is_empty() => Some(refusal_for(&withheld)),
        (WhenWithheld::Guide, false) => guide(&withheld, progress, person, policy),
        _ => None,
    }
}

fn refusal_for(withheld: &[&Refusal]) -> Step {
    let by_log_in = withheld.iter().all(|refusal| refusal.tier().is_none() && !refusal.is_out_of_reach());
    match by_log_in {
        true => Step::Refuse(
            ErrorCode::UnmetAuthenticationRequirements,
            "part of the scope asked for takes a stronger or fresher log-in",
        ),
        false => Step::Refuse(ErrorCode::AccessDenied, "part of the scope asked for is withheld from this person"),
    }
}

/// To what helps: first what takes longest, so that nothing has aged when all is done. Whoever does not want to goes on with less.
fn guide(withheld: &[&Refusal], progress: &Progress, person: &Person, policy: &Policy) -> Option<Step> {
    let open = || withheld.iter().filter(|refusal| !progress.goes_without(person.id, &refusal.scope));
    let scope_of = |refusals: &[&&Refusal]| Scope::of(refusals.iter().map(|refusal| refusal.scope.as_str()));
    let unproven: Vec<_> = open()
        .filter(|refusal| refusal.tier().is_some() && !refusal.is_closed_by_region() && policy.verification)
        .collect();
    if let Some(tier) = unproven.iter().filter_map(|refusal| refusal.tier()).max() {
        return Some(Step::Verify { tier, scope: scope_of(&unproven) });
    }
    let out_of_reach: Vec<_> = open().filter(|refusal| refusal.is_out_of_reach()).collect();
    if !out_of_reach.is_empty() {
        // Said on that very page; asking once more would lead in a circle.
        if progress.consent == Some(ConsentAnswer::Denied) {
            return Some(Step::Refuse(ErrorCode::AccessDenied, "the person would not go on without part of the scope"));
        }
        return Some(Step::Unavailable { scope: scope_of(&out_of_reach) });
    }
    let reachable = || open().filter(|refusal| refusal.tier().is_none());
    if reachable().any(|refusal| refusal.is_too_old()) && progress.authenticated != Some(person.id) {
        return Some(Step::Login(LoginReason::TooOld));
    }
    let least = reachable().filter_map(|refusal| refusal.acr()).max()?;
    if least <= person.enrolled.reach() {
        return Some(Step::SecondFactor { least });
    }
    if least > policy.reach || progress.declined == Some(person.id) {
        return None;
    }
    Some(Step::Enrol { least, why: EnrolReason::Scope })
}

fn login(reason: LoginReason, silent: bool) -> Step {
    if silent {
        return Step::Refuse(ErrorCode::LoginRequired, "nobody who meets the request is logged in");
    }
    Step::Login(reason)
}

fn consent(
    request: &AuthorizationRequest,
    client: &Client,
    progress: &Progress,
    person: &Person,
    silent: bool,
) -> Step {
    let granted = &person.decision.granted;
    let items = claims::consent_items(granted, &request.claims);
    match &progress.consent {
        Some(ConsentAnswer::Denied) => return Step::Refuse(ErrorCode::AccessDenied, "the person said no"),
        Some(ConsentAnswer::Allowed { by, items: allowed }) if *by == person.id && items.is_within(allowed) => {
            return Step::Respond { scope: granted.clone() };
        }
        _ => {}
    }
    let asks = match client.consent {
        // Whoever answers on a device's loopback port or scheme is no app of one's own house.
        ConsentRule::FirstParty => is_unproven(request, client),
        ConsentRule::Always => true,
        ConsentRule::Remembered => !items.is_within(&person.remembered) || is_unproven(request, client),
    };
    let asks = asks || request.prompts(Prompt::Consent);
    match (asks, silent) {
        (false, _) => Step::Respond { scope: granted.clone() },
        (true, true) => Step::Refuse(ErrorCode::ConsentRequired, "the person has to agree first"),
        (true, false) => Step::Consent { items },
    }
}

/// Anybody on the device can claim a public native client's loopback port or private scheme, so neither a remembered consent nor
/// the operator's word is its own to use (RFC 8252 section 8.6).
fn is_unproven(request: &AuthorizationRequest, client: &Client) -> bool {
    client.is_public()
        && client.kind == ApplicationType::Native
        && !RedirectUri::proves_its_owner(&request.reply.redirect_uri)
}
