//! Lines of a file become accounts, a batch at a time. Who has an account already is left alone.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use super::lines::Line;
use super::person::Person;
use crate::crypto::password::{NO_PASSWORD, decoy_of};
use crate::crypto::token::TokenHash;
use crate::domain::admin::Act;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::user::{Condition, User};
use crate::flow::Failure;
use crate::flow::admin::audit::Target;
use crate::flow::admin::{Authority, Refusal};
use crate::flow::authenticators::totp;
use crate::flow::karat::Karat;
use crate::pages::Locale;
use crate::storage::Change;
use crate::storage::events::EventKind;

const LOCKED_BEFORE: &str = "was locked before the import";

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    pub line: u64,
    pub imported: Imported,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The id is new, and of nobody in a trial.
    Made {
        id: UserId,
        external_id: Option<String>,
        /// Nobody logs in until the owner of the mailbox has set a password.
        without_password: bool,
    },
    /// The address has an account, which stays as it is.
    Taken,
    Refused(String),
}

/// An import that changes nothing. Holds a few bytes for each address of the file, so that it finds those that come twice.
#[derive(Default)]
pub struct Trial {
    seen: HashSet<[u8; 8]>,
}

impl Karat {
    /// Imports a batch in one transaction. Whose mailbox the other product had not proved comes without the password:
    /// whoever set it may not be the one who reads the mail (docs/decisions/0062).
    pub async fn import_people(
        &self,
        by: &Authority,
        lines: &[Line],
        trial: Option<&mut Trial>,
    ) -> Result<Vec<Fate>, Refusal> {
        by.permit(Act::ImportPeople)?;
        let now = self.now();
        let read: Vec<(u64, Result<Person, String>)> = lines
            .iter()
            .map(|line| {
                let text = line.text.as_deref().map_err(ToString::to_string);
                let person = text.and_then(|text| Person::read(text, now).map_err(|why| why.to_string()));
                (line.number, person)
            })
            .collect();
        match trial {
            Some(trial) => self.try_people(read, trial).await,
            None => self.add_people(by, read).await,
        }
    }

    async fn try_people(
        &self,
        read: Vec<(u64, Result<Person, String>)>,
        trial: &mut Trial,
    ) -> Result<Vec<Fate>, Refusal> {
        let mut fates = Vec::with_capacity(read.len());
        for (line, person) in read {
            let imported = match person {
                Err(why) => Imported::Refused(why),
                Ok(person) if !trial.is_new(&person.email) || self.store.is_taken(person.email.as_str()).await? => {
                    Imported::Taken
                }
                Ok(person) => made(UserId::new(self.new_id()), &person),
            };
            fates.push(Fate { line, imported });
        }
        Ok(fates)
    }

    async fn add_people(&self, by: &Authority, read: Vec<(u64, Result<Person, String>)>) -> Result<Vec<Fate>, Refusal> {
        let mut fates = Vec::with_capacity(read.len());
        let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
        let mut change = self.store.begin().await?;
        for (line, person) in read {
            let imported = match person {
                Err(why) => Imported::Refused(why),
                Ok(person) => {
                    let id = UserId::new(self.new_id());
                    match self.add_person(&mut change, id, &person).await? {
                        false => Imported::Taken,
                        true => {
                            let kind = decoy_of(hash_of(&person));
                            kind.into_iter().for_each(|kind| *kinds.entry(kind).or_default() += 1);
                            made(id, &person)
                        }
                    }
                }
            };
            fates.push(Fate { line, imported });
        }
        for (decoy, people) in kinds {
            change.count_imported(&decoy, people).await?;
        }
        let imported = fates.iter().filter(|fate| matches!(fate.imported, Imported::Made { .. })).count();
        if imported > 0 {
            let ends = (fates.first().map(|fate| fate.line), fates.last().map(|fate| fate.line));
            let told = json!({ "imported": imported, "first_line": ends.0, "last_line": ends.1 });
            change.audit(by.entry(self, Act::ImportPeople, Target("people", String::new()), told));
        }
        change.commit().await?;
        self.stand_ins.forget();
        Ok(fates)
    }

    async fn add_person(&self, change: &mut Change, id: UserId, person: &Person) -> Result<bool, Failure> {
        let now = self.now();
        let spoken = person.profile.locale.as_deref().and_then(Locale::for_tag);
        let created_at = person.created_at.unwrap_or(now);
        let user = User {
            id,
            email: person.email.clone(),
            email_verified_at: person.email_verified.then_some(now),
            profile: person.profile.clone(),
            locale: spoken.map_or_else(|| self.settings.brand.default_locale.clone(), |spoken| spoken.tag().to_owned()),
            condition: Condition::Active,
            created_at,
            updated_at: now,
            password_changed_at: created_at,
            hold_until: None,
            protection: Default::default(),
            kyc: Default::default(),
        };
        if !change.add_user_unless_taken(&user, hash_of(person)).await? {
            return Ok(false);
        }
        if person.locked {
            let locked = Condition::Locked { since: now, because: LOCKED_BEFORE.to_owned() };
            change.set_condition(id, &locked).await?;
        }
        // Whoever prepared an account at an address that is not theirs must not keep a factor in it.
        if let Some(seed) = person.totp.as_ref().filter(|_| person.email_verified) {
            totp::bring(self, change, id, seed).await?;
        }
        let mut detail = json!({ "by": "import" });
        if let Some(external_id) = &person.external_id {
            detail["external_id"] = json!(external_id);
        }
        change.record(&self.event(EventKind::Registered, id).with(detail)).await?;
        Ok(true)
    }
}

impl Trial {
    fn is_new(&mut self, email: &EmailAddress) -> bool {
        let hash = TokenHash::of_text("import", email.as_str());
        let mut short = [0; 8];
        short.iter_mut().zip(hash.as_str().bytes()).for_each(|(place, byte)| *place = byte);
        self.seen.insert(short)
    }
}

fn hash_of(person: &Person) -> &str {
    let hash = person.password.as_ref().filter(|_| person.email_verified);
    hash.map_or(NO_PASSWORD, |hash| hash.as_str())
}

fn made(id: UserId, person: &Person) -> Imported {
    let without_password = hash_of(person) == NO_PASSWORD;
    Imported::Made { id, external_id: person.external_id.clone(), without_password }
}
