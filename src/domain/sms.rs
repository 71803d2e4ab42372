//! Text messages: what they are for, and how far one has come.

use serde::{Deserialize, Serialize};

/// What a message is about. A code for one purpose is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsPurpose {
    /// The second factor of a log-in, or of more than the session is worth.
    LogIn,
    /// The proof that a change of the account's protection asks for.
    Confirm,
    /// The proof that a number is in the person's hands.
    AddNumber,
    /// The account goes on without this number.
    Notice,
}

impl SmsPurpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogIn => "log_in",
            Self::Confirm => "confirm",
            Self::AddNumber => "add_number",
            Self::Notice => "notice",
        }
    }
}

/// ```text
/// waiting -> accepted -> queued -> sent -> delivered
///                                      \-> undelivered, failed
/// ```
/// Receipts come in any order, and twice: only what lies further ahead is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsStatus {
    Waiting,
    /// A gateway took it.
    Accepted,
    Queued,
    Sent,
    Delivered,
    Undelivered,
    Failed,
}

impl SmsStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
        }
    }

    /// What gateways say; `None` for what says nothing about arrival.
    pub fn of_receipt(text: &str) -> Option<Self> {
        match text {
            "accepted" => Some(Self::Accepted),
            "queued" | "scheduled" | "sending" => Some(Self::Queued),
            "sent" => Some(Self::Sent),
            "delivered" | "read" => Some(Self::Delivered),
            "undelivered" => Some(Self::Undelivered),
            "failed" | "canceled" => Some(Self::Failed),
            _ => None,
        }
    }

    /// Grows on the way; the three ends are one step.
    pub const fn step(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Accepted => 1,
            Self::Queued => 2,
            Self::Sent => 3,
            Self::Delivered | Self::Undelivered | Self::Failed => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_forward_only_and_ends_once() {
        let way = ["accepted", "queued", "sent", "delivered"].map(|text| SmsStatus::of_receipt(text).unwrap().step());
        assert!(way.is_sorted_by(|a, b| a < b));
        for end in ["delivered", "undelivered", "failed", "canceled"] {
            assert_eq!(SmsStatus::of_receipt(end).unwrap().step(), 4, "{end}");
        }
        for nothing in ["", "DELIVERED", "receiving", "delivered "] {
            assert_eq!(SmsStatus::of_receipt(nothing), None, "{nothing}");
        }
    }
}
