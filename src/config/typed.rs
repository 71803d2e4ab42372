//! From the tree of the layers to the typed sections, reporting every mistake of a run and not only the first.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use serde_path_to_error::{Path, Segment};

use super::layers::Layers;
use super::mistake::Mistake;

/// After this many mistakes the rest is left for the next start.
const MOST_MISTAKES: usize = 40;

/// Reads the tree as `T`. After each mistake the key is put back to its default (or taken away) and the rest is read
/// again, so that the mistakes of one file come together; the `T` that comes with mistakes is good for finding more of
/// them and nothing else.
pub(super) fn read<T: DeserializeOwned>(layers: &mut Layers) -> (Option<T>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    while mistakes.len() < MOST_MISTAKES {
        let tree = Value::Object(layers.tree.clone());
        let error = match serde_path_to_error::deserialize::<_, T>(tree) {
            Ok(value) => return (Some(value), mistakes),
            Err(error) => error,
        };
        let path = error.path().to_string();
        if layers.reread_as_text(&path) {
            continue;
        }
        let message = error.inner().to_string();
        mistakes.push(layers.origins().mistake(&path, in_terms_of_keys(&message)));
        let unknown = message.starts_with("unknown field");
        if !repair(&mut layers.tree, &layers.defaults, error.path(), unknown) {
            break;
        }
    }
    (None, mistakes)
}

fn in_terms_of_keys(message: &str) -> String {
    match message.split_once(" field ") {
        Some((kind @ ("unknown" | "missing" | "duplicate"), rest)) => format!("{kind} key {rest}"),
        _ => message.to_owned(),
    }
}

/// Makes the place of a mistake harmless. False when nothing is left to try.
fn repair(tree: &mut Map<String, Value>, defaults: &Map<String, Value>, path: &Path, unknown: bool) -> bool {
    let segments: Vec<&Segment> = path.iter().collect();
    match segments[..] {
        [Segment::Map { key: section }, Segment::Map { key }, ..] => {
            let Some(Value::Object(keys)) = tree.get_mut(section) else { return false };
            match defaults.get(section).and_then(|section| section.get(key)) {
                Some(default) => keys.insert(key.clone(), default.clone()) != Some(default.clone()),
                None => keys.remove(key).is_some(),
            }
        }
        [Segment::Map { key: list }, Segment::Seq { index }, ref rest @ ..] => {
            let Some(entry) = tree.get_mut(list).and_then(|list| list.get_mut(index)) else { return false };
            match (rest, entry.as_object_mut()) {
                ([Segment::Map { key }], Some(entry)) if unknown => entry.remove(key).is_some(),
                _ => {
                    let harmless = json!({ "client_id": format!("{index}"), "kind": "web" });
                    std::mem::replace(entry, harmless.clone()) != harmless
                }
            }
        }
        [Segment::Map { key: section }] => match defaults.get(section) {
            Some(default) => tree.insert(section.clone(), default.clone()) != Some(default.clone()),
            None => tree.remove(section).is_some(),
        },
        _ => false,
    }
}
