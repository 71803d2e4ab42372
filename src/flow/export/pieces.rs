//! An export as it is read: piece by piece, with one document in memory at a time and nothing else that is large.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use zeroize::Zeroizing;

use super::verification::told_document;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::kyc::documents::Document;

/// Bytes of a document in one piece: a multiple of three, so that the pieces of its base64 make one.
const PIECE: usize = 48 * 1024;

/// Everything that is held about a person, as the text of one JSON object.
pub struct Export {
    place: Place,
    documents: VecDeque<Document>,
    /// One of the few that are made at once.
    _room: Option<OwnedSemaphorePermit>,
}

enum Place {
    Beginning(Box<Value>),
    Between { is_first: bool },
    Within { content: Zeroizing<Vec<u8>>, from: usize },
    End,
}

impl Export {
    /// `held` is everything but the documents.
    pub(super) fn new(held: Value, documents: Vec<Document>) -> Self {
        Self { place: Place::Beginning(Box::new(held)), documents: documents.into(), _room: None }
    }

    pub(super) fn within(self, room: OwnedSemaphorePermit) -> Self {
        Self { _room: Some(room), ..self }
    }

    /// For whom documents are not to see. Nothing has been read of it yet.
    pub fn without_documents(self) -> Value {
        match self.place {
            Place::Beginning(held) => *held,
            _ => Value::Null,
        }
    }

    /// `None` at the end.
    pub async fn next(&mut self, karat: &Karat) -> Result<Option<String>, Failure> {
        let (piece, place) = match std::mem::replace(&mut self.place, Place::End) {
            Place::Beginning(held) => {
                let text = format!("{held:#}");
                let open = text.strip_suffix('}').unwrap_or(&text).trim_end();
                (format!("{open},\n  \"documents\": ["), Place::Between { is_first: true })
            }
            Place::Between { is_first } => match self.documents.pop_front() {
                Some(document) => {
                    let comma = if is_first { "" } else { "," };
                    let told = told_document(&document).to_string();
                    let open = told.strip_suffix('}').unwrap_or(&told);
                    let head = format!("{comma}\n    {open},\"base64\":");
                    match karat.store.kyc_document_content(&document).await? {
                        Some(content) => (format!("{head}\""), Place::Within { content, from: 0 }),
                        None => (format!("{head}null}}"), Place::Between { is_first: false }),
                    }
                }
                None => ("\n  ]\n}\n".to_owned(), Place::End),
            },
            Place::Within { content, from } => {
                let to = content.len().min(from.saturating_add(PIECE));
                let piece = STANDARD.encode(content.get(from..to).unwrap_or_default());
                match to == content.len() {
                    true => (format!("{piece}\"}}"), Place::Between { is_first: false }),
                    false => (piece, Place::Within { content, from: to }),
                }
            }
            Place::End => return Ok(None),
        };
        self.place = place;
        Ok(Some(piece))
    }
}
