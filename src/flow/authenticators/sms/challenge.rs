//! One code a person and purpose: sent, bound to its use, tried a few times, used once.

use serde::{Deserialize, Serialize};

use super::limits::NotSent;
use crate::crypto::token::{ShortCode, TokenHash};
use crate::domain::phone::PhoneNumber;
use crate::domain::sms::SmsPurpose;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::login::{Browser, locale_of};
use crate::pages::sms::SmsText;
use crate::storage::outbox::Sms;

/// How long to wait before another code is sent: after the first, after the second, and from then on.
const RESEND_AFTER: [Seconds; 3] = [Seconds(30), Seconds(60), Seconds(120)];
/// A person who asks again later than this begins anew.
const SERIES: Seconds = Seconds::minutes(15);

/// What a code is for. It is none for another person, purpose, browser or transaction.
#[derive(Clone, Copy)]
pub struct SmsUse<'a> {
    pub user: &'a User,
    pub purpose: SmsPurpose,
    /// Names the browser and what goes on in it: a pending log-in, a session, an interaction.
    pub binding: &'a str,
}

/// A code that is on its way, as its page shows it.
#[derive(Clone, Debug)]
pub struct OpenCode {
    pub number: PhoneNumber,
    pub expires_at: Timestamp,
    /// From then on another one can be asked for.
    pub resend_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeRefused {
    /// Not the code, used, expired, replaced, or sent for something else; which one stays open.
    Wrong,
    /// Tried too often: a new one is needed.
    Exhausted,
}

/// In the short-lived store.
#[derive(Serialize, Deserialize)]
struct Challenge {
    id: String,
    binding: String,
    /// Sealed.
    number: String,
    code_hash: String,
    /// Messages of this series, this one included.
    sent: usize,
    sent_at: Timestamp,
    expires_at: Timestamp,
    used: bool,
}

impl Challenge {
    fn resend_at(&self) -> Timestamp {
        let step = self.sent.clamp(1, RESEND_AFTER.len()) - 1;
        self.sent_at.plus(RESEND_AFTER.get(step).copied().unwrap_or(Seconds(120)))
    }

    fn is_for(&self, binding: &TokenHash, now: Timestamp) -> bool {
        !self.used && self.expires_at > now && TokenHash::from_stored(self.binding.as_str()) == *binding
    }
}

impl Karat {
    /// Sends a new code; the earlier one is dead. Of several who ask at the same moment one is served.
    pub async fn send_sms_code(
        &self,
        usage: SmsUse<'_>,
        number: &PhoneNumber,
        browser: &Browser,
    ) -> Result<Result<OpenCode, NotSent>, Failure> {
        let (key, now) = (key_of(usage), self.now());
        let before = self.ephemeral.get(&key).await?;
        let earlier = before.as_deref().map(serde_json::from_str::<Challenge>).transpose()?;
        if let Some(earlier) = &earlier
            && earlier.resend_at() > now
        {
            return Ok(Err(NotSent::Wait(earlier.resend_at().since(now))));
        }
        let (code, id) = (ShortCode::mint(), self.new_id().to_string());
        let challenge = Challenge {
            binding: binding_of(usage).into_string(),
            number: self.store.sealed_number(&id, number)?,
            code_hash: self.sms_code_hash(usage, &id, &code).into_string(),
            sent: earlier.map_or(0, |earlier| earlier.sent) + 1,
            sent_at: now,
            expires_at: now.plus(self.settings.sms.code_lifetime),
            used: false,
            id,
        };
        let value = serde_json::to_string(&challenge)?;
        let mine = match &before {
            Some(before) => self.ephemeral.compare_and_put(&key, before, &value, SERIES.as_duration()).await?,
            None => self.ephemeral.insert_if_absent(&key, &value, SERIES.as_duration()).await?,
        };
        if !mine {
            return Ok(Err(NotSent::Wait(RESEND_AFTER[0])));
        }
        // Only who holds the place counts: the others send nothing.
        if let Err(refused) = self.count_sms(usage.user, (number, usage.purpose), browser).await? {
            match &before {
                Some(before) => {
                    self.ephemeral.compare_and_put(&key, &value, before, SERIES.as_duration()).await?;
                }
                None => self.ephemeral.delete(&key).await?,
            }
            return Ok(Err(refused));
        }
        if let Err(failure) = self.put_code(usage, number, &challenge, &code).await {
            // Nobody has the code: the next one need not wait for it.
            self.ephemeral.delete(&key).await?;
            return Err(failure);
        }
        self.watch_sent(number, usage.purpose).await?;
        let (expires_at, resend_at) = (challenge.expires_at, challenge.resend_at());
        Ok(Ok(OpenCode { number: number.clone(), expires_at, resend_at }))
    }

    async fn put_code(
        &self,
        usage: SmsUse<'_>,
        number: &PhoneNumber,
        challenge: &Challenge,
        code: &ShortCode,
    ) -> Result<(), Failure> {
        let host = self.issuer.url().host_str().unwrap_or_default();
        let locale = locale_of(usage.user);
        let text = self.renderer.sms(SmsText { purpose: usage.purpose, code: code.expose(), host }, locale)?;
        let sms = Sms {
            to: number.as_str().to_owned(),
            text,
            purpose: usage.purpose,
            locale: locale.tag().to_owned(),
            expires_at: challenge.expires_at,
        };
        let mut change = self.store.begin().await?;
        change.send_sms(&challenge.id, sms, number.country(), challenge.sent_at).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// The code that waits to be typed in here.
    pub async fn open_sms_code(&self, usage: SmsUse<'_>) -> Result<Option<OpenCode>, Failure> {
        let Some(challenge) = self.sms_challenge(usage).await?.map(|(_, challenge)| challenge) else { return Ok(None) };
        let number = self.store.opened_number(&challenge.id, &challenge.number)?;
        Ok(Some(OpenCode { number, expires_at: challenge.expires_at, resend_at: challenge.resend_at() }))
    }

    /// Uses a code up. The number is the one that it was sent to. The caller counts guesses of the person; tries of this
    /// one code are counted here, before it is looked at.
    pub(super) async fn use_sms_code(
        &self,
        usage: SmsUse<'_>,
        typed: &str,
    ) -> Result<Result<PhoneNumber, CodeRefused>, Failure> {
        let Some(code) = ShortCode::parse(typed) else { return Ok(Err(CodeRefused::Wrong)) };
        let Some((value, mut challenge)) = self.sms_challenge(usage).await? else {
            return Ok(Err(CodeRefused::Wrong));
        };
        let tries = format!("sms:tries:{}", challenge.id);
        let tried = self.ephemeral.increment_within(&tries, SERIES.as_duration()).await?;
        if tried.count > u64::from(self.settings.sms.code_tries) {
            return Ok(Err(CodeRefused::Exhausted));
        }
        let right = self.sms_code_hash(usage, &challenge.id, &code);
        if TokenHash::from_stored(challenge.code_hash.as_str()) != right {
            return Ok(Err(CodeRefused::Wrong));
        }
        challenge.used = true;
        let spent = serde_json::to_string(&challenge)?;
        if !self.ephemeral.compare_and_put(&key_of(usage), &value, &spent, SERIES.as_duration()).await? {
            return Ok(Err(CodeRefused::Wrong));
        }
        let number = self.store.opened_number(&challenge.id, &challenge.number)?;
        self.watch_used(&number, usage.purpose).await?;
        Ok(Ok(number))
    }

    /// The person does not want the code that was sent. When the next one may be sent stays as it is.
    pub(super) async fn drop_sms_code(&self, usage: SmsUse<'_>) -> Result<(), Failure> {
        let Some((value, mut challenge)) = self.sms_challenge(usage).await? else { return Ok(()) };
        challenge.used = true;
        let spent = serde_json::to_string(&challenge)?;
        self.ephemeral.compare_and_put(&key_of(usage), &value, &spent, SERIES.as_duration()).await?;
        Ok(())
    }

    /// What was sent to a person is worth nothing any more: the number changed.
    pub(super) async fn void_sms_codes(&self, user: &User) -> Result<(), Failure> {
        for purpose in [SmsPurpose::LogIn, SmsPurpose::Confirm, SmsPurpose::AddNumber] {
            self.ephemeral.delete(&key_of(SmsUse { user, purpose, binding: "" })).await?;
        }
        Ok(())
    }

    async fn sms_challenge(&self, usage: SmsUse<'_>) -> Result<Option<(String, Challenge)>, Failure> {
        let Some(value) = self.ephemeral.get(&key_of(usage)).await? else { return Ok(None) };
        let challenge: Challenge = serde_json::from_str(&value)?;
        Ok(challenge.is_for(&binding_of(usage), self.now()).then_some((value, challenge)))
    }

    fn sms_code_hash(&self, usage: SmsUse<'_>, id: &str, code: &ShortCode) -> TokenHash {
        let purpose = usage.purpose.as_str();
        self.code_hash(code, &format!("sms {purpose} {} {id} {}", usage.user.id, binding_of(usage).as_str()))
    }
}

/// One for each person and purpose, so that a new code takes the place of the old one whoever asks.
fn key_of(usage: SmsUse<'_>) -> String {
    format!("sms:code:{}:{}", usage.user.id, usage.purpose.as_str())
}

fn binding_of(usage: SmsUse<'_>) -> TokenHash {
    TokenHash::of_text("sms binding", usage.binding)
}
