//! Codes by SMS: the weakest second factor, since a number can be taken over without its owner's phone (SIM swap, porting),
//! and the only one that costs money each time (NIST SP 800-63B-4 section 3.1.3.3, a restricted authenticator).
//!
//! ```text
//! asked --limits, spend, watchdog--> sent --right code, same use--> used
//!                                     |---newer code, 5 minutes, 5 tries--> dead
//! ```
//!
//! A code is sent after a right password or within a session, and never before.

mod challenge;
mod limits;
mod phone;
mod receipts;
mod watchdog;

pub use challenge::{CodeRefused, OpenCode, SmsUse};
pub use limits::NotSent;
pub use receipts::{ReceiptRefused, SignedReceipt};
