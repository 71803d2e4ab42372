//! Looking after people's accounts: sessions, consents, holds, authenticators that were lost.

use serde_json::json;

use super::audit::Target;
use super::proposals::words;
use super::{Authority, Grave, Refusal};
use crate::domain::admin::Act;
use crate::domain::authenticator::AuthenticatorKind;
use crate::domain::grant::RevocationReason;
use crate::domain::hold::{Hold, HoldCause};
use crate::domain::ids::{ClientId, SessionId, UserId};
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::flow::authenticators::change::SecurityChange;
use crate::flow::export::{Export, Reader};
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::flow::tell_apps::RightsChange;
use crate::storage::Change;
use crate::storage::events::EventKind;

/// Of a hold that is begun by hand.
const LONGEST_HOLD: Seconds = Seconds::days(30);

/// How an export is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ExportAsked<'a> {
    /// `None` where it was given before, with the proposal, or cannot be given.
    pub reason: Option<&'a str>,
    /// For whom it is. Who may not read the notes of reviewers gets the person's own, whatever is asked for.
    pub reader: Reader,
}

impl Karat {
    /// One session, or all of them. Answers how many ended.
    pub async fn end_sessions_of(
        &self,
        by: &Authority,
        user: UserId,
        only: Option<SessionId>,
    ) -> Result<usize, Refusal> {
        by.permit(Act::EndSessions)?;
        let mut change = self.store.begin().await?;
        if !change.hold_account(user).await? {
            return Err(Refusal::NotFound);
        }
        let ending = only.map_or(Ending::All, Ending::One);
        let ended = self.end_sessions(&mut change, user, ending, RevocationReason::LoggedOut).await?;
        if ended == 0 && only.is_some() {
            return Err(Refusal::NotFound);
        }
        if ended > 0 {
            change.record(&self.event(EventKind::SessionEnded, user).with(json!({ "count": ended }))).await?;
        }
        let told = json!({ "session": only.map(|id| id.to_string()), "ended": ended });
        change.audit(by.entry(self, Act::EndSessions, Target::user(user), told));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(ended)
    }

    /// As the person could on their own page: the app's tokens for them die.
    pub async fn withdraw_consent_of(&self, by: &Authority, user: UserId, client: &ClientId) -> Result<(), Refusal> {
        by.permit(Act::WithdrawConsent)?;
        let known = self.clients.find(client.as_str()).await?;
        let mut change = self.store.begin().await?;
        if !change.hold_account(user).await? {
            return Err(Refusal::NotFound);
        }
        self.withdraw_app_within(&mut change, user, (client, known.as_deref())).await?;
        change.audit(by.entry(self, Act::WithdrawConsent, Target::user(user), json!({ "client": client.to_string() })));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Money waits for `span` from now on; an earlier hold that lasts longer stays. Answers when the account's hold ends.
    pub async fn hold_person(
        &self,
        by: &Authority,
        user: UserId,
        span: Seconds,
        reason: &str,
    ) -> Result<Timestamp, Refusal> {
        by.permit_on(Act::StartHold, user)?;
        if !(1..=LONGEST_HOLD.0).contains(&span.0) {
            return Err(Refusal::invalid("seconds", "a hold lasts from a second to 30 days"));
        }
        let (reason, now) = (words(reason), self.now());
        if reason.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        let mut change = self.store.begin().await?;
        if !change.hold_account(user).await? {
            return Err(Refusal::NotFound);
        }
        let hold = Hold { cause: HoldCause::ByOperator, began_at: now, ends_at: now.plus(span) };
        let until = change.begin_hold(&self.new_id().to_string(), user, &hold).await?;
        self.tell_apps(&mut change, user, RightsChange::HoldBegan).await?;
        change.audit(by.entry(
            self,
            Act::StartHold,
            Target::user(user),
            json!({ "until": hold.ends_at, "reason": reason }),
        ));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(until)
    }

    /// Ends the holds that were begun by hand; those that follow a change of security pass by themselves and no other way. Answers when the
    /// account's hold ends now.
    pub async fn lift_holds(&self, by: &Authority, user: UserId, reason: &str) -> Result<Option<Timestamp>, Refusal> {
        by.permit_on(Act::LiftHold, user)?;
        let reason = words(reason);
        if reason.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        let mut change = self.store.begin().await?;
        if !change.hold_account(user).await? {
            return Err(Refusal::NotFound);
        }
        let (lifted, until) = change.lift_holds(user, HoldCause::ByOperator, self.now()).await?;
        if lifted == 0 {
            return Err(Refusal::conflict("no hold was begun by hand; the others pass by themselves"));
        }
        change.audit(by.entry(self, Act::LiftHold, Target::user(user), json!({ "until": until, "reason": reason })));
        change.commit().await?;
        Ok(until)
    }

    /// Everything that is held about somebody, to be handed over; the record of who has left as long as it is kept. That it was taken is in
    /// the log. Documents are for reviewers and for the command line: other doors leave them out.
    pub async fn export_person(&self, by: &Authority, user: UserId, asked: ExportAsked<'_>) -> Result<Export, Refusal> {
        self.may_export(by, &Grave::ExportPerson { user }).await?;
        let reason = asked.reason.map(words);
        if reason.as_ref().is_some_and(String::is_empty) {
            return Err(Refusal::ReasonMissing);
        }
        // What reviewers noted is for those who may read it.
        let reader = if by.may(Act::ReadCases) { asked.reader } else { Reader::Person };
        let held = self.export(user, reader).await?.ok_or(Refusal::NotFound)?;
        let mut change = self.store.begin().await?;
        change.record(&self.event(EventKind::DataExported, user).with(json!({ "by": "operator" }))).await?;
        let told = json!({ "step": "taken", "reason": reason, "complete": reader == Reader::Operator });
        change.audit(by.entry(self, Act::ExportPerson, Target::user(user), told));
        change.commit().await?;
        Ok(held)
    }

    /// Asked for through [`super::Grave::RemoveAuthenticator`]. The person is told, is out everywhere, and money waits.
    pub(super) async fn take_authenticator(
        &self,
        change: &mut Change,
        by: &Authority,
        user: &User,
        authenticator: &str,
        reason: &str,
    ) -> Result<(), Refusal> {
        if !change.hold_account(user.id).await? {
            return Err(Refusal::NotFound);
        }
        let all = change.authenticators_of(user.id).await?;
        let found = all.iter().find(|one| one.id == authenticator).ok_or(Refusal::NotFound)?;
        if !change.remove_authenticator(user.id, authenticator).await? {
            return Err(Refusal::NotFound);
        }
        if all.len() == 1 {
            // They stand in for nothing any more.
            change.replace_recovery_codes(user.id, &[], self.now()).await?;
        }
        change.distrust_devices(user.id).await?;
        self.end_sessions(change, user.id, Ending::All, RevocationReason::SecurityChanged).await?;
        let detail = json!({ "kind": found.kind(), "name": found.name, "by": "operator" });
        change.record(&self.event(EventKind::AuthenticatorRemoved, user.id).with(detail)).await?;
        let cause = match found.kind() {
            AuthenticatorKind::Phone => HoldCause::PhoneChanged,
            AuthenticatorKind::Passkey | AuthenticatorKind::Totp => HoldCause::FactorRemoved,
        };
        let hold_until = self.start_hold(change, user, cause).await?;
        let told = SecurityChange::Removed { kind: found.kind(), name: found.name.clone() };
        self.tell_of_change_elsewhere(change, user, &told, hold_until).await?;
        let told = json!({ "authenticator": authenticator, "kind": found.kind(), "reason": reason });
        change.audit(by.entry(self, Act::RemoveAuthenticator, Target::user(user.id), told));
        Ok(())
    }
}
