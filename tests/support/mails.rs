//! The mails that a running Karat sends, as their recipients find them.

use karat::domain::time::Seconds;
use karat::storage::outbox::{Mail, Outgoing, Share};

use super::TestApp;

/// Every mail to an address so far, the newest first (mails of one second in no order).
pub async fn mails_to(app: &TestApp, address: &str) -> Vec<Mail> {
    let store = &app.karat.store;
    let now = app.clock_now();
    let all = Share { mails: 1_000, of_one_target: 1_000 };
    for leased in store.lease_outgoing(now, now.plus(Seconds(60)), 1_000, all).await.unwrap().due {
        match leased.payload {
            Outgoing::Mail(_) => store.finish_outgoing(&leased.id, "sent", true, now).await.unwrap(),
            Outgoing::LogoutToken(_) | Outgoing::SecurityEvent(_) | Outgoing::Webhook(_) | Outgoing::Sms(_) => {
                store.retry_outgoing(&leased.id, now, "not a mail").await.unwrap()
            }
        }
    }
    let kept = store.kept_mails(1_000).await.unwrap();
    kept.into_iter().map(|kept| kept.mail).filter(|mail| mail.to == address).collect()
}

/// The newest mail to an address.
pub async fn newest_to(app: &TestApp, address: &str) -> Mail {
    mails_to(app, address).await.into_iter().next().unwrap_or_else(|| panic!("no mail to {address}"))
}

/// The newest mail to an address that has these words.
pub async fn mail_with(app: &TestApp, address: &str, words: &str) -> Mail {
    let found = mails_to(app, address).await.into_iter().find(|mail| mail.text.contains(words));
    found.unwrap_or_else(|| panic!("no mail with {words} to {address}"))
}

/// The path and query of the first link in the mail that begins with `path`.
pub fn link_in(app: &TestApp, mail: &Mail, path: &str) -> String {
    let start = app.url(path);
    let link = mail.text.split_whitespace().find(|word| word.starts_with(&start));
    let link = link.unwrap_or_else(|| panic!("no link to {path} in:\n{}", mail.text));
    link.strip_prefix(&app.base).unwrap().to_owned()
}

/// The six digits that stand alone in the mail.
pub fn code_in(mail: &Mail) -> String {
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    mail.text.split_whitespace().find(digits).unwrap_or_else(|| panic!("no code in:\n{}", mail.text)).to_owned()
}
