//! `karat policy measure`: what one decision costs by the policy of this deployment. `tests/measure` runs it.

use std::hint::black_box;
use std::time::Instant;

use crate::config::Config;
use crate::domain::authentication::{Authentication, Method, PasskeyUse, Proven};
use crate::domain::client::{Client, ClientAuthentication, GrantType};
use crate::domain::ids::{CaseId, UserId};
use crate::domain::jose::Algorithm;
use crate::domain::kyc::{Finding, Standing, Tier};
use crate::domain::policy::decide;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::scope::{STANDARD, Scope};
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::{Condition, User};
use crate::flow::karat::policy;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const ROUNDS: usize = 2_000;
const PER_ROUND: u32 = 50;
const VALUES: usize = 20;

/// Prints the median and the 99th percentile, in nanoseconds, of decisions about 20 scope values: once with everything granted, once with
/// nearly everything withheld. Fails when a median is above `limit` nanoseconds.
pub fn run(config: &Config, limit: u128) -> anyhow::Result<()> {
    let policy = policy(config);
    let made_up: Vec<String> = (0..VALUES).map(|number| format!("shop:{number}")).collect();
    let named = STANDARD.into_iter().chain(policy.scopes.keys().map(String::as_str));
    let asked = Scope::of(named.chain(made_up.iter().map(String::as_str)).take(VALUES));
    let client = client(&asked)?;
    let passkey = Method::Passkey(PasskeyUse { user_verified: true, synced: false, attested: true });
    let fresh = Authentication::of(&[Proven { method: passkey, at: NOW }]);
    let fresh = fresh.ok_or_else(|| anyhow::anyhow!("a verified passkey is a log-in"))?;
    let stale = Authentication::by_password(NOW.minus(Seconds::days(30)));
    let mut held = person(Tier::BASIC)?;
    held.hold_until = Some(NOW.plus(Seconds::hours(1)));
    let cases = [("everything granted", person(Tier::ENHANCED)?, fresh), ("nearly everything withheld", held, stale)];
    let mut slowest = 0;
    for (what, user, log_in) in &cases {
        let mut times: Vec<u128> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                for _ in 0..PER_ROUND {
                    black_box(decide(black_box(&asked), &client, user, log_in, &policy, NOW));
                }
                began.elapsed().as_nanos() / u128::from(PER_ROUND)
            })
            .collect();
        times.sort_unstable();
        let (median, late) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
        println!("decision about {} scope values, {what}: median {median} ns, 99th percentile {late} ns", asked.len());
        slowest = slowest.max(median);
    }
    anyhow::ensure!(slowest <= limit, "a median of {slowest} ns is above the limit of {limit} ns");
    Ok(())
}

fn person(tier: Tier) -> anyhow::Result<User> {
    let case = CaseId::new(uuid::Uuid::from_u128(1));
    let mut kyc = Standing::default();
    for level in Tier::LADDER.into_iter().filter(|level| *level <= tier) {
        kyc = kyc.after(&Finding::Approved { case, tier: level, until: None, residence: "DE".parse().ok() }, NOW);
    }
    Ok(User {
        id: UserId::new(uuid::Uuid::from_u128(2)),
        email: "erika@example.com".parse()?,
        email_verified_at: Some(NOW),
        profile: Default::default(),
        locale: "en".into(),
        condition: Condition::Active,
        created_at: NOW,
        updated_at: NOW,
        password_changed_at: NOW,
        hold_until: None,
        protection: Default::default(),
        kyc,
    })
}

fn client(scope: &Scope) -> anyhow::Result<Client> {
    Ok(Client {
        id: "app".parse()?,
        name: "App".into(),
        kind: ApplicationType::Web,
        authentication: ClientAuthentication::None,
        keys: None,
        request_objects: Default::default(),
        grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scope: scope.clone(),
        response_modes: Default::default(),
        require_pkce: true,
        id_token_alg: Algorithm::Es256,
        userinfo_alg: None,
        subject: Default::default(),
        consent: Default::default(),
        when_withheld: Default::default(),
        verified_claims: Default::default(),
        lifetimes: Default::default(),
        demands: Default::default(),
        audience: Vec::new(),
        logout: Default::default(),
        events_uri: None,
        pages: Default::default(),
        disabled: false,
    })
}
