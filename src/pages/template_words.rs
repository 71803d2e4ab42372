//! The functions, filters and tests that templates may use.
//!
//! ```text
//! t("key", name=value)       the text of a message
//! th("key", name=value)      the same as HTML: text values in <bdi>, safe values (a captured link) as they are
//! say(message)               the text of a Message that came with the context
//! asset_url("karat.css")     the hashed URL path of an asset
//! flow_path("/x", id)        "/x?interaction=id", or "/x" without an interaction
//! errors | errors_for("f")   the messages for one field
//! value | exact              printed unchanged but escaped: for form values that must survive
//! time | day / moment / iso  a Timestamp in words ("22 November 2026", "..., 13:47 UTC") and for <time datetime>
//! text | in_query            as it may stand in the query of an address
//! text | date                "22 November 2026" of "2026-11-22"
//! code | country             the name of a country; `countries` is the list of them, each with `code` and `name`
//! time | ago(now)            "5 minutes ago"
//! minutes | span             "24 hours", "90 minutes"
//! time | left(now)           "3 days", "24 hours", "12 minutes": what is left, rounded up
//! url is web_url             may stand in href or src
//! name | initial             first letter, for an app without a logo
//! ```

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, context};
use url::form_urlencoded;

use super::catalogue::Catalogue;
use super::locale::Locale;
use super::{assets, countries, untrusted};
use crate::domain::time::Timestamp;

/// Longest text argument of a message: an e-mail address fits.
const LONGEST_ARGUMENT: usize = 320;

pub fn teach(environment: &mut Environment<'static>, locale: Locale, catalogue: Catalogue) {
    let words = Arc::new(Words { catalogue });
    let languages: Vec<Value> = Locale::ALL
        .into_iter()
        .map(|known| context! { tag => known.tag(), name => known.endonym(), current => known == locale })
        .collect();
    environment.add_global("lang", locale.tag());
    environment.add_global("languages", languages);
    environment.add_global("countries", Value::from(Serde(&countries::all(locale))));
    environment.add_filter("country", move |code: String| countries::name_of(&code, locale).to_owned());

    let speak = Arc::clone(&words);
    environment.add_function("t", move |key: String, args: Kwargs| speak.plain(&key, &named(&args)?));
    let speak = Arc::clone(&words);
    environment.add_function("th", move |key: String, args: Kwargs| speak.html(&key, &named(&args)?));
    let speak = Arc::clone(&words);
    environment.add_function("say", move |message: Value| speak.message(&message));
    environment.add_function("asset_url", |name: String| {
        assets::url(&name).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no asset {name}")))
    });
    environment.add_function("flow_path", flow_path);

    environment.add_filter("errors_for", errors_for);
    environment.add_filter("exact", |value: String| Value::from_safe_string(untrusted::escaped(&value)));
    environment.add_filter("in_query", |value: String| -> String {
        form_urlencoded::byte_serialize(value.as_bytes()).collect()
    });
    environment.add_filter("initial", initial);
    let speak = Arc::clone(&words);
    environment.add_filter("day", move |time: i64| speak.day(instant(time)?));
    let speak = Arc::clone(&words);
    environment.add_filter("date", move |text: String| speak.date(&text));
    let speak = Arc::clone(&words);
    environment.add_filter("moment", move |time: i64| speak.moment(instant(time)?));
    environment.add_filter("iso", |time: i64| Ok::<_, Error>(instant(time)?.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
    let speak = Arc::clone(&words);
    environment.add_filter("span", move |minutes: i64| speak.span(minutes));
    let speak = Arc::clone(&words);
    environment.add_filter("left", move |time: i64, now: i64| speak.left(time, now));
    let speak = words;
    environment.add_filter("ago", move |time: i64, now: i64| speak.ago(time, now));
    environment.add_test("web_url", |url: Value| url.as_str().is_some_and(untrusted::is_web_url));
}

struct Words {
    catalogue: Catalogue,
}

type Named = Vec<(String, Value)>;

impl Words {
    fn plain(&self, key: &str, args: &[(String, Value)]) -> Result<String, Error> {
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            fluent.set(name.clone(), fluent_value(value));
        }
        self.text(key, &fluent)
    }

    /// The words are escaped first; the values take their places afterwards, so that no value can be read as markup.
    fn html(&self, key: &str, args: &[(String, Value)]) -> Result<Value, Error> {
        let mut fluent = FluentArgs::with_capacity(args.len());
        let mut places = Vec::new();
        for (name, value) in args {
            match value.as_str() {
                Some(text) => {
                    let place = format!("\u{E000}{}\u{E001}", places.len());
                    places.push(if value.is_safe() {
                        text.to_owned()
                    } else {
                        format!("<bdi>{}</bdi>", untrusted::escaped(&untrusted::bounded(text, LONGEST_ARGUMENT)))
                    });
                    fluent.set(name.clone(), FluentValue::from(place));
                }
                None => fluent.set(name.clone(), fluent_value(value)),
            }
        }
        let words = untrusted::escaped(&self.text(key, &fluent)?);
        let mut html = String::with_capacity(words.len());
        for piece in words.split('\u{E000}') {
            match piece.split_once('\u{E001}') {
                Some((place, rest)) => {
                    html.push_str(
                        place.parse::<usize>().ok().and_then(|place| places.get(place)).map_or("", String::as_str),
                    );
                    html.push_str(rest);
                }
                None => html.push_str(piece),
            }
        }
        Ok(Value::from_safe_string(html))
    }

    /// A span in hours where they come out even.
    fn span(&self, minutes: i64) -> Result<Value, Error> {
        let (key, count) =
            if minutes > 0 && minutes % 60 == 0 { ("span-hours", minutes / 60) } else { ("span-minutes", minutes) };
        let mut args = FluentArgs::with_capacity(1);
        args.set("count", count);
        Ok(Value::from_safe_string(self.text(key, &args)?))
    }

    /// What is left until `time`, in the largest unit of which there are two.
    fn left(&self, time: i64, now: i64) -> Result<String, Error> {
        let seconds = Timestamp::from_unix(time).since(Timestamp::from_unix(now)).0;
        let up = |unit: i64| (seconds + unit - 1) / unit;
        let (key, count) = match seconds {
            ..=7_200 => ("span-minutes", up(60).max(1)),
            7_201..=172_800 => ("span-hours", up(3_600)),
            _ => ("span-days", up(86_400)),
        };
        self.plain(key, &[("count".to_owned(), Value::from(count))])
    }

    fn message(&self, message: &Value) -> Result<String, Error> {
        let key = message.get_attr("key")?;
        let args = message.get_attr("args")?;
        let mut named = Vec::new();
        for name in args.try_iter()? {
            named.push((name.to_string(), args.get_item(&name)?));
        }
        self.plain(key.as_str().unwrap_or_default(), &named)
    }

    fn day(&self, time: DateTime<Utc>) -> Result<String, Error> {
        let month = self.plain(&format!("date-month-{}", time.month()), &[])?;
        let args = [
            ("day".to_owned(), Value::from(time.day().to_string())),
            ("month".to_owned(), Value::from(month)),
            ("year".to_owned(), Value::from(time.year().to_string())),
        ];
        self.plain("date-day", &args)
    }

    /// Of `YYYY-MM-DD`; anything else stays as it is.
    fn date(&self, text: &str) -> Result<String, Error> {
        let day = text.parse().ok().and_then(|day: NaiveDate| day.and_hms_opt(0, 0, 0));
        day.map_or_else(|| Ok(text.to_owned()), |day| self.day(day.and_utc()))
    }

    fn moment(&self, time: DateTime<Utc>) -> Result<String, Error> {
        let args = [
            ("day".to_owned(), Value::from(self.day(time)?)),
            ("time".to_owned(), Value::from(time.format("%H:%M").to_string())),
        ];
        self.plain("date-moment", &args)
    }

    fn ago(&self, time: i64, now: i64) -> Result<String, Error> {
        let seconds = Timestamp::from_unix(now).since(Timestamp::from_unix(time)).0;
        let (key, count) = match seconds {
            ..60 => return self.plain("ago-now", &[]),
            60..3600 => ("ago-minutes", seconds / 60),
            3600..86_400 => ("ago-hours", seconds / 3600),
            _ => ("ago-days", seconds / 86_400),
        };
        self.plain(key, &[("count".to_owned(), Value::from(count))])
    }

    fn text(&self, key: &str, args: &FluentArgs<'_>) -> Result<String, Error> {
        self.catalogue
            .text(key, Some(args))
            .map(|text| text.into_owned())
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    }
}

fn named(args: &Kwargs) -> Result<Named, Error> {
    args.args().map(|name| Ok((name.to_owned(), args.get::<Value>(name)?))).collect()
}

fn fluent_value(value: &Value) -> FluentValue<'static> {
    match value.as_str() {
        Some(text) => FluentValue::from(untrusted::bounded(text, LONGEST_ARGUMENT)),
        None => match i64::try_from(value.clone()) {
            Ok(number) => FluentValue::from(number),
            Err(_) => FluentValue::from(value.to_string()),
        },
    }
}

fn flow_path(path: String, interaction: Option<String>, room: Option<String>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(room.map(|room| ("next", room)));
    query.extend_pairs(interaction.map(|id| ("interaction", id)));
    match query.finish() {
        query if query.is_empty() => path,
        query => format!("{path}?{query}"),
    }
}

fn errors_for(errors: Value, field: String) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    for error in errors.try_iter()? {
        if error.get_attr("field")?.as_str() == Some(&field) {
            found.push(error.get_attr("message")?);
        }
    }
    Ok(found)
}

fn initial(name: String) -> String {
    name.chars()
        .find(|character| character.is_alphanumeric())
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

fn instant(unix: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp(unix, 0).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a time out of range"))
}
