//! A confirmation that is shown once, on the page a form leads to. It travels in a cookie of a minute, so that no link
//! from outside puts one on a page.

use axum::http::HeaderMap;

use super::review::ReviewNotice;
use crate::domain::time::Seconds;
use crate::http::admin::console::ConsoleNotice;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;
use crate::pages::{Message, keys};

const LIFETIME: Seconds = Seconds::minutes(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    RegistrationOver,
    CodeResent,
    PasswordChanged,
    EmailSent,
    EmailCancelled,
    SessionEnded,
    /// How many.
    SessionsEnded(usize),
    AppWithdrawn,
    ProfileSaved,
    TotpAdded,
    PasskeyAdded,
    LogInToUnfreeze,
    RecoveryCancelled,
    LogInToEnrol,
    FactorRenamed,
    FactorRemoved,
    PhraseChanged,
    PhraseRemoved,
    SettingsLocked,
    DevicesForgotten,
    ApprovalOn,
    ApprovalOff,
    SmsSent,
    PhoneAdded,
    Review(ReviewNotice),
    Console(ConsoleNotice),
    ApplicationGivenUp,
}

impl Notice {
    pub fn leave(self, visit: &mut Visit) {
        visit.set_cookie(Cookie::Notice, &self.text(), Some(LIFETIME));
    }

    /// The notice left by the form before, as a message.
    pub fn take(headers: &HeaderMap, visit: &mut Visit) -> Option<Message> {
        let text = Cookie::Notice.read(headers, visit.web.is_https())?;
        visit.clear_cookie(Cookie::Notice);
        Self::parse(&text).map(Self::message)
    }

    fn text(self) -> String {
        match self {
            Self::SessionsEnded(count) => format!("sessions-ended.{count}"),
            other => other.slug().to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(count) = text.strip_prefix("sessions-ended.") {
            return count.parse().ok().map(Self::SessionsEnded);
        }
        if let Some(review) = ReviewNotice::parse(text) {
            return Some(Self::Review(review));
        }
        if let Some(console) = ConsoleNotice::parse(text) {
            return Some(Self::Console(console));
        }
        let plain = [
            Self::RegistrationOver,
            Self::CodeResent,
            Self::PasswordChanged,
            Self::EmailSent,
            Self::EmailCancelled,
            Self::SessionEnded,
            Self::AppWithdrawn,
            Self::ProfileSaved,
            Self::TotpAdded,
            Self::PasskeyAdded,
            Self::LogInToUnfreeze,
            Self::RecoveryCancelled,
            Self::LogInToEnrol,
            Self::FactorRenamed,
            Self::FactorRemoved,
            Self::PhraseChanged,
            Self::PhraseRemoved,
            Self::SettingsLocked,
            Self::DevicesForgotten,
            Self::ApprovalOn,
            Self::ApprovalOff,
            Self::SmsSent,
            Self::PhoneAdded,
            Self::ApplicationGivenUp,
        ];
        plain.into_iter().find(|notice| notice.slug() == text)
    }

    const fn slug(self) -> &'static str {
        match self {
            Self::RegistrationOver => "registration-over",
            Self::CodeResent => "code-resent",
            Self::PasswordChanged => "password-changed",
            Self::EmailSent => "email-sent",
            Self::EmailCancelled => "email-cancelled",
            Self::SessionEnded => "session-ended",
            Self::SessionsEnded(_) => "sessions-ended",
            Self::AppWithdrawn => "app-withdrawn",
            Self::ProfileSaved => "profile-saved",
            Self::TotpAdded => "totp-added",
            Self::PasskeyAdded => "passkey-added",
            Self::LogInToUnfreeze => "log-in-to-unfreeze",
            Self::RecoveryCancelled => "recovery-cancelled",
            Self::LogInToEnrol => "log-in-to-enrol",
            Self::FactorRenamed => "factor-renamed",
            Self::FactorRemoved => "factor-removed",
            Self::PhraseChanged => "phrase-changed",
            Self::PhraseRemoved => "phrase-removed",
            Self::SettingsLocked => "settings-locked",
            Self::DevicesForgotten => "devices-forgotten",
            Self::ApprovalOn => "approval-on",
            Self::ApprovalOff => "approval-off",
            Self::SmsSent => "sms-sent",
            Self::PhoneAdded => "phone-added",
            Self::Review(review) => review.slug(),
            Self::Console(console) => console.slug(),
            Self::ApplicationGivenUp => "application-given-up",
        }
    }

    fn message(self) -> Message {
        match self {
            Self::RegistrationOver => Message::new(keys::NOTICE_REGISTRATION_OVER),
            Self::CodeResent => Message::new(keys::NOTICE_CODE_RESENT),
            Self::EmailSent => Message::new(keys::NOTICE_EMAIL_SENT),
            Self::PasswordChanged => Message::new(keys::NOTICE_PASSWORD_CHANGED),
            Self::EmailCancelled => Message::new(keys::NOTICE_EMAIL_CANCELLED),
            Self::SessionEnded => Message::new(keys::NOTICE_SESSION_ENDED),
            Self::SessionsEnded(count) => {
                Message::new(keys::NOTICE_SESSIONS_ENDED).with("count", i64::try_from(count).unwrap_or(i64::MAX))
            }
            Self::AppWithdrawn => Message::new(keys::NOTICE_APP_WITHDRAWN),
            Self::ProfileSaved => Message::new(keys::NOTICE_PROFILE_SAVED),
            Self::Review(review) => review.message(),
            Self::Console(console) => console.message(),
            Self::SmsSent => Message::new(keys::NOTICE_SMS_SENT),
            Self::PhoneAdded => Message::new(keys::NOTICE_PHONE_ADDED),
            Self::ApplicationGivenUp => Message::new(keys::NOTICE_APPLICATION_GIVEN_UP),
            Self::TotpAdded => Message::new(keys::NOTICE_TOTP_ADDED),
            Self::PasskeyAdded => Message::new(keys::NOTICE_PASSKEY_ADDED),
            Self::LogInToUnfreeze => Message::new(keys::NOTICE_LOG_IN_TO_UNFREEZE),
            Self::RecoveryCancelled => Message::new(keys::NOTICE_RECOVERY_CANCELLED),
            Self::LogInToEnrol => Message::new(keys::NOTICE_LOG_IN_TO_ENROL),
            Self::FactorRenamed => Message::new(keys::NOTICE_FACTOR_RENAMED),
            Self::FactorRemoved => Message::new(keys::NOTICE_FACTOR_REMOVED),
            Self::PhraseChanged => Message::new(keys::NOTICE_PHRASE_CHANGED),
            Self::PhraseRemoved => Message::new(keys::NOTICE_PHRASE_REMOVED),
            Self::SettingsLocked => Message::new(keys::NOTICE_SETTINGS_LOCKED),
            Self::DevicesForgotten => Message::new(keys::NOTICE_DEVICES_FORGOTTEN),
            Self::ApprovalOn => Message::new(keys::NOTICE_APPROVAL_ON),
            Self::ApprovalOff => Message::new(keys::NOTICE_APPROVAL_OFF),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_cookie_and_nothing_else_is_one() {
        for notice in [Notice::PasswordChanged, Notice::SessionsEnded(3), Notice::ProfileSaved] {
            assert_eq!(Notice::parse(&notice.text()), Some(notice));
        }
        for wrong in ["", "sessions-ended", "sessions-ended.x", "<b>"] {
            assert_eq!(Notice::parse(wrong), None, "{wrong}");
        }
    }
}
