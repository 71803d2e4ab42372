//! The part of an export that tells of the verification.

use serde_json::{Value, json};

use super::{Reader, written};
use crate::domain::ids::UserId;
use crate::domain::kyc::{Case, Reason, State};
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::kyc::documents::Document;
use crate::storage::kyc::history::Transition;

impl Karat {
    pub(super) async fn export_verification(
        &self,
        id: UserId,
        user: Option<&User>,
        reader: Reader,
    ) -> Result<Value, Failure> {
        let mut cases = Vec::new();
        for case in self.store.kyc_cases(id).await? {
            let draft: Option<Value> = self.store.kyc_draft(&case).await?;
            cases.push(told_case(&case, draft, reader));
        }
        let history = self.store.kyc_history(id).await?;
        let told_states = told_states(&history);
        let mut told = json!({
            "identity": self.store.identity(id).await?,
            "cases": cases,
            "history": history.iter().zip(told_states).map(|(made, told)| told_transition(made, told, reader)).collect::<Value>(),
        });
        if let Some(user) = user {
            told["level"] = json!(self.kyc_tier(user));
            told["state"] = json!(match reader {
                Reader::Person => self.kyc_state_told(&user.kyc),
                Reader::Operator => self.kyc_state(&user.kyc),
            });
            told["residence"] = json!(user.kyc.residence());
            told["levels"] = user
                .kyc
                .attained()
                .iter()
                .map(|attained| {
                    json!({
                        "level": attained.tier, "case": attained.case.to_string(), "since": written(attained.at),
                        "until": attained.until.map(written),
                    })
                })
                .collect();
        }
        if reader == Reader::Operator {
            let notes = self.store.kyc_notes(id).await?;
            told["notes"] = notes
                .iter()
                .map(|note| json!({ "at": written(note.at), "author": note.author, "text": note.text }))
                .collect();
        }
        Ok(told)
    }
}

fn told_case(case: &Case, draft: Option<Value>, reader: Reader) -> Value {
    json!({
        "id": case.id.to_string(),
        "level": case.tier,
        "provider": case.provider.as_str(),
        "reference": case.reference,
        // That one reviewer waits for another is no business of the person's.
        "state": if case.proposal.is_some() && reader == Reader::Person { "submitted" } else { case.state.as_str() },
        "reason": case.reason.map(|reason| told_reason(reason, reader)),
        "began_at": written(case.created_at),
        "submitted_at": case.submitted_at.map(written),
        "decided_at": case.decided_at.map(written),
        "decided_by": case.decided_by.as_deref().map(|by| told_actor(by, reader)),
        "filled_in": draft,
    })
}

/// Without what it shows.
pub(super) fn told_document(document: &Document) -> Value {
    json!({
        "case": document.case_id.to_string(),
        "kind": document.kind.as_str(),
        "media_type": document.media_type.as_str(),
        "size": document.size,
        "sent_at": written(document.created_at),
        "deleted_from": document.delete_at.map(written),
    })
}

/// The states before and after each transition as the person was told of them, `history` being the newest first: a suspicion against who never
/// had a level looked like any other final rejection, and goes on doing so (see [`Karat::kyc_state_told`]).
fn told_states(history: &[Transition]) -> Vec<(&str, &str)> {
    let (mut ever_held, mut hides) = (false, false);
    let mut told: Vec<_> = history
        .iter()
        .rev()
        .map(|made| {
            let hid = hides;
            ever_held |= made.finding == "approved";
            hides = match made.finding.as_str() {
                "rejected" => !ever_held,
                "approved" | "reinstated" => false,
                _ => hides,
            };
            (hidden(&made.from_state, hid), hidden(&made.to_state, hides))
        })
        .collect();
    told.reverse();
    told
}

fn hidden(state: &str, hides: bool) -> &str {
    match state == State::Suspended.as_str() && hides {
        true => State::RejectedFinal.as_str(),
        false => state,
    }
}

fn told_transition(made: &Transition, told: (&str, &str), reader: Reader) -> Value {
    let (from, to) = match reader {
        Reader::Person => told,
        Reader::Operator => (made.from_state.as_str(), made.to_state.as_str()),
    };
    let reason = made.reason.as_deref().map(|reason| match Reason::parse(reason) {
        Some(reason) => told_reason(reason, reader),
        None => Reason::Other.as_str(),
    });
    let mut told = json!({
        "at": written(made.at), "finding": made.finding, "from": from, "to": to,
        "from_level": made.from_tier, "to_level": made.to_tier, "by": told_actor(&made.actor, reader),
        "case": made.case_id, "reason": reason,
    });
    if reader == Reader::Operator {
        told["evidence"] = made.evidence.clone();
    }
    told
}

fn told_reason(reason: Reason, reader: Reader) -> &'static str {
    match reader {
        Reader::Person => reason.told().as_str(),
        Reader::Operator => reason.as_str(),
    }
}

/// Not which of the operator's people.
fn told_actor(actor: &str, reader: Reader) -> &str {
    match (reader, actor.split_once(':')) {
        (Reader::Person, Some((kind, _))) => kind,
        _ => actor,
    }
}
