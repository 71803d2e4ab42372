//! How many messages go out: to a number, to its neighbours, for an account, for who asks, and on all people together.
//! Whoever has messages sent to numbers they earn from finds every one of these in the way (SMS pumping).
//!
//! Anybody can name a number to be added, only its owner logs in with it: the two count apart, and additions get half of the
//! day's money at most, so that nobody keeps codes from owners by naming their numbers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::config::Rate;
use crate::crypto::token::hmac;
use crate::domain::phone::PhoneNumber;
use crate::domain::sms::SmsPurpose;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::login::Browser;
use crate::flow::throttle::{Counter, TooMany, network};
use crate::storage::events::EventKind;

const DAY: Seconds = Seconds::days(1);

/// Why no code was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The last one has only just been sent.
    Wait(Seconds),
    /// Too many for this account, or from this network.
    TooMany(TooMany),
    /// Numbers of this country get no messages.
    Country,
    /// Nothing is sent there at the moment; why is the operator's to know.
    NotNow,
}

impl Karat {
    /// Whether codes by SMS are offered at all.
    pub fn offers_sms(&self) -> bool {
        self.settings.sms.enabled
    }

    /// Counts a message before it is sent.
    pub(super) async fn count_sms(
        &self,
        user: &User,
        (number, purpose): (&PhoneNumber, SmsPurpose),
        browser: &Browser,
    ) -> Result<Result<(), NotSent>, Failure> {
        let sms = &self.settings.sms;
        if !sms.enabled {
            return Ok(Err(NotSent::NotNow));
        }
        if !sms.countries.contains(&number.country()) {
            return Ok(Err(NotSent::Country));
        }
        if is_anybodys(purpose) && self.is_paused(number).await? {
            return Ok(Err(NotSent::NotNow));
        }
        let of_who_asks = [
            (sms.messages_per_account, format!("sms:account:{}", user.id)),
            (sms.messages_per_address, format!("sms:address:{}", network(browser.address))),
        ];
        if let Err(wait) = self.all_within(&of_who_asks).await? {
            return Ok(Err(NotSent::TooMany(wait)));
        }
        let (whole, prefix) = (self.number_key(number.as_str()), self.number_key(number.prefix()));
        let whose = if is_anybodys(purpose) { "anybody" } else { "owner" };
        let of_the_number = [
            (sms.messages_per_number, format!("sms:number:{whose}:{whole}")),
            (sms.messages_per_number_daily, format!("sms:number-daily:{whose}:{whole}")),
            (sms.messages_per_prefix, format!("sms:prefix:{whose}:{prefix}")),
        ];
        if self.all_within(&of_the_number).await?.is_err() {
            self.give_all_back(&of_who_asks).await?;
            return Ok(Err(NotSent::NotNow));
        }
        let counted = [of_who_asks.as_slice(), &of_the_number].concat();
        let half = self.money_for_additions();
        if is_anybodys(purpose) && self.within(half.0, &half.1).await?.is_err() {
            self.give_all_back(&counted).await?;
            self.tell_of_spend(Spent::OnAdditions).await?;
            return Ok(Err(NotSent::NotNow));
        }
        let money = self.daily_money();
        if self.within(money.0, &money.1).await?.is_err() {
            self.give_all_back(&counted).await?;
            if is_anybodys(purpose) {
                self.give_back(&half.1).await?;
            }
            self.tell_of_spend(Spent::Whole).await?;
            return Ok(Err(NotSent::NotNow));
        }
        Ok(Ok(()))
    }

    /// Counts a notice, which nobody asks for.
    pub(super) async fn count_notice(&self) -> Result<bool, Failure> {
        let (rate, key) = self.daily_money();
        Ok(self.within(rate, &key).await?.is_ok())
    }

    fn daily_money(&self) -> Counter {
        (Rate { count: self.settings.sms.daily_messages(), window: DAY }, format!("sms:spend:{}", self.today()))
    }

    fn money_for_additions(&self) -> Counter {
        let count = self.settings.sms.daily_messages().div_ceil(2);
        (Rate { count, window: DAY }, format!("sms:spend-on-additions:{}", self.today()))
    }

    /// Once a day each.
    async fn tell_of_spend(&self, spent: Spent) -> Result<(), Failure> {
        let (what, (rate, _)) = match spent {
            Spent::Whole => ("whole", self.daily_money()),
            Spent::OnAdditions => ("additions", self.money_for_additions()),
        };
        let told = format!("sms:spend-told:{what}:{}", self.today());
        if self.ephemeral.insert_if_absent(&told, "1", DAY.as_duration()).await? {
            match spent {
                Spent::Whole => {
                    tracing::warn!(
                        "the day's money for text messages is spent: nobody gets a code until tomorrow (UTC)"
                    );
                }
                Spent::OnAdditions => {
                    tracing::warn!(
                        "half of the day's money for text messages went to new numbers: none is added until tomorrow (UTC)"
                    );
                }
            }
            let detail = json!({ "messages": rate.count, "of": what });
            self.store.record(&self.event_of_the_house(EventKind::SmsBudgetSpent).with(detail)).await?;
        }
        Ok(())
    }

    fn today(&self) -> i64 {
        self.now().unix().div_euclid(DAY.0)
    }

    /// What stands for a number, or the beginning of one, in keys of the short-lived store. There are few enough numbers
    /// to try them all against a plain hash.
    pub(super) fn number_key(&self, number: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac(&*self.macs.codes, &[b"phone number", number.as_bytes()]))
    }
}

/// What of the day's money is spent.
#[derive(Clone, Copy)]
enum Spent {
    Whole,
    OnAdditions,
}

/// Whether anybody may have the code sent to the number, who need not be its owner.
fn is_anybodys(purpose: SmsPurpose) -> bool {
    purpose == SmsPurpose::AddNumber
}
