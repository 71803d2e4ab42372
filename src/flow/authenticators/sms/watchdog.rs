//! Codes that nobody types in are the mark of pumping: where too few of those sent are used, to one country or to one block
//! of numbers, no number is added for a while. Codes to numbers that are somebody's already go out and are not judged: a
//! stranger must not be able to make an owner's log-in wait.
//!
//! A code that may still be typed in is not held against anybody: sendings count when their slot of time and the one after
//! it are over.

use serde_json::json;

use crate::domain::phone::PhoneNumber;
use crate::domain::sms::SmsPurpose;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::events::EventKind;

/// Sendings and uses are remembered for so long.
const WINDOW: Seconds = Seconds::days(1);

/// Where messages go: judged each by itself.
struct Area {
    key: String,
    /// For the operator: whole countries by name, blocks of numbers by their country only.
    name: String,
}

impl Karat {
    pub(super) async fn is_paused(&self, number: &PhoneNumber) -> Result<bool, Failure> {
        for area in self.areas(number) {
            if self.ephemeral.get(&paused(&area)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn watch_sent(&self, number: &PhoneNumber, purpose: SmsPurpose) -> Result<(), Failure> {
        if purpose != SmsPurpose::AddNumber {
            return Ok(());
        }
        for area in self.areas(number) {
            let sent = self.ephemeral.increment_within(&sent(&area), WINDOW.as_duration()).await?.count;
            let slot = self.slot();
            let ttl = Seconds(3 * self.slot_length().0).as_duration();
            let fresh = self.ephemeral.increment_within(&in_slot(&area, slot), ttl).await?.count
                + self.ephemeral.count(&in_slot(&area, slot - 1)).await?.count;
            self.judge_area(&area, sent.saturating_sub(fresh)).await?;
        }
        Ok(())
    }

    pub(super) async fn watch_used(&self, number: &PhoneNumber, purpose: SmsPurpose) -> Result<(), Failure> {
        if purpose != SmsPurpose::AddNumber {
            return Ok(());
        }
        for area in self.areas(number) {
            self.ephemeral.increment_within(&used(&area), WINDOW.as_duration()).await?;
        }
        Ok(())
    }

    async fn judge_area(&self, area: &Area, settled: u64) -> Result<(), Failure> {
        let sms = &self.settings.sms;
        if settled < u64::from(sms.watchdog_sends) {
            return Ok(());
        }
        let used_here = self.ephemeral.count(&used(area)).await?.count;
        if used_here.saturating_mul(100) >= u64::from(sms.watchdog_used_percent).saturating_mul(settled) {
            return Ok(());
        }
        let pause = sms.watchdog_pause;
        if self.ephemeral.insert_if_absent(&paused(area), "1", pause.as_duration()).await? {
            let Area { name, .. } = area;
            tracing::warn!(
                area = name,
                settled,
                used = used_here,
                "codes by SMS are not used there: no number is added for a while"
            );
            let detail = json!({ "area": name, "sent": settled, "used": used_here, "seconds": pause.0 });
            self.store.record(&self.event_of_the_house(EventKind::SmsPaused).with(detail)).await?;
            // Afterwards it is judged by what is sent then.
            self.ephemeral.delete(&sent(area)).await?;
            self.ephemeral.delete(&used(area)).await?;
        }
        Ok(())
    }

    fn areas(&self, number: &PhoneNumber) -> [Area; 2] {
        let country = number.country();
        let block = self.number_key(number.prefix());
        [
            Area { key: format!("country:{country}"), name: country.to_string() },
            Area { key: format!("block:{block}"), name: format!("a block of numbers in {country}") },
        ]
    }

    fn slot(&self) -> i64 {
        self.now().unix().div_euclid(self.slot_length().0)
    }

    fn slot_length(&self) -> Seconds {
        Seconds(self.settings.sms.code_lifetime.0.max(60))
    }
}

fn sent(area: &Area) -> String {
    format!("sms:sent:{}", area.key)
}

fn used(area: &Area) -> String {
    format!("sms:used:{}", area.key)
}

fn paused(area: &Area) -> String {
    format!("sms:paused:{}", area.key)
}

fn in_slot(area: &Area, slot: i64) -> String {
    format!("sms:slot:{}:{slot}", area.key)
}
