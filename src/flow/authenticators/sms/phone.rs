//! The person's number: added once a code that was sent to it came back, replaced the same way, one a person.

use super::challenge::{CodeRefused, OpenCode, SmsUse};
use super::limits::NotSent;
use crate::domain::authentication::Method;
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Facts};
use crate::domain::phone::{PhoneNumber, PhoneRefused};
use crate::domain::sms::SmsPurpose;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::authenticators::change::{Place, name_of};
use crate::flow::authenticators::{GuessKind, Verified};
use crate::flow::karat::Karat;
use crate::flow::login::{Browser, locale_of};
use crate::flow::{Failure, Refused};
use crate::pages::sms::SmsText;
use crate::pages::{FieldError, Message, keys};
use crate::storage::outbox::Sms;
use crate::storage::{Change, Error};

/// How long it is worth telling the old number.
const NOTICE: Seconds = Seconds::days(1);

impl Karat {
    /// The number that codes for this person go to.
    pub async fn phone_of(&self, user: &User) -> Result<Option<(Authenticator, PhoneNumber)>, Failure> {
        let mut found = self.store.authenticators_of(user.id).await?;
        found.retain(|one| one.kind() == AuthenticatorKind::Phone);
        let Some(phone) = found.pop() else { return Ok(None) };
        let number = self.store.authenticator_secret::<PhoneNumber>(&phone.id).await?;
        Ok(number.map(|number| (phone, number)))
    }

    /// A code to the number on file, for the log-in or the proof that `usage` names.
    pub async fn send_sms_to(&self, usage: SmsUse<'_>, browser: &Browser) -> Result<OpenCode, Refused> {
        let (_, number) = self.phone_of(usage.user).await?.ok_or(Refused::Gone)?;
        self.send_sms_code(usage, &number, browser).await?.map_err(refused)
    }

    /// The second factor: a code that was sent for this very log-in, to the number that is still on file.
    pub async fn verify_sms(&self, usage: SmsUse<'_>, typed: &str) -> Result<Verified, Refused> {
        let user = usage.user;
        let number = self.right_number(usage, typed).await?;
        let current = self.phone_of(user).await?;
        let (phone, _) = current.filter(|(_, current)| *current == number).ok_or_else(wrong)?;
        let mut change = self.store.begin().await?;
        if !change.touch_authenticator(&phone.id, self.now()).await? {
            return Err(wrong());
        }
        change.commit().await?;
        Ok(Verified::now(self, user.id, Method::Sms))
    }

    /// The number that waits for its code in this session.
    pub async fn pending_phone(&self, owner: Owner<'_>) -> Result<Option<OpenCode>, Failure> {
        self.open_sms_code(adding(owner, &binding_of(owner))).await
    }

    /// Sends a code to a number that is to become the person's.
    pub async fn ask_for_phone(&self, owner: Owner<'_>, typed: &str) -> Result<OpenCode, Refused> {
        self.may_change_security(owner).await?;
        let number = PhoneNumber::parse(typed).map_err(|refused| {
            Refused::on(
                "number",
                match (refused, typed.trim().is_empty()) {
                    (_, true) => keys::PHONE_REQUIRED,
                    (PhoneRefused::NotANumber, _) => keys::PHONE_INVALID,
                    (PhoneRefused::NotMobile, _) => keys::PHONE_NOT_MOBILE,
                },
            )
        })?;
        if self.phone_of(&owner.signed_in.user).await?.is_some_and(|(_, current)| current == number) {
            return Err(Refused::on("number", keys::PHONE_SAME));
        }
        self.send_sms_code(adding(owner, &binding_of(owner)), &number, owner.browser).await?.map_err(refused)
    }

    /// Another code to the number that waits.
    pub async fn resend_to_phone(&self, owner: Owner<'_>) -> Result<OpenCode, Refused> {
        self.may_change_security(owner).await?;
        let waiting = self.pending_phone(owner).await?.ok_or(Refused::Gone)?;
        self.send_sms_code(adding(owner, &binding_of(owner)), &waiting.number, owner.browser).await?.map_err(refused)
    }

    /// Somebody else's number was typed, or a wrong one.
    pub async fn forget_pending_phone(&self, owner: Owner<'_>) -> Result<(), Failure> {
        self.drop_sms_code(adding(owner, &binding_of(owner))).await
    }

    /// Adds the number once its code came back. What was sent to an earlier one is dead, and it hears of the change.
    pub async fn add_phone(&self, owner: Owner<'_>, name: &str, typed: &str) -> Result<Verified, Refused> {
        self.may_change_security(owner).await?;
        let user = &owner.signed_in.user;
        let number = self.right_number(adding(owner, &binding_of(owner)), typed).await?;
        let (earlier, now) = (self.phone_of(user).await?, self.now());
        let before = self.enrolled(user.id).await?;
        let made = Authenticator {
            id: self.new_id().to_string(),
            user_id: user.id,
            name: name_of(name, AuthenticatorKind::Phone, owner.browser),
            facts: Facts::Phone { masked: number.masked(), country: number.country().to_string() },
            created_at: now,
            last_used_at: None,
        };
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        if let Some((earlier, old)) = &earlier {
            change.remove_authenticator(user.id, &earlier.id).await?;
            self.tell_old_number(&mut change, user, old).await?;
        }
        // One a person: the person's own id is what has to be unique.
        match change.add_authenticator(&made, Some(&user.id.to_string()), &number).await {
            Err(Error::Conflict) => return Err(Refused::Gone),
            added => added?,
        }
        let mut told = user.clone();
        told.profile.phone_number = Some(number.as_str().to_owned());
        told.profile.phone_number_verified = true;
        change.set_profile(&told, now).await?;
        self.authenticator_added(&mut change, owner, &made, Place { replaced: earlier.is_some(), before }).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        self.void_sms_codes(user).await?;
        Ok(Verified::now(self, user.id, Method::Sms))
    }

    /// The person takes the number away: it hears of it, and Karat no longer vouches for it to apps. The caller removes the
    /// authenticator within the same change.
    pub(in crate::flow) async fn phone_removed(
        &self,
        change: &mut Change,
        user: &User,
        number: &PhoneNumber,
    ) -> Result<(), Failure> {
        self.tell_old_number(change, user, number).await?;
        if user.profile.phone_number.as_deref() == Some(number.as_str()) {
            let mut told = user.clone();
            told.profile.phone_number = None;
            told.profile.phone_number_verified = false;
            change.set_profile(&told, self.now()).await?;
        }
        self.void_sms_codes(user).await
    }

    /// A number that is not the person's any more hears of it. Over the day's money it does not; the mail goes out anyway.
    async fn tell_old_number(&self, change: &mut Change, user: &User, old: &PhoneNumber) -> Result<(), Failure> {
        if !self.offers_sms() || !self.count_notice().await? {
            return Ok(());
        }
        let locale = locale_of(user);
        let text = self.renderer.sms(SmsText { purpose: SmsPurpose::Notice, code: "", host: "" }, locale)?;
        let sms = Sms {
            to: old.as_str().to_owned(),
            text,
            purpose: SmsPurpose::Notice,
            locale: locale.tag().to_owned(),
            expires_at: self.now().plus(NOTICE),
        };
        Ok(change.send_sms(&self.new_id().to_string(), sms, old.country(), self.now()).await?)
    }

    /// Guesses are counted for the person, by whichever page they come, and for the code.
    async fn right_number(&self, usage: SmsUse<'_>, typed: &str) -> Result<PhoneNumber, Refused> {
        if typed.trim().is_empty() {
            return Err(Refused::on("code", keys::SMS_CODE_REQUIRED));
        }
        self.count_factor_guess(usage.user.id, GuessKind::Sms).await??;
        match self.use_sms_code(usage, typed).await? {
            Ok(number) => {
                self.give_factor_guess_back(usage.user.id, GuessKind::Sms).await?;
                Ok(number)
            }
            Err(CodeRefused::Wrong) => Err(wrong()),
            Err(CodeRefused::Exhausted) => Err(Refused::on("code", keys::CODE_EXHAUSTED)),
        }
    }
}

fn binding_of(owner: Owner<'_>) -> String {
    format!("{} session {}", owner.browser.binding.as_str(), owner.signed_in.session.id)
}

fn adding<'a>(owner: Owner<'a>, binding: &'a str) -> SmsUse<'a> {
    SmsUse { user: &owner.signed_in.user, purpose: SmsPurpose::AddNumber, binding }
}

/// One answer for a wrong code, one that was used, one that has expired and one that is for something else.
fn wrong() -> Refused {
    Refused::on("code", keys::SMS_CODE_WRONG)
}

fn refused(why: NotSent) -> Refused {
    let form = |message| Refused::Form(FieldError::whole_form(message).into());
    match why {
        NotSent::Wait(wait) => form(Message::new(keys::SMS_WAIT).with("seconds", wait.0)),
        NotSent::TooMany(wait) => Refused::TooMany(wait),
        NotSent::Country => form(Message::new(keys::SMS_COUNTRY)),
        NotSent::NotNow => form(Message::new(keys::SMS_NOT_NOW)),
    }
}
