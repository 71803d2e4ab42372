//! What can be done for the operator, who may do it, and how dangerous it is: one table for console, API and command line.

use std::fmt;
use std::str::FromStr;

use super::role::Role;

/// What an act asks of whoever does it, beside the right to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    Plain,
    /// A phishing-resistant log-in, shown again just now.
    Fresh,
    /// The same, and a second person where the operator wants one.
    Grave,
}

/// Who may do an act, how dangerous it is, and by which scope a program may.
struct Rule {
    text: &'static str,
    roles: &'static [Role],
    danger: Danger,
    /// Absent: no program may, only people.
    scope: Option<&'static str>,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $danger:ident, [$($role:ident)*], $scope:expr;)*) => {
        /// An operation, as it stands in the audit log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act { $($(#[$doc])* $variant,)* }

        impl Act {
            pub const ALL: &'static [Act] = &[$(Act::$variant,)*];

            const fn rule(self) -> Rule {
                match self {
                    $(Act::$variant => Rule {
                        text: $text,
                        roles: &[$(Role::$role,)*],
                        danger: Danger::$danger,
                        scope: $scope,
                    },)*
                }
            }
        }
    };
}

acts! {
    ReadClients = "clients.read", Plain, [Owner ClientAdmin Support Compliance Auditor], Some("karat:clients.read");
    AddClient = "clients.add", Fresh, [Owner ClientAdmin], Some("karat:clients");
    ChangeClient = "clients.change", Fresh, [Owner ClientAdmin], Some("karat:clients");
    RemoveClient = "clients.remove", Fresh, [Owner ClientAdmin], Some("karat:clients");
    RotateClientSecret = "clients.rotate_secret", Fresh, [Owner ClientAdmin], Some("karat:clients");
    /// Making and revoking the tokens with which apps register themselves.
    InviteClients = "clients.invite", Fresh, [Owner ClientAdmin], Some("karat:clients");
    ImportClients = "clients.import", Fresh, [Owner], None;

    ReadPeople = "people.read", Plain, [Owner Support Compliance Auditor], Some("karat:people.read");
    AddPerson = "people.add", Fresh, [Owner], Some("karat:people");
    ImportPeople = "people.import", Fresh, [Owner], None;
    /// Nobody gets in any more, and whoever is in is out.
    FreezePerson = "people.freeze", Plain, [Owner Support Compliance], Some("karat:people");
    UnfreezePerson = "people.unfreeze", Fresh, [Owner Compliance], Some("karat:people");
    EndSessions = "people.end_sessions", Plain, [Owner Support Compliance], Some("karat:people");
    WithdrawConsent = "people.withdraw_consent", Fresh, [Owner], Some("karat:people");
    StartHold = "people.start_hold", Plain, [Owner Compliance], Some("karat:people");
    LiftHold = "people.lift_hold", Fresh, [Owner Compliance], None;
    RemoveAuthenticator = "people.remove_authenticator", Grave, [Owner Compliance], None;
    ExportPerson = "people.export", Grave, [Owner Compliance], None;

    /// Applications and where people stand, without documents.
    ReadCases = "kyc.read", Plain, [Compliance Auditor], Some("karat:kyc.read");
    ReadDocuments = "kyc.documents", Plain, [Compliance Auditor], None;
    DecideCase = "kyc.decide", Fresh, [Compliance], None;
    /// Suspending, reinstating and taking a level back.
    SetLevel = "kyc.set_level", Grave, [Compliance], None;

    ReadPolicy = "policy.read", Plain, [Owner ClientAdmin Support Compliance Auditor], Some("karat:policy");
    /// What somebody would be granted: tells of a person, too.
    ExplainPolicy = "policy.explain", Plain, [Owner Support Compliance Auditor], Some("karat:policy");
    ReadKeys = "keys.read", Plain, [Owner Auditor], Some("karat:system.read");
    RotateKeys = "keys.rotate", Fresh, [Owner], None;
    ReadAudit = "audit.read", Plain, [Owner Compliance Auditor], Some("karat:audit.read");
    ExportAudit = "audit.export", Grave, [Owner Auditor], None;
    ReadOutbox = "outbox.read", Plain, [Owner Support Auditor], Some("karat:system.read");
    RetryOutbox = "outbox.retry", Plain, [Owner Support], Some("karat:system");
    ReadWebhooks = "webhooks.read", Plain, [Owner ClientAdmin Auditor], Some("karat:webhooks.read");
    ChangeWebhooks = "webhooks.change", Fresh, [Owner], Some("karat:webhooks");
    ReadSystem = "system.read", Plain, [Owner ClientAdmin Support Compliance Auditor], Some("karat:system.read");
    ReadRoles = "roles.read", Plain, [Owner Auditor], None;
    ChangeRoles = "roles.change", Grave, [Owner], None;
}

impl Act {
    pub const fn as_str(self) -> &'static str {
        self.rule().text
    }

    pub const fn danger(self) -> Danger {
        self.rule().danger
    }

    /// The scope value of a program's access token that allows it; `None`: programs may not.
    pub const fn scope(self) -> Option<&'static str> {
        self.rule().scope
    }

    /// The table: who may.
    pub fn roles(self) -> &'static [Role] {
        self.rule().roles
    }

    /// Whether it only looks.
    pub fn is_reading(self) -> bool {
        self.as_str().ends_with(".read") || matches!(self, Self::ReadDocuments | Self::ExplainPolicy)
    }
}

impl Role {
    pub fn may(self, act: Act) -> bool {
        act.roles().contains(&self)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of the acts")]
pub struct UnknownAct;

impl FromStr for Act {
    type Err = UnknownAct;

    fn from_str(text: &str) -> Result<Self, UnknownAct> {
        Self::ALL.iter().copied().find(|act| act.as_str() == text).ok_or(UnknownAct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_one_name() {
        for act in Act::ALL {
            assert_eq!(act.as_str().parse(), Ok(*act));
        }
    }

    #[test]
    fn an_auditor_reads_everything_and_changes_nothing() {
        for act in Act::ALL {
            let reads = act.is_reading() || *act == Act::ExportAudit;
            assert_eq!(Role::Auditor.may(*act), reads, "{act}");
        }
    }

    #[test]
    fn support_freezes_and_does_not_unfreeze_and_sees_no_documents() {
        assert!(Role::Support.may(Act::FreezePerson));
        for never in
            [Act::UnfreezePerson, Act::ReadDocuments, Act::ReadCases, Act::RemoveAuthenticator, Act::ExportPerson]
        {
            assert!(!Role::Support.may(never), "{never}");
        }
    }

    #[test]
    fn only_owners_change_roles_and_only_compliance_decides_about_identities() {
        for role in Role::ALL {
            assert_eq!(role.may(Act::ChangeRoles), role == Role::Owner);
            assert_eq!(role.may(Act::DecideCase), role == Role::Compliance);
            assert_eq!(role.may(Act::SetLevel), role == Role::Compliance);
        }
    }

    #[test]
    fn a_program_does_nothing_grave() {
        for act in Act::ALL.iter().filter(|act| act.danger() == Danger::Grave) {
            assert_eq!(act.scope(), None, "{act}");
        }
    }

    #[test]
    fn a_scope_that_reads_changes_nothing() {
        for act in Act::ALL.iter().filter(|act| act.scope().is_some_and(|scope| scope.ends_with(".read"))) {
            assert!(act.is_reading(), "{act}");
        }
    }
}
