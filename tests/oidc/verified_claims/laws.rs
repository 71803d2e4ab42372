//! What holds for every request, however it was put together.

use karat::domain::time::Seconds;
use karat::domain::verified_claims::{Request, answer};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::schema;
use super::vectors::{FRAMEWORK, datasets_of, verified_at};

/// How one element is asked for: often in a way that fits.
fn how() -> impl Strategy<Value = Value> {
    let values = ["tier2", "tier3", "ERIKA", "MUSTERMANN", "1984-01-26", FRAMEWORK, "passport", "vri", "other"];
    let value = select(values.to_vec());
    prop_oneof![
        6 => Just(Value::Null),
        1 => Just(json!({})),
        1 => any::<bool>().prop_map(|essential| json!({ "essential": essential })),
        1 => value.clone().prop_map(|value| json!({ "value": value })),
        1 => prop::collection::vec(value, 1..4).prop_map(|values| json!({ "values": values })),
        1 => (0_i64..2_000_000_000).prop_map(|span| json!({ "max_age": span })),
    ]
}

fn members(names: &'static [&'static str], least: usize) -> impl Strategy<Value = Map<String, Value>> {
    let chosen = subsequence(names.to_vec(), least..=names.len());
    chosen.prop_flat_map(|names| {
        let count = names.len();
        (Just(names), prop::collection::vec(how(), count))
            .prop_map(|(names, hows)| names.into_iter().map(str::to_owned).zip(hows).collect())
    })
}

fn evidence() -> impl Strategy<Value = Value> {
    let details = members(&["type", "date_of_issuance", "date_of_expiry", "serial_number"], 0);
    let checks = members(&["check_method", "organization", "check_id", "time"], 0);
    let kind = select(vec!["document", "document", "vouch"]);
    (kind, prop::option::of(details), prop::option::of(checks)).prop_map(|(kind, details, checks)| {
        let mut entry = json!({ "type": { "value": kind } });
        if let Some(details) = details {
            entry["document_details"] = details.into();
        }
        if let Some(check) = checks {
            entry["check_details"] = json!([check]);
        }
        entry
    })
}

fn element() -> impl Strategy<Value = Value> {
    let verification = members(&["assurance_level", "time", "verification_process", "certifier"], 0);
    let claims = members(
        &["given_name", "middle_name", "family_name", "birthdate", "nationalities", "address", "email", "x"],
        1,
    );
    let evidence = prop::option::of(prop::collection::vec(evidence(), 1..3));
    (how(), verification, evidence, claims).prop_map(|(framework, mut verification, evidence, claims)| {
        verification.insert("trust_framework".into(), framework);
        if let Some(evidence) = evidence {
            verification.insert("evidence".into(), evidence.into());
        }
        json!({ "verification": verification, "claims": claims })
    })
}

fn told(request: &Value, level: u8, after: i64) -> Option<Value> {
    let parsed = Request::parse(request).unwrap_or_else(|_| panic!("{request}"));
    answer(&parsed, &datasets_of(level), verified_at().plus(Seconds(after)))
}

/// Whether everything in `less` stands in `more` with the same value; lists by their entries.
fn is_within(less: &Value, more: &Value) -> bool {
    match (less, more) {
        (Value::Object(less), Value::Object(more)) => {
            less.iter().all(|(name, value)| more.get(name).is_some_and(|found| is_within(value, found)))
        }
        (Value::Array(less), Value::Array(more)) => {
            less.iter().all(|one| more.iter().any(|found| is_within(one, found)))
        }
        (less, more) => less == more,
    }
}

/// All that there is to tell at a level.
fn whole(level: u8) -> Value {
    let every = json!({
        "verification": {
            "trust_framework": null, "assurance_level": { "value": format!("tier{level}") }, "time": null,
            "verification_process": null,
            "evidence": [{
                "type": { "value": "document" },
                "check_details": [{ "check_method": null, "organization": null, "check_id": null, "time": null }],
                "document_details": { "type": null, "date_of_issuance": null, "date_of_expiry": null },
            }],
        },
        "claims": { "given_name": null, "family_name": null, "birthdate": null, "nationalities": null, "address": null },
    });
    told(&every, 3, 0).unwrap()
}

proptest! {
    #[test]
    fn every_answer_is_valid_and_says_nothing_that_is_not_so_or_was_not_asked(
        request in element(), level in 2_u8..=3, after in 0_i64..100_000_000,
    ) {
        schema::request(&json!({ "userinfo": { "verified_claims": request } })).unwrap();
        let Some(told) = told(&request, level, after) else { return Ok(()) };
        prop_assert_eq!(schema::answer(&told), Ok(()));
        prop_assert!((2..=level).any(|level| is_within(&told, &whole(level))), "{}", told);
        for part in ["verification", "claims"] {
            let asked = request[part].as_object().unwrap();
            prop_assert!(told[part].as_object().unwrap().keys().all(|name| asked.contains_key(name)), "{}", told);
        }
    }

    #[test]
    fn essential_changes_nothing(request in element(), essential: bool) {
        let mut insisting = request.clone();
        for part in ["verification", "claims"] {
            for how in insisting[part].as_object_mut().unwrap().values_mut().filter(|how| !how.is_array()) {
                match how {
                    Value::Object(members) => drop(members.insert("essential".into(), essential.into())),
                    how => *how = json!({ "essential": essential }),
                }
            }
        }
        prop_assert_eq!(told(&insisting, 3, 0), told(&request, 3, 0));
    }

    /// Of one level: with two, a demand may be met by the lower one alone.
    #[test]
    fn a_demand_more_never_tells_more(request in element(), name in select(vec!["time", "assurance_level"]), span in 0_i64..10_000) {
        let mut free = request.clone();
        free["verification"][name] = Value::Null;
        let mut demanding = request;
        demanding["verification"][name] = json!({ "max_age": span });
        match (told(&demanding, 2, 5_000), told(&free, 2, 5_000)) {
            (None, _) => {}
            (Some(less), Some(more)) => prop_assert!(is_within(&less, &more), "{} {}", less, more),
            (Some(less), None) => prop_assert!(false, "{}", less),
        }
    }

    #[test]
    fn each_element_of_a_list_is_answered_as_if_it_were_alone(requests in prop::collection::vec(element(), 1..4)) {
        let alone: Vec<Value> = requests.iter().filter_map(|request| told(request, 3, 0)).collect();
        let together = told(&Value::Array(requests), 3, 0);
        prop_assert_eq!(together, (!alone.is_empty()).then_some(Value::Array(alone)));
    }

    #[test]
    fn nothing_that_anybody_sends_makes_it_panic(text in r#"\{"verification":\{"trust_framework":.{0,40}\},"claims":.{0,40}\}"#, value in element()) {
        if let Ok(read) = serde_json::from_str(&text) {
            let _ = Request::parse(&read);
        }
        // Every element in every place where it does not belong.
        for misplaced in [json!([[value.clone()]]), json!({ "verification": value.clone(), "claims": value.clone() }), value["claims"].clone()] {
            let _ = Request::parse(&misplaced);
        }
    }
}
