//! Samples of the console's pages about people.

use karat::domain::time::Timestamp;
use karat::pages::admin::people::*;
use karat::pages::admin::{Crumb, Shell};
use karat::pages::{FieldErrors, Message, keys};

use super::{ID, ago, shell};
use crate::samples::{Collector, NOW, in_account};

pub fn pages(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/people");
    let row = |email: &str, condition, level, is_suspended| PersonRow {
        id: ID.into(),
        email: email.into(),
        condition,
        level,
        is_suspended,
        hold_until: (level == 2).then(|| Timestamp::from_unix(NOW.unix() + 70_000)),
        since: ago(9_000_000),
    };
    let filters = vec!["all", "locked", "frozen", "held", "suspended", "level-1", "level-2", "level-3"];
    let page = |find: &str, people: Vec<PersonRow>, after: bool| PeoplePage {
        shell: shell("people", true),
        now: NOW,
        find: find.into(),
        filter: "all",
        filters: filters.clone(),
        people,
        after: after.then(|| ID.into()),
        is_later: after,
        errors: FieldErrors::none(),
    };
    let rows = vec![
        row("erika@example.com", "active", 2, false),
        row("<b>max</b>@example.com", "locked", 0, false),
        row("a-very-long-address-of-somebody-who-has-one@mail.exchange.example", "frozen", 3, true),
    ];
    put.page("admin-people", &page("", rows.clone(), true), at.clone());
    put.page("admin-people-found", &page("erika", rows, true), at.clone());
    put.page("admin-people-none", &page("nobody", Vec::new(), false), at.clone());
    let mut wrong = page("", Vec::new(), false);
    wrong.errors.push("filter", Message::new(keys::ADMIN_NO_FILTER).with("given", "<b>tall</b>"));
    wrong.errors.push("form", Message::new(keys::ADMIN_NO_PLACE));
    put.page("admin-people-wrong", &wrong, at.clone());
    let all = MayDo {
        freeze: true,
        unfreeze: true,
        end_sessions: true,
        remove_authenticator: true,
        start_hold: true,
        lift_hold: true,
        withdraw_consent: true,
        export: true,
        read_cases: true,
        read_audit: true,
    };
    let mut full = bare(row("erika@example.com", "active", 2, false), all, true);
    fill(&mut full);
    put.page("admin-person", &full, at.clone());
    full.errors.push("hold_hours", Message::new(keys::ADMIN_NO_HOURS));
    put.page("admin-person-wrong", &full, at.clone());
    let support = MayDo { freeze: true, end_sessions: true, ..MayDo::default() };
    put.page("admin-person-support", &bare(row("erika@example.com", "locked", 0, false), support, false), at.clone());
    put.page("admin-person-locked", &bare(row("erika@example.com", "locked", 0, true), all, true), at.clone());
    let own = PersonPage { is_own: true, ..bare(row("erika@example.com", "frozen", 0, false), all, false) };
    put.page("admin-person-own", &own, at);
}

fn bare(person: PersonRow, may: MayDo, is_fresh: bool) -> PersonPage {
    PersonPage {
        shell: Shell { crumbs: vec![Crumb { path: None, text: person.email.clone() }], ..shell("people", is_fresh) },
        now: NOW,
        name: None,
        is_email_verified: false,
        password_changed_at: ago(400_000),
        locale: "en".into(),
        because: (person.condition == "locked").then(|| "Called in: the phone was stolen. <script>".to_owned()),
        condition_since: (person.condition != "active").then(|| ago(90_000)),
        state: "none",
        roles: Vec::new(),
        sessions: Vec::new(),
        authenticators: Vec::new(),
        consents: Vec::new(),
        holds: Vec::new(),
        events: Vec::new(),
        may,
        is_own: false,
        removing_takes_two: true,
        export_takes_two: false,
        errors: FieldErrors::none(),
        person,
    }
}

fn fill(page: &mut PersonPage) {
    page.name = Some("Erika Mustermann".into());
    page.is_email_verified = true;
    page.state = "verified";
    page.roles = vec!["support"];
    let session = |device: &str, place: &str, acr, began, seen| SessionRow {
        id: ID.into(),
        device: device.into(),
        place: place.into(),
        acr,
        started_at: ago(began),
        last_seen_at: ago(seen),
    };
    page.sessions = vec![
        session("Firefox on Linux", "203.0.113.7", "phr", 80_000, 30),
        session("", "2001:db8::17", "urn:karat:acr:mfa", 800_000, 90_000),
    ];
    let authenticator = |id: &str, kind, name: &str, used: Option<i64>| AuthenticatorRow {
        id: id.into(),
        kind,
        name: name.into(),
        added_at: ago(9_000_000),
        used_at: used.map(ago),
    };
    page.authenticators = vec![
        authenticator("a1", "passkey", "Erika's phone", Some(30)),
        authenticator("a2", "totp", "<i>App</i>", None),
    ];
    let scope = ["openid", "email", "trade:spot"].map(str::to_owned).to_vec();
    page.consents = vec![ConsentRow { client: "exchange".into(), scope, since: ago(8_000_000) }];
    let runs_until = Timestamp::from_unix(NOW.unix() + 70_000);
    page.holds = vec![
        HoldRow { cause: "by_operator", began_at: ago(3_000), ends_at: runs_until },
        HoldRow { cause: "password_changed", began_at: ago(900_000), ends_at: ago(800_000) },
    ];
    let event = |kind: &str, words, client: Option<&str>, place: Option<&str>| EventRow {
        at: ago(30),
        kind: kind.into(),
        words,
        client: client.map(str::to_owned),
        place: place.map(str::to_owned),
    };
    page.events = vec![
        event("user.logged_in", Some("logged-in"), None, Some("203.0.113.7")),
        event("token.refreshed", None, Some("exchange"), None),
    ];
}
