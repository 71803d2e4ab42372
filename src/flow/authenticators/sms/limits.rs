//! How many messages go out: to a number, to its neighbours, for an account, for who asks, and on all people together.
//! Whoever has messages sent to numbers they earn from finds every one of these in the way (SMS pumping).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::config::Rate;
use crate::crypto::token::hmac;
use crate::domain::phone::PhoneNumber;
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
        number: &PhoneNumber,
        browser: &Browser,
    ) -> Result<Result<(), NotSent>, Failure> {
        let sms = &self.settings.sms;
        if !sms.enabled {
            return Ok(Err(NotSent::NotNow));
        }
        if !sms.countries.contains(&number.country()) {
            return Ok(Err(NotSent::Country));
        }
        if self.is_paused(number).await? {
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
        let of_the_number = [
            (sms.messages_per_number, format!("sms:number:{whole}")),
            (sms.messages_per_number_daily, format!("sms:number-daily:{whole}")),
            (sms.messages_per_prefix, format!("sms:prefix:{prefix}")),
        ];
        if self.all_within(&of_the_number).await?.is_err() {
            self.give_all_back(&of_who_asks).await?;
            return Ok(Err(NotSent::NotNow));
        }
        let money = self.daily_money();
        let counted = [of_who_asks.as_slice(), &of_the_number].concat();
        if self.within(money.0, &money.1).await?.is_err() {
            self.give_all_back(&counted).await?;
            self.tell_of_spend().await?;
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

    /// Once a day.
    async fn tell_of_spend(&self) -> Result<(), Failure> {
        let told = format!("sms:spend-told:{}", self.today());
        if self.ephemeral.insert_if_absent(&told, "1", DAY.as_duration()).await? {
            tracing::warn!("the day's money for text messages is spent: nobody gets a code until tomorrow (UTC)");
            let spent = json!({ "messages": self.settings.sms.daily_messages() });
            self.store.record(&self.event_of_the_house(EventKind::SmsBudgetSpent).with(spent)).await?;
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
