//! Samples of the pages of verification.

use karat::domain::kyc::{Reason, State};
use karat::domain::time::Timestamp;
use karat::pages::verification::*;
use karat::pages::{FieldErrors, Message, keys};

use crate::samples::{Collector, NOW, app, frame, in_account};

const PROOFS: [&str; 6] = ["details", "phone", "document", "selfie", "address", "funds"];
const SOURCES: [&str; 8] =
    ["salary", "business", "savings", "investments", "property", "inheritance", "pension", "other"];
const STEPS: [&str; 8] = ["details", "phone", "document", "selfie", "address", "address-proof", "funds", "check"];

fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() - seconds)
}

fn rung(level: u8, held: bool) -> Rung {
    Rung {
        level,
        held,
        proofs: PROOFS[..usize::from(level) * 2].to_vec(),
        elsewhere: false,
        unlocks: vec!["trade:spot".into(), "wallet:<deposit>".into()],
        review: i64::from(level - 1) * 24 * 60,
    }
}

fn progress(current: &str) -> Progress {
    let at = STEPS.iter().position(|step| *step == current).expect("a step");
    let mark = |(index, name)| StepMark { name, done: index < at, current: index == at };
    Progress { level: 3, steps: STEPS.into_iter().enumerate().map(mark).collect() }
}

fn details() -> DetailsForm {
    DetailsForm {
        given_name: "Ada".into(),
        middle_name: "<Augusta>".into(),
        family_name: "Lovelace".into(),
        birthdate: "1985-12-10".into(),
        nationality: "GB".into(),
        second_nationality: "ES".into(),
        residence: "ES".into(),
    }
}

fn wrong(fields: &[(&'static str, &'static str)]) -> FieldErrors {
    let mut errors = FieldErrors::none();
    for (field, key) in fields {
        errors.push(field, Message::new(key).with("megabytes", 10_i64).with("days", 90_i64));
    }
    errors
}

pub fn pages(put: &mut Collector<'_>) {
    overview(put);
    beginnings(put);
    steps(put);
    papers(put);
    let locale = put.locale;
    let check = CheckPage {
        progress: progress("check"),
        form: details(),
        number: Some("+34 ••• 67".into()),
        address: Some(address()),
        document: Some(CheckedDocument {
            kind: "idcard",
            issued_by: "ES".into(),
            number: "X1234567".into(),
            expires_on: Some("2030-02-28".into()),
            front: Shown::Picture,
            back: Shown::Picture,
        }),
        selfie: Shown::Picture,
        address_proof: Some(CheckedProof { kind: "bank_statement", issued_on: "2026-11-01".into(), shown: Shown::Pdf }),
        funds: Some(CheckedFunds { source: "salary", note: "I teach <mathematics>.".into(), shown: Shown::Nothing }),
        review: 4_320,
    };
    put.page("verify-check", &check, in_account(locale, "/verify/check"));
    let bare = CheckPage {
        number: None,
        address: None,
        document: None,
        selfie: Shown::Nothing,
        address_proof: None,
        funds: None,
        review: 0,
        ..check
    };
    put.page("verify-check-bare", &bare, in_account(locale, "/verify/check").with_interaction("inter-action-1"));
}

fn overview(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = || in_account(locale, "/account/verification");
    let entry = |what: &str, level, reason| HistoryRow { at: ago(86_400 * 3), what: what.into(), level, reason };
    let home = VerificationPage {
        now: NOW,
        level: 2,
        state: State::Verified,
        until: Some(ago(-86_400 * 400)),
        pending: None,
        rejected: None,
        ladder: vec![rung(1, true), rung(2, true), rung(3, false)],
        next: Some(3),
        history: [
            "begun",
            "submitted",
            "approved",
            "rejected",
            "abandoned",
            "expiring",
            "expired",
            "suspended",
            "reinstated",
            "revoked",
        ]
        .map(|what| entry(what, 2, None))
        .into(),
    };
    put.page("verification", &home, at());
    for state in State::ALL {
        let page = VerificationPage { state, level: 0, until: None, next: None, history: vec![], ..home.clone() };
        put.page(&format!("verification-{}", state.as_str()), &page, at());
    }
    let elsewhere = Rung { elsewhere: true, ..rung(2, false) };
    let none = VerificationPage {
        level: 0,
        state: State::None,
        until: None,
        ladder: vec![rung(1, false), elsewhere, rung(3, false)],
        next: Some(1),
        history: vec![],
        ..home.clone()
    };
    put.page("verification-none-yet", &none, at());
    let renew = VerificationPage { state: State::Expiring, next: Some(2), ..home.clone() };
    put.page("verification-renew", &renew, at().with_notice(Message::new(keys::NOTICE_APPLICATION_GIVEN_UP)));
    for submitted in [true, false] {
        let pending = PendingLevel { level: 2, submitted, since: ago(7_200), review: 1_440 };
        let page = VerificationPage {
            level: 1,
            state: State::Pending,
            until: None,
            pending: Some(pending),
            next: None,
            ..home.clone()
        };
        put.page(&format!("verification-pending-{submitted}"), &page, at());
    }
    for reason in Reason::ALL.iter().copied() {
        let finally = reason == Reason::Other;
        let rejected = RejectedLevel { level: 2, reason, finally };
        let page = VerificationPage {
            level: 1,
            state: if finally { State::RejectedFinal } else { State::RejectedRetry },
            until: None,
            rejected: Some(rejected),
            next: (!finally).then_some(2),
            history: vec![entry("rejected", 1, Some(reason))],
            ..home.clone()
        };
        put.page(&format!("verification-rejected-{}", reason.as_str()), &page, at());
    }
}

fn beginnings(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let asked = || at("/verify").with_interaction("inter-action-1").with_app(app());
    for level in [1, 2, 3] {
        let page = BeginPage { rung: rung(level, false), replaces: None, minimum_age: 18, may_go_without: false };
        put.page(&format!("verify-begin-{level}"), &page, at("/verify"));
    }
    let app_asks = BeginPage { rung: rung(2, false), replaces: Some(1), minimum_age: 18, may_go_without: true };
    put.page("verify-begin-app", &app_asks, asked());
    let elsewhere = BeginPage {
        rung: Rung { elsewhere: true, ..rung(2, false) },
        replaces: None,
        minimum_age: 18,
        may_go_without: false,
    };
    put.page("verify-begin-elsewhere", &elsewhere, at("/verify"));
    for why in [Closed::Reached, Closed::Suspended, Closed::Final, Closed::TooMany] {
        let page = ClosedPage { why, minutes: 90 };
        put.page(&format!("verify-closed-{why:?}").to_lowercase(), &page, at("/verify"));
    }
    put.page("verify-closed-app", &ClosedPage { why: Closed::Suspended, minutes: 0 }, asked());
    let status = |outcome, reason, back: Option<&str>| StatusPage {
        now: NOW,
        level: 2,
        outcome,
        submitted_at: Some(ago(600)),
        review: 1_440,
        reason,
        may_go_without: back.is_some() && outcome == Outcome::UnderReview,
        back: back.map(str::to_owned),
    };
    let status_at = || at("/verify/status");
    put.page("verify-status-review", &status(Outcome::UnderReview, None, None), status_at());
    let app_waits = status(Outcome::UnderReview, None, Some("/authorize/inter-action-1"));
    put.page("verify-status-review-app", &app_waits, asked());
    put.page("verify-status-approved", &status(Outcome::Approved, None, None), status_at());
    let app_goes_on = status(Outcome::Approved, None, Some("/authorize/inter-action-1"));
    put.page("verify-status-approved-app", &app_goes_on, asked());
    let unreadable = Some(Reason::DocUnreadable);
    put.page("verify-status-rejected", &status(Outcome::Rejected, unreadable, None), status_at());
    let finally = status(Outcome::RejectedFinally, Some(Reason::Other), None);
    put.page("verify-status-final", &finally, status_at());
    let provider = HandOverPage { level: 2, url: "https://kyc.example/s/1".into(), provider: "Sumsub" };
    put.page("verify-elsewhere", &provider, frame(locale, "/verify"));
}

fn address() -> AddressForm {
    AddressForm {
        street_address: "Calle de Alcalá 1".into(),
        postal_code: "28014".into(),
        locality: "Madrid".into(),
        region: "Madrid".into(),
    }
}

fn steps(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let page = |form, errors| DetailsPage { progress: progress("details"), form, minimum_age: 18, errors };
    put.page("verify-details", &page(details(), FieldErrors::none()), at("/verify/details"));
    let errors = wrong(&[
        ("family_name", keys::NAME_REQUIRED),
        ("birthdate", keys::BIRTHDATE_INVALID),
        ("nationality", keys::COUNTRY_REQUIRED),
        ("second_nationality", keys::COUNTRY_REQUIRED),
        ("residence", keys::COUNTRY_REQUIRED),
    ]);
    let within = at("/verify/details").with_interaction("inter-action-1");
    put.page("verify-details-wrong", &page(DetailsForm::default(), errors), within);
    for number in [None, Some("+34 ••• 67".to_owned())] {
        let name = if number.is_some() { "verify-phone-known" } else { "verify-phone" };
        put.page(name, &PhoneStepPage { progress: progress("phone"), number }, at("/verify/phone"));
    }
    let page = |form, errors| AddressPage { progress: progress("address"), form, country: Some("ES".into()), errors };
    put.page("verify-address", &page(address(), FieldErrors::none()), at("/verify/address"));
    let errors = wrong(&[("street_address", keys::STREET_REQUIRED), ("locality", keys::LOCALITY_REQUIRED)]);
    put.page("verify-address-wrong", &page(AddressForm::default(), errors), at("/verify/address"));
}

fn papers(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let document = DocumentPage {
        progress: progress("document"),
        kind: "passport".into(),
        issued_by: "ES".into(),
        number: "X1234567".into(),
        expires_on: "2030-02-28".into(),
        front: Shown::Picture,
        back: Shown::Nothing,
        megabytes: 10,
        errors: FieldErrors::none(),
    };
    put.page("verify-document", &document, at("/verify/document"));
    let errors = wrong(&[
        ("kind", keys::DOCUMENT_KIND_REQUIRED),
        ("issued_by", keys::COUNTRY_REQUIRED),
        ("number", keys::DOCUMENT_NUMBER_INVALID),
        ("expires_on", keys::DOCUMENT_EXPIRED),
        ("front", keys::FILE_REQUIRED),
        ("back", keys::FILE_NO_PICTURE),
    ]);
    let refused = DocumentPage { kind: String::new(), front: Shown::Nothing, errors, ..document };
    put.page("verify-document-wrong", &refused, at("/verify/document").with_interaction("inter-action-1"));
    let selfie = |selfie, errors| SelfiePage { progress: progress("selfie"), selfie, megabytes: 10, errors };
    put.page("verify-selfie", &selfie(Shown::Nothing, FieldErrors::none()), at("/verify/selfie"));
    let errors = wrong(&[("selfie", keys::FILE_TOO_SMALL)]);
    put.page("verify-selfie-wrong", &selfie(Shown::Picture, errors), at("/verify/selfie"));
    let proof = |address_proof, errors| AddressProofPage {
        progress: progress("address-proof"),
        kind: "bank_statement".into(),
        issued_on: "2026-11-01".into(),
        address_proof,
        oldest: 90,
        megabytes: 10,
        errors,
    };
    put.page("verify-proof", &proof(Shown::Pdf, FieldErrors::none()), at("/verify/address-proof"));
    let errors = wrong(&[
        ("kind", keys::DOCUMENT_KIND_REQUIRED),
        ("issued_on", keys::PROOF_TOO_OLD),
        ("address_proof", keys::FILE_TOO_LARGE),
    ]);
    put.page("verify-proof-wrong", &proof(Shown::Nothing, errors), at("/verify/address-proof"));
    let funds = |source: &str, errors| FundsPage {
        progress: progress("funds"),
        source: source.into(),
        sources: SOURCES.to_vec(),
        note: "I teach <mathematics>.".into(),
        funds_proof: Shown::Nothing,
        megabytes: 10,
        errors,
    };
    put.page("verify-funds", &funds("salary", FieldErrors::none()), at("/verify/funds"));
    let errors = wrong(&[
        ("source", keys::FUNDS_SOURCE_REQUIRED),
        ("note", keys::FUNDS_NOTE_REQUIRED),
        ("funds_proof", keys::FILE_NO_PAPER),
    ]);
    put.page("verify-funds-wrong", &funds("", errors), at("/verify/funds"));
}
