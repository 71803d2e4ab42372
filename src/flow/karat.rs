//! The parts every use case works with, built once by the composition root.

use std::sync::Arc;

use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::authenticators::passkeys::Passkeys;
use super::client_failures::Blameless;
use super::clients::{Clients, Rules};
use super::export::Exports;
use super::keys::Keys;
use super::kyc::pictures::Pictures;
use super::kyc::uploads::Uploads;
use super::login::StandIns;
use crate::config::{
    AdminSection, AttestationDemand, AuthenticationSection, BrandSection, ClientRegistrationSection, Config,
    HoldsSection, InteractionsSection, Issuer, KycSection, PasswordResetSection, PasswordsSection, RecoverySection,
    RegistrationSection, SessionsSection, SmsSection, TermsSection, ThrottleSection, TierSection, TokensSection,
    demands,
};
use crate::crypto::clock::Clock;
use crate::crypto::password::PasswordHasher;
use crate::crypto::random::{new_uuid, random_bytes};
use crate::domain::authentication::Acr;
use crate::domain::kyc::Tier;
use crate::domain::policy::Policy;
use crate::domain::time::Timestamp;
use crate::gateway::documents::Documents;
use crate::gateway::kyc::Providers;
use crate::gateway::targets::Targets;
use crate::pages::Renderer;
use crate::storage::Store;
use crate::storage::ephemeral::Ephemeral;

pub struct Karat {
    pub issuer: Issuer,
    pub settings: Settings,
    pub clock: Clock,
    pub store: Store,
    pub ephemeral: Ephemeral,
    pub keys: Keys,
    pub macs: Macs,
    pub clients: Clients,
    pub blameless: Blameless,
    /// By which registrations are judged.
    pub rules: Rules,
    /// What clients publish.
    pub documents: Documents,
    pub passwords: PasswordHasher,
    pub stand_ins: StandIns,
    /// `None` when they are switched off, or the issuer has no name that they could be bound to.
    pub passkeys: Option<Passkeys>,
    /// Of verification, as far as they are configured.
    pub providers: Providers,
    pub pictures: Pictures,
    pub uploads: Uploads,
    pub exports: Exports,
    pub renderer: Arc<Renderer>,
    /// The operator's own terms, when they are in a file.
    pub terms_text: Option<String>,
    /// Rung when something was put into the outbox.
    pub outbox_bell: Arc<Notify>,
}

/// The sections of the configuration that use cases need.
#[derive(Clone, Debug)]
pub struct Settings {
    pub tokens: TokensSection,
    pub sessions: SessionsSection,
    pub interactions: InteractionsSection,
    pub passwords: PasswordsSection,
    pub authentication: AuthenticationSection,
    /// What the operator asks for, as the decision reads it.
    pub policy: Policy,
    pub throttle: ThrottleSection,
    pub registration: RegistrationSection,
    pub client_registration: ClientRegistrationSection,
    pub terms: TermsSection,
    pub password_reset: PasswordResetSection,
    pub holds: HoldsSection,
    pub admin: AdminSection,
    pub recovery: RecoverySection,
    pub kyc: KycSection,
    /// Of levels 1, 2 and 3.
    pub tiers: [TierSection; 3],
    pub brand: BrandSection,
    pub sms: SmsSection,
    /// Where messages may be sent that somebody asked for.
    pub targets: Targets,
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        Self {
            tokens: config.tokens.clone(),
            sessions: config.sessions.clone(),
            interactions: config.interactions.clone(),
            passwords: config.passwords.clone(),
            authentication: config.authentication.clone(),
            policy: policy(config),
            throttle: config.throttle.clone(),
            registration: config.registration.clone(),
            client_registration: config.client_registration.clone(),
            terms: config.terms.clone(),
            password_reset: config.password_reset.clone(),
            holds: config.holds.clone(),
            admin: config.admin.clone(),
            recovery: config.recovery.clone(),
            kyc: config.kyc.clone(),
            tiers: [config.tier_1.clone(), config.tier_2.clone(), config.tier_3.clone()],
            brand: config.brand.clone(),
            sms: config.sms.clone(),
            targets: Targets::new(&config.outgoing),
        }
    }
}

impl Settings {
    /// What a level takes; `None` for level 0, which takes nothing.
    pub fn tier(&self, tier: Tier) -> Option<&TierSection> {
        self.tiers.get(usize::from(tier.level()).checked_sub(1)?)
    }
}

/// What can be reached depends on what the deployment offers.
pub fn policy(config: &Config) -> Policy {
    Policy {
        second_factor: config.authentication.second_factor,
        scopes: demands(&config.policy),
        restricted: config.kyc.restricted_countries.clone(),
        verification: config.kyc.enabled,
        reach: match (config.passkeys.are_offered_at(&config.server.issuer), config.passkeys.attestation) {
            (false, _) => Acr::Mfa,
            (true, AttestationDemand::None) => Acr::Phr,
            (true, AttestationDemand::Preferred | AttestationDemand::Required) => Acr::Phrh,
        },
        sms: config.sms.enabled,
    }
}

/// Keys for message authentication codes, shared by all nodes and kept sealed in the database.
pub struct Macs {
    /// Refresh tokens are computed under it.
    pub refresh: Zeroizing<[u8; 32]>,
    /// Form tokens are computed under it.
    pub forms: Zeroizing<[u8; 32]>,
    /// Short codes, which are few enough to try them all, are stored under it.
    pub codes: Zeroizing<[u8; 32]>,
    /// Names of people that differ from sector to sector are enciphered under it. It is never replaced: apps would know nobody any more.
    pub subjects: Zeroizing<[u8; 32]>,
    /// By which the same document or person is recognised in another account.
    pub identities: Zeroizing<[u8; 32]>,
    /// By which unknown addresses stand in for somebody.
    pub stand_ins: Zeroizing<[u8; 32]>,
}

impl Macs {
    pub async fn load(store: &Store, now: Timestamp) -> Result<Self, crate::storage::Error> {
        // Read again by each change that leaves entries.
        store.audit_key(random_bytes(), now).await?;
        Ok(Self {
            refresh: store.shared_secret("refresh_tokens", random_bytes(), now).await?,
            forms: store.shared_secret("form_tokens", random_bytes(), now).await?,
            codes: store.shared_secret("short_codes", random_bytes(), now).await?,
            subjects: store.shared_secret("pairwise_subjects", random_bytes(), now).await?,
            identities: store.shared_secret("identities", random_bytes(), now).await?,
            stand_ins: store.shared_secret("stand_ins", random_bytes(), now).await?,
        })
    }
}

impl Karat {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// A fresh identifier; sorts by time.
    pub fn new_id(&self) -> uuid::Uuid {
        new_uuid(self.clock.now_millis())
    }
}
