//! Samples of the reviewers' pages.

use karat::domain::time::Timestamp;
use karat::pages::review::*;
use karat::pages::{FieldErrors, Message, keys};

use crate::samples::{Collector, NOW, in_account};

const CASE: &str = "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f";
const REASONS: [&str; 13] = [
    "doc_expired",
    "doc_unreadable",
    "doc_type_unsupported",
    "doc_tampered",
    "face_mismatch",
    "liveness_failed",
    "name_mismatch",
    "underage",
    "country_restricted",
    "duplicate_identity",
    "sanctions_review",
    "poa_too_old",
    "other",
];

fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() - seconds)
}

fn row(email: &str, level: u8, state: &'static str, seconds: i64) -> CaseRow {
    CaseRow {
        id: CASE.into(),
        email: (!email.is_empty()).then(|| email.to_owned()),
        level,
        state,
        provider: (state == "approved").then_some("sumsub"),
        since: ago(seconds),
        is_doubtful: email.starts_with("max"),
    }
}

fn person(standing: &'static str, level: u8) -> PersonBadge {
    PersonBadge { id: CASE.into(), email: Some("erika@example.com".into()), level, standing }
}

fn duplicates() -> Vec<DuplicateRow> {
    let row = |what, email: Option<&str>| DuplicateRow {
        what,
        person: CASE.into(),
        email: email.map(str::to_owned),
        case: CASE.into(),
    };
    vec![row("document", Some("<b>max</b>@example.com")), row("person", None)]
}

fn notes() -> Vec<NoteRow> {
    let text = "Asked for a better picture of the back.\nIt came the same day. <script>alert(1)</script>";
    vec![NoteRow { by: "rita@karat.example".into(), at: ago(4_000), text: text.into() }]
}

fn history() -> Vec<HistoryRow> {
    let row = |finding, seconds, from_level, to_level, reason, by: &str| HistoryRow {
        at: ago(seconds),
        finding,
        from_level,
        to_level,
        reason,
        by: by.to_owned(),
    };
    let known = ["begun", "submitted", "approved", "abandoned", "expiring", "expired", "reinstated", "revoked"];
    let mut rows: Vec<_> = known.into_iter().map(|known| row(Some(known), 9_000, 0, 0, None, "person")).collect();
    rows.push(row(Some("rejected"), 90_000, 2, 1, Some("doc_unreadable"), "rita@karat.example"));
    rows.push(row(Some("suspended"), 90_000, 2, 0, Some("sanctions_review"), "sumsub"));
    rows.push(row(None, 90_000, 0, 0, None, "clock"));
    rows.push(row(Some("approved"), 90_000, 0, 1, None, "rules"));
    rows.push(row(Some("suspended"), 90_000, 1, 0, Some("other"), "operator"));
    rows
}

fn told() -> Told {
    let some = |text: &str| Some(text.to_owned());
    Told {
        name: "Erika Anna Mustermann".into(),
        birthdate: some("1984-01-26"),
        age: Some(42),
        underage: false,
        nationalities: vec!["DE".into(), "ES".into()],
        residence: some("DE"),
        restricted: false,
        address: vec!["Heidestraße 17".into(), "51147 Köln".into(), "DE".into()],
        document: Some(ToldDocument {
            kind: "passport",
            number: "C01X0006H".into(),
            issued_by: "DE".into(),
            expires_on: some("2031-03-12"),
            expired: false,
        }),
        address_proof: Some(ToldPaper { kind: "utility_statement", issued_on: "2026-10-30".into(), old: false }),
        funds: Some(ToldFunds { source: "salary", note: "I work as a surveyor.".into() }),
    }
}

fn doubtful() -> Told {
    Told {
        age: Some(17),
        underage: true,
        restricted: true,
        document: told().document.map(|document| ToldDocument { expires_on: None, expired: true, ..document }),
        address_proof: told().address_proof.map(|paper| ToldPaper { old: true, ..paper }),
        ..told()
    }
}

fn case() -> CasePage {
    let document = |kind, picture| DocumentRow { kind, picture, kilobytes: 812 };
    CasePage {
        now: NOW,
        id: CASE.into(),
        person: person("pending", 1),
        level: 3,
        state: "submitted",
        provider: None,
        reason: None,
        created_at: ago(90_000),
        submitted_at: Some(ago(50_000)),
        decided_at: None,
        told: Some(told()),
        documents: vec![
            document("front", true),
            document("back", true),
            document("selfie", true),
            document("address_proof", false),
            document("funds_proof", false),
        ],
        duplicates: Vec::new(),
        proposal: None,
        decide: Decide::Judge,
        may_note: true,
        four_eyes: false,
        reasons: REASONS.to_vec(),
        notes: Vec::new(),
        history: history(),
    }
}

pub fn pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let states = vec!["waiting", "collecting", "approved", "rejected_retry", "rejected_final", "abandoned"];
    let queue = QueuePage {
        now: NOW,
        state: "waiting",
        level: 0,
        states,
        cases: vec![
            row("erika@example.com", 2, "submitted", 80_000),
            row("max@example.com", 3, "proposed", 40_000),
            row("", 2, "submitted", 300),
        ],
        beginning: None,
        further: Some(format!("/review?after={}.{CASE}", NOW.unix())),
        errors: FieldErrors::none(),
    };
    put.page("review", &queue, at("/review").with_notice(Message::new(keys::NOTICE_REVIEW_APPROVED)));
    for state in ["collecting", "approved", "rejected_retry", "rejected_final", "abandoned"] {
        let cases = vec![row("erika@example.com", 1, state, 900_000)];
        let decided = QueuePage { state, level: 2, cases, beginning: Some("/review".into()), ..queue.clone() };
        put.page(&format!("review-{state}"), &decided, at("/review"));
    }
    put.page("review-empty", &QueuePage { cases: Vec::new(), further: None, ..queue.clone() }, at("/review"));
    let mut errors = FieldErrors::none();
    errors.push("state", Message::new(keys::ADMIN_NO_FILTER).with("given", "lost"));
    errors.push("level", Message::new(keys::ADMIN_NO_LEVEL));
    let wrong = QueuePage { cases: Vec::new(), further: None, errors, ..queue.clone() };
    put.page("review-wrong", &wrong, at("/review"));
    let none = QueuePage { state: "approved", cases: Vec::new(), further: None, ..queue };
    put.page("review-none", &none, at("/review"));

    put.page("review-case", &case(), at("/review/x"));
    let doubted =
        CasePage { told: Some(doubtful()), duplicates: duplicates(), notes: notes(), four_eyes: true, ..case() };
    put.page("review-case-doubts", &doubted, at("/review/x"));
    let proposal = |reason| ProposalRow { by: "rita@karat.example".into(), at: ago(900), reason, finally: true };
    let second = CasePage {
        state: "proposed",
        decide: Decide::Second,
        four_eyes: true,
        proposal: Some(proposal(Some("doc_tampered"))),
        ..case()
    };
    put.page("review-case-second", &second, at("/review/x"));
    let own = CasePage { decide: Decide::TakeBack, proposal: Some(proposal(None)), ..second };
    put.page("review-case-own-proposal", &own, at("/review/x"));
    put.page("review-case-prove", &CasePage { decide: Decide::Prove, ..case() }, at("/review/x"));
    let decided = CasePage {
        state: "rejected_final",
        provider: Some("sumsub"),
        reason: Some("sanctions_review"),
        decided_at: Some(ago(60)),
        decide: Decide::Nothing,
        told: None,
        documents: Vec::new(),
        history: Vec::new(),
        ..case()
    };
    put.page("review-case-decided", &decided, at("/review/x"));
    put.page("review-case-provider", &CasePage { decide: Decide::Provider, ..decided }, at("/review/x"));

    let attained = |level, until| AttainedRow { level, at: ago(9_000_000), until };
    let standing = PersonPage {
        now: NOW,
        person: person("verified", 2),
        attained: vec![attained(1, None), attained(2, Some(ago(-9_000_000)))],
        suspended: None,
        suspended_since: None,
        is_rejected_finally: false,
        cases: vec![row("", 2, "approved", 9_000_000), row("", 1, "approved", 9_900_000)],
        duplicates: duplicates(),
        notes: notes(),
        history: history(),
        decide: Decide::Judge,
        reasons: REASONS.to_vec(),
    };
    put.page("review-person", &standing, at("/review/people/x"));
    let suspended = PersonPage {
        person: person("suspended", 0),
        suspended: Some("sanctions_review"),
        suspended_since: Some(ago(900_000)),
        is_rejected_finally: false,
        ..standing.clone()
    };
    put.page("review-person-suspended", &suspended, at("/review/people/x"));
    put.page("review-person-prove", &PersonPage { decide: Decide::Prove, ..standing.clone() }, at("/review/people/x"));
    for word in ["none", "pending", "expiring", "expired", "rejected_retry", "rejected_final", "restricted_region"] {
        let bare = PersonPage {
            person: person(word, 0),
            attained: Vec::new(),
            cases: Vec::new(),
            duplicates: Vec::new(),
            notes: Vec::new(),
            history: Vec::new(),
            ..standing.clone()
        };
        put.page(&format!("review-person-{word}"), &bare, at("/review/people/x"));
    }
    let gone =
        PersonPage { person: PersonBadge { email: None, ..person("gone", 0) }, decide: Decide::Nothing, ..standing };
    put.page("review-person-gone", &gone, at("/review/people/x"));
}
