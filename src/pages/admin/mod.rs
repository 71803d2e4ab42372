//! The console of the operator's people.

pub mod audit;
pub mod clients;
pub mod house;
pub mod overview;
pub mod people;
pub mod proposals;
pub mod roles;
pub mod setup;
pub mod webhooks;

use serde::Serialize;

use super::Page;

/// What surrounds every page of the console.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Shell {
    /// What stands after `admin-room-`; empty outside of them.
    pub room: &'static str,
    /// Those that the roles may see.
    pub rooms: Vec<Room>,
    /// From the room to this page.
    pub crumbs: Vec<Crumb>,
    /// What stands after `admin-role-`.
    pub roles: Vec<&'static str>,
    /// A passkey was shown just now: else dangerous forms give way to a link (`prove-link`).
    pub is_fresh: bool,
    /// Of this page, for the way back.
    pub path: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Room {
    pub name: &'static str,
    pub path: &'static str,
    pub is_current: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    /// `None`: this page.
    pub path: Option<String>,
    pub text: String,
}

/// Somebody else has changed what a form is about since it was read: both sides, field by field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Meanwhile {
    pub rows: Vec<MeanwhileRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct MeanwhileRow {
    /// Key of the field's label.
    pub label: &'static str,
    pub theirs: String,
    pub yours: String,
}

impl Meanwhile {
    /// Of what stands now and what was typed: (label, theirs, yours). What is equal is left out.
    pub fn of<const N: usize>(fields: [(&'static str, &str, &str); N]) -> Self {
        let differs = fields.into_iter().filter(|(_, theirs, yours)| theirs != yours);
        let row = |(label, theirs, yours): (_, &str, &str)| MeanwhileRow {
            label,
            theirs: theirs.to_owned(),
            yours: yours.to_owned(),
        };
        Self { rows: differs.map(row).collect() }
    }
}

/// Why something was not done, in the words of the rule.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedPage {
    pub shell: Shell,
    pub why: Vec<String>,
    pub back: String,
}

impl Page for RefusedPage {
    const TEMPLATE: &'static str = "admin/refused.html";
}
