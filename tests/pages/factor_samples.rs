//! Samples of the pages that show, add and lose authenticators.

use karat::domain::authenticator::{NewApp, Way};
use karat::domain::time::Timestamp;
use karat::pages::enrolment::*;
use karat::pages::factors::*;
use karat::pages::passkeys::{PasskeyProofPage, PasskeyQuestion, PasskeyRow, PasskeysPage};
use karat::pages::{FieldErrors, Message, keys};

use super::{Collector, NOW, frame, in_account, in_flow};

/// What a page asks a browser for a passkey.
pub fn question() -> PasskeyQuestion {
    let options =
        r#"{"challenge":"AAAA","rpId":"id.karat.example","allowCredentials":[],"userVerification":"required"}"#;
    PasskeyQuestion { ticket: "ticket-of-the-question".to_owned(), options: options.to_owned() }
}

pub fn passkey_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let path = "/account/security/passkeys";
    let row = |name: &str, synced, attested, used_at| PasskeyRow {
        name: name.to_owned(),
        synced,
        attested,
        added_at: Timestamp::from_unix(NOW.unix() - 40 * 86_400),
        used_at,
    };
    let rows = vec![
        row("Ada's phone", true, false, Some(Timestamp::from_unix(NOW.unix() - 300))),
        row("Security key in the safe", false, true, None),
        row("Office laptop", false, false, Some(Timestamp::from_unix(NOW.unix() - 5 * 86_400))),
    ];
    let page = |passkeys, attestation_required, errors| PasskeysPage {
        now: NOW,
        passkeys,
        question: Some(question()),
        name: String::new(),
        attestation_required,
        errors,
    };
    let refused = |key| FieldErrors::from(karat::pages::FieldError::on("passkey", Message::new(key)));
    put.page("passkeys-first", &page(Vec::new(), false, FieldErrors::none()), in_account(locale, path));
    put.page("passkeys", &page(rows.clone(), false, FieldErrors::none()), in_account(locale, path));
    let locked = FieldErrors::from(karat::pages::FieldError::whole_form(Message::new(keys::SETTINGS_LOCKED)));
    let closed = PasskeysPage { question: None, ..page(rows.clone(), false, locked) };
    put.page("passkeys-locked", &closed, in_account(locale, path));
    put.page("passkeys-refused", &page(rows, true, refused(keys::PASSKEY_NOT_ATTESTED)), in_account(locale, path));
    let ways = |room| Ways {
        why: FactorReason::Login,
        others: vec![Way::Totp, Way::RecoveryCode],
        remember_days: Some(30),
        room,
    };
    let proof = |room, errors| PasskeyProofPage { ways: ways(room), question: question(), errors };
    put.page(
        "mfa-passkey",
        &proof(None, FieldErrors::none()),
        in_flow(locale, "/mfa/passkey?interaction=inter-action-1"),
    );
    put.page(
        "mfa-passkey-refused",
        &proof(Some("email"), refused(keys::PASSKEY_TOO_LATE)),
        frame(locale, "/mfa/passkey"),
    );
}

pub fn factor_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let none = FieldErrors::none;
    let ways = |why, others: &[Way], room| Ways { why, others: others.to_vec(), remember_days: None, room };
    let all = [Way::Passkey, Way::Sms, Way::RecoveryCode];
    let totp = |why, room, errors| TotpPage { ways: ways(why, &all, room), errors };
    put.page("mfa-totp", &totp(FactorReason::Login, None, none()), frame(locale, "/mfa/totp"));
    let mut wrong = none();
    wrong.push("code", Message::new(keys::TOTP_WRONG));
    put.page("mfa-totp-wrong", &totp(FactorReason::App, None, wrong), in_flow(locale, "/mfa/totp"));
    let confirm = totp(FactorReason::Confirm, Some("security"), none());
    put.page("mfa-totp-confirm", &confirm, in_account(locale, "/mfa/totp?next=security"));
    let mut wrong = none();
    wrong.push("code", Message::new(keys::RECOVERY_CODE_WRONG));
    let recovery = RecoveryCodePage { ways: ways(FactorReason::Login, &[Way::Totp], None), errors: wrong };
    put.page("mfa-recovery", &recovery, frame(locale, "/mfa/recovery"));
    let ways = ways(FactorReason::Confirm, &[], Some("totp"));
    let password = PasswordAgainPage { email: "ada@example.com".into(), ways, errors: none() };
    put.page("mfa-password", &password, in_account(locale, "/mfa/password?next=totp"));

    let uri = "otpauth://totp/Karat:ada%40example.com?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Karat&algorithm=SHA1&digits=6&period=30";
    let app = NewApp { typed: "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567".into(), uri: uri.into() };
    let add = |replaces, errors| AddTotpPage::new(&app, replaces, String::new(), errors).expect("a picture");
    put.page("security-totp", &add(false, none()), in_account(locale, "/account/security/totp"));
    let mut wrong = none();
    wrong.push("code", Message::new(keys::TOTP_WRONG));
    put.page("security-totp-replaces", &add(true, wrong), in_account(locale, "/account/security/totp"));
    let codes = |left, made_at| RecoveryCodesPage { left, made_at, later: "/account/security".into() };
    let at = || in_account(locale, "/account/security/recovery-codes");
    put.page("recovery-codes", &codes(0, None), at());
    put.page("recovery-codes-left", &codes(3, Some(NOW)), at());
    let made: Vec<String> = (0..10).map(|n| format!("a{n}b2c-d3e{n}f")).collect();
    put.page("recovery-codes-new", &NewRecoveryCodesPage::new(&made, put.renderer, "/account/security".into()), at());
    for (name, why) in [("required", EnrolWhy::Required), ("demanded", EnrolWhy::Demanded), ("scope", EnrolWhy::Scope)]
    {
        let page = EnrolPage { passkey: true, totp: why != EnrolWhy::Demanded, sms: why == EnrolWhy::Required, why };
        put.page(&format!("enrol-{name}"), &page, in_flow(locale, "/account/security/enrol"));
    }
}
