//! Samples of the pages of codes by SMS.

use karat::domain::authenticator::Way;
use karat::pages::factors::{FactorReason, Ways};
use karat::pages::phone::{Better, PendingPhone, PhonePage, SmsPage};
use karat::pages::{FieldError, FieldErrors, Message, keys};

use super::{Collector, frame, in_account, in_flow};

const MASKED: &str = "+49 ••• 78";

pub fn pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let none = FieldErrors::none;
    let sms = |why, minutes, room, errors| SmsPage {
        number: MASKED.to_owned(),
        minutes,
        ways: Ways { why, others: vec![Way::Totp, Way::RecoveryCode], remember_days: Some(30), room },
        errors,
    };
    put.page("mfa-sms", &sms(FactorReason::Login, None, None, none()), frame(locale, "/mfa/sms"));
    let waiting = FieldErrors::from(FieldError::whole_form(Message::new(keys::SMS_WAIT).with("seconds", 30_i64)));
    put.page("mfa-sms-wait", &sms(FactorReason::App, Some(5), None, waiting), in_flow(locale, "/mfa/sms"));
    let mut wrong = none();
    wrong.push("code", Message::new(keys::SMS_CODE_WRONG));
    let confirm = sms(FactorReason::Confirm, Some(4), Some("phone"), wrong);
    put.page("mfa-sms-wrong", &confirm, in_account(locale, "/mfa/sms?next=phone"));

    let phone = |current: Option<&str>, pending, better, errors| PhonePage {
        current: current.map(str::to_owned),
        number: String::new(),
        pending,
        better,
        errors,
    };
    let at = || in_account(locale, "/account/security/phone");
    put.page("security-phone", &phone(None, None, Better { totp: true, passkey: true }, none()), at());
    let mut invalid = none();
    invalid.push("number", Message::new(keys::PHONE_INVALID));
    let replacing = phone(Some(MASKED), None, Better { totp: false, passkey: true }, invalid);
    put.page("security-phone-replaces", &replacing, at());
    let pending = PendingPhone { number: "+34 ••• 12".to_owned(), minutes: 5 };
    let sent = at().with_notice(Message::new(keys::NOTICE_SMS_SENT));
    put.page("security-phone-code", &phone(None, Some(pending), Better::default(), none()), sent);
}
