//! One sample or more of every mail, with the facts a person would see.

use karat::domain::kyc::{Reason, Tier};
use karat::domain::time::Timestamp;
use karat::pages::mail::*;
use karat::pages::{Locale, Message, keys};

use super::{NOW, renderer};

pub struct MailSample {
    pub name: &'static str,
    pub locale: Locale,
    pub mail: Rendered,
}

/// Every mail in every language.
pub fn mails() -> Vec<MailSample> {
    let renderer = renderer();
    let mut samples = Vec::new();
    for locale in Locale::ALL {
        let link = |path: &str| {
            format!("https://id.karat.example/{path}?token=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4")
        };
        let forgotten_link = || "https://id.karat.example/password/forgotten".to_owned();
        let warning = || MailFrame {
            phrase: Some("blue heron at dawn".into()),
            hold_until: Some(Timestamp::from_unix(NOW.unix() + 86_400)),
            freeze_link: Some(link("freeze")),
        };
        let device = || Some("Chrome on Android".to_owned());
        let place = || Some("Madrid, Spain".to_owned());
        let code = || "493027".to_owned();
        let mut put = |name, mail: Result<Rendered, _>| {
            let mail =
                mail.unwrap_or_else(|error: karat::pages::RenderError| panic!("{name} in {locale:?}: {error:?}"));
            samples.push(MailSample { name, locale, mail });
        };
        let verify = VerifyAddress { link: link("register/confirm"), code: code(), minutes: 60 };
        put("verify-address", renderer.mail(&verify, locale));
        let login_link = "https://id.karat.example/login".to_owned();
        put("address-in-use", renderer.mail(&AddressInUse { login_link: login_link.clone() }, locale));
        let known = AlreadyRegistered { login_link, forgotten_link: forgotten_link() };
        put("already-registered", renderer.mail(&known, locale));
        put("reset-password", renderer.mail(&ResetPassword { link: link("password/reset"), minutes: 30 }, locale));
        let changed = PasswordChanged { at: NOW, device: device(), place: place(), forgotten_link: forgotten_link() };
        put("password-changed", renderer.mail_within(&changed, locale, &warning()));
        let verify = VerifyNewAddress { link: link("account/email/confirm"), code: code(), minutes: 60 };
        put("verify-new-address", renderer.mail(&verify, locale));
        for (name, done) in [("address-changing", false), ("address-changed", true)] {
            let account_link = "https://id.karat.example/account".to_owned();
            let notice = AddressChanging { new_email: "a•••@new.example".into(), at: NOW, done, account_link };
            put(name, renderer.mail_within(&notice, locale, &warning()));
        }
        let sessions_link = "https://id.karat.example/account/sessions".to_owned();
        let new = NewDevice { at: NOW, device: None, place: place(), sessions_link, forgotten_link: forgotten_link() };
        let warned = MailFrame { hold_until: None, ..warning() };
        put("new-device", renderer.mail_within(&new, locale, &warned));
        let own = MailFrame { phrase: Some("blue heron at dawn".into()), ..MailFrame::default() };
        for kept_until in [None, Some(Timestamp::from_unix(NOW.unix() + 1_827 * 86_400))] {
            let deleted = AccountDeleted { at: NOW, kept_until };
            put("account-deleted", renderer.mail_within(&deleted, locale, &own));
        }
        let downloaded = DataDownloaded { at: NOW, device: device(), place: place(), forgotten_link: forgotten_link() };
        put("data-downloaded", renderer.mail_within(&downloaded, locale, &warned));
        put("account-locked", renderer.mail_within(&AccountLocked { at: NOW }, locale, &own));
        let security_link = || "https://id.karat.example/account/security".to_owned();
        let changes = [
            ("passkey-added", Message::new(keys::MAIL_PASSKEY_ADDED).with("name", "My phone")),
            ("recovery-code-used", Message::new(keys::MAIL_RECOVERY_CODE_USED).with("left", 1_i64)),
        ];
        for (name, what) in changes {
            let (security_link, forgotten_link) = (security_link(), forgotten_link());
            let mail =
                SecurityChanged { what, at: NOW, device: device(), place: place(), security_link, forgotten_link };
            put(name, renderer.mail(&mail, locale));
        }
        let frozen = AccountFrozen { at: NOW, login_link: "https://id.karat.example/login".into() };
        put("account-frozen", renderer.mail_within(&frozen, locale, &own));
        put("unfreeze", renderer.mail_within(&UnfreezeAccount { link: link("unfreeze"), minutes: 30 }, locale, &own));
        put("account-unfrozen", renderer.mail_within(&AccountUnfrozen { at: NOW }, locale, &warning()));
        let until = Timestamp::from_unix(NOW.unix() + 3 * 86_400);
        let begun = UnlockBegun { at: NOW, until, device: device(), place: place(), link: link("keep-locked") };
        let (at, link_of) = (NOW, |path: &str| link(path));
        let waits = ApproveLogIn { at, device: device(), place: place(), link: link_of("approve"), minutes: 20 };
        put("approve-log-in", renderer.mail_within(&waits, locale, &warned));
        let asked = RecoveryAsked { link: link_of("recovery/start"), minutes: 30 };
        put("recovery-asked", renderer.mail_within(&asked, locale, &warned));
        for (name, finish_link) in [("recovery-runs", None), ("recovery-ripe", Some(link_of("recovery/finish")))] {
            let cancel_link = link_of("recovery/cancel");
            let runs = RecoveryRuns { began_at: NOW, ripe_at: until, finish_link, cancel_link };
            put(name, renderer.mail_within(&runs, locale, &warned));
        }
        put("unlock-begun", renderer.mail_within(&begun, locale, &warned));
        for news in VerificationNews::ALL {
            put("verification", renderer.mail_within(&verification(news, None), locale, &own));
        }
        for reason in Reason::ALL.iter().copied() {
            let rejected = verification(VerificationNews::RejectedRetry, Some(reason));
            put("verification-rejected", renderer.mail_within(&rejected, locale, &own));
        }
    }
    samples
}

fn verification(news: VerificationNews, reason: Option<Reason>) -> Verification {
    Verification {
        news,
        tier: Tier::STANDARD,
        at: NOW,
        until: Some(Timestamp::from_unix(NOW.unix() + 30 * 86_400)),
        review_by: Some(Timestamp::from_unix(NOW.unix() + 86_400)),
        reason,
        opens: match news {
            VerificationNews::Approved => vec!["fiat:withdraw".into(), "vault:open".into(), "wallet:withdraw".into()],
            _ => Vec::new(),
        },
        link: "https://id.karat.example/account/verification".to_owned(),
    }
}
