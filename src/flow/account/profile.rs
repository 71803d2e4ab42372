//! What people tell about themselves. Telephone number and postal address are not entered here: nothing typed into a form
//! may ever come to count as verified.

use chrono::{Datelike, NaiveDate};

use super::Owner;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::flow::Refused;
use crate::flow::karat::Karat;
use crate::pages::{FieldErrors, Locale, Message, keys};
use crate::storage::events::EventKind;

pub(in crate::flow) const LONGEST_NAME: usize = 100;
const LONGEST_ZONE: usize = 64;
const OLDEST_YEAR: i32 = 1900;

/// The form as typed; empty means "not told".
#[derive(Clone, Debug, Default)]
pub struct ProfileEntry {
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub nickname: String,
    pub birthdate: String,
    pub zoneinfo: String,
    pub locale: String,
}

impl From<&Profile> for ProfileEntry {
    fn from(profile: &Profile) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            name: text(&profile.name),
            given_name: text(&profile.given_name),
            family_name: text(&profile.family_name),
            nickname: text(&profile.nickname),
            birthdate: text(&profile.birthdate),
            zoneinfo: text(&profile.zoneinfo),
            locale: text(&profile.locale),
        }
    }
}

impl Karat {
    /// `asked` is the language the browser asks for: mails come in it until the person chooses one.
    pub async fn change_profile(&self, owner: Owner<'_>, entry: &ProfileEntry, asked: Locale) -> Result<(), Refused> {
        let (mut user, now) = (owner.signed_in.user.clone(), self.now());
        user.profile = entry.applied_to(user.profile, now).map_err(Refused::Form)?;
        let chosen = user.profile.locale.as_deref().and_then(Locale::for_tag);
        user.locale = chosen.unwrap_or(asked).tag().to_owned();
        let mut change = self.store.begin().await?;
        change.set_profile(&user, now).await?;
        change.record(&self.event(EventKind::ProfileChanged, user.id)).await?;
        Ok(change.commit().await?)
    }
}

impl ProfileEntry {
    fn applied_to(&self, profile: Profile, now: Timestamp) -> Result<Profile, FieldErrors> {
        let mut errors = FieldErrors::none();
        let mut name = |field, typed: &str| match tidied(typed) {
            long if long.chars().count() > LONGEST_NAME => {
                errors.push(field, Message::new(keys::TEXT_TOO_LONG).with("max", LONGEST_NAME as i64));
                None
            }
            tidy => told(tidy),
        };
        let mut changed = Profile {
            name: name("name", &self.name),
            given_name: name("given_name", &self.given_name),
            family_name: name("family_name", &self.family_name),
            nickname: name("nickname", &self.nickname),
            ..profile
        };
        let mut checked = |field, typed: &str, fits: &dyn Fn(&str) -> bool, reason| match told(typed.trim().to_owned())
        {
            Some(text) if !fits(&text) => {
                errors.push(field, Message::new(reason));
                None
            }
            fitting => fitting,
        };
        let is_birthdate = |text: &str| is_birthdate(text, now);
        changed.birthdate = checked("birthdate", &self.birthdate, &is_birthdate, keys::BIRTHDATE_INVALID);
        changed.zoneinfo = checked("zoneinfo", &self.zoneinfo, &is_zone_name, keys::ZONEINFO_INVALID);
        let is_spoken = |text: &str| Locale::ALL.into_iter().any(|locale| locale.tag() == text);
        changed.locale = checked("locale", &self.locale, &is_spoken, keys::LOCALE_INVALID);
        if errors.is_empty() { Ok(changed) } else { Err(errors) }
    }
}

fn told(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// One line, single spaces, nothing invisible that turns text around.
pub(in crate::flow) fn tidied(typed: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that is no name: too long, or with what turns text around or is none.
pub(in crate::flow) struct NoName;

/// As somebody else tells it: refused where the person's own form would be silently tidied. `None`: nothing is told.
pub(in crate::flow) fn name_as_told(text: &str) -> Result<Option<String>, NoName> {
    let tidy = tidied(text);
    // More than one space in a row is no offence; whatever else tidying takes out is.
    let is_plain = tidy == text.split_whitespace().collect::<Vec<_>>().join(" ") && !text.contains(char::is_control);
    match is_plain && tidy.chars().count() <= LONGEST_NAME {
        true => Ok(Some(tidy).filter(|tidy| !tidy.is_empty())),
        false => Err(NoName),
    }
}

/// `YYYY-MM-DD`, a day that was, of somebody alive.
pub(in crate::flow) fn is_birthdate(text: &str, now: Timestamp) -> bool {
    let today = chrono::DateTime::from_timestamp(now.unix(), 0).map(|moment| moment.date_naive());
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == "YYYY-MM-DD".len());
    date.is_some_and(|date| date.year() >= OLDEST_YEAR && today.is_some_and(|today| date <= today))
}

/// The shape of names in the time zone database: `Europe/Madrid`, `America/Argentina/Salta`, `UTC`.
pub(in crate::flow) fn is_zone_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    text.len() <= LONGEST_ZONE && (1..=3).contains(&text.split('/').count()) && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22.
    const NOW: Timestamp = Timestamp::from_unix(1_795_305_600);

    #[test]
    fn a_birthdate_is_a_day_of_the_calendar_that_has_been() {
        for good in ["1990-04-23", "2000-02-29", "1900-01-01"] {
            assert!(is_birthdate(good, NOW), "{good}");
        }
        for bad in ["1990-4-23", "23.04.1990", "1990-02-30", "2001-02-29", "1899-12-31", "2999-01-01", "1990-04-23 "] {
            assert!(!is_birthdate(bad, NOW), "{bad}");
        }
    }

    #[test]
    fn a_time_zone_has_the_shape_of_a_name_of_the_database() {
        for good in ["Europe/Madrid", "America/Argentina/Salta", "UTC", "Etc/GMT+5"] {
            assert!(is_zone_name(good), "{good}");
        }
        for bad in ["", "/", "Europe/", "../etc/passwd", "a/b/c/d", "Europe/Madrid\n", "+02:00", "<b>"] {
            assert!(!is_zone_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_that_somebody_else_tells_is_taken_as_it_is_or_not_at_all() {
        for (told, kept) in [(" Ada  Lovelace", Some("Ada Lovelace")), ("  ", None), ("Óscar", Some("Óscar"))] {
            assert_eq!(name_as_told(told).ok().flatten().as_deref(), kept, "{told:?}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for refused in ["Ada\nLovelace", "Ada\u{7}", "Ada\u{202e}", long.as_str()] {
            assert!(name_as_told(refused).is_err(), "{refused:?}");
        }
        assert!(name_as_told(&long[1..]).is_ok());
    }

    #[test]
    fn names_lose_line_breaks_and_marks_that_turn_text_around() {
        assert_eq!(tidied("  Ada \n\t Lovelace\u{202e} "), "Ada Lovelace");
    }

    #[test]
    fn every_wrong_field_is_told_at_once_and_nothing_changes() {
        let entry = ProfileEntry {
            name: "x".repeat(101),
            birthdate: "yesterday".into(),
            zoneinfo: "?".into(),
            locale: "tlh".into(),
            ..ProfileEntry::default()
        };
        let errors = entry.applied_to(Profile::default(), NOW).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "birthdate", "zoneinfo", "locale"]);
    }

    #[test]
    fn what_the_form_does_not_show_stays_as_it_is() {
        let verified = Profile {
            phone_number: Some("+34600000000".into()),
            phone_number_verified: true,
            nickname: Some("ada".into()),
            ..Profile::default()
        };
        let entry = ProfileEntry { name: "Ada".into(), ..ProfileEntry::default() };
        let changed = entry.applied_to(verified.clone(), NOW).unwrap();
        assert_eq!(changed, Profile { name: Some("Ada".into()), nickname: None, ..verified });
    }
}
