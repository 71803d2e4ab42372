//! Background loops: small, each over one use case, stopped together.
//!
//! ```text
//! outbox        mails, text messages and logout tokens on their way out, and beside them what systems of the operator hear
//! clean_up      what has expired goes, in small batches
//! recoveries    owners hear of recoveries that run
//! verification  levels end, and what was kept for long enough is destroyed
//! keys          keys made on other nodes are taken over; old ones are replaced
//! ```
//! Every node runs them all. The outbox is shared out entry by entry; what is to be done once for all nodes is done in [`turns`].

pub mod backoff;
pub mod clean_up;
pub mod keys;
pub mod outbox;
pub mod recoveries;
pub mod turns;
pub mod verification;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::flow::Karat;
use crate::gateway::fetch::{Fetcher, FetcherError};
use crate::gateway::mail::{Mailer, MailerError};
use crate::storage::outbox::Lane;

/// The loops of one node. Dropped without [`Jobs::stop`], they end at once, in the middle of what they do.
pub struct Jobs {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

/// Told to every loop; a loop ends at the next point where nothing is half done.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    #[error(transparent)]
    Mailer(#[from] MailerError),
    #[error(transparent)]
    Fetcher(#[from] FetcherError),
}

impl Jobs {
    pub fn start(karat: &Arc<Karat>, config: &Config) -> Result<Self, JobsError> {
        let carrier =
            outbox::Carrier::new(karat.clone(), Mailer::new(&config.mail)?, Fetcher::new(&config.outgoing)?, config);
        let (stop, told) = watch::channel(false);
        let told = Stop(told);
        let mut loops = JoinSet::new();
        let carrier = Arc::new(carrier);
        loops.spawn(outbox::run(carrier.clone(), Lane::PeopleAndApps, told.clone()));
        loops.spawn(outbox::run(carrier, Lane::Webhooks, told.clone()));
        loops.spawn(clean_up::run(karat.clone(), told.clone()));
        loops.spawn(recoveries::run(karat.clone(), told.clone()));
        loops.spawn(verification::run(karat.clone(), told.clone()));
        loops.spawn(keys::run(karat.clone(), keys::Rotation::of(config), told));
        Ok(Self { stop, loops })
    }

    /// Lets the loops finish what they have begun. `false` when some had to be cut off after `grace`; what they were
    /// sending is sent again at the next start.
    pub async fn stop(mut self, grace: Duration) -> bool {
        // Without a receiver every loop has ended already.
        let _ = self.stop.send(true);
        let finished = async { while self.loops.join_next().await.is_some() {} };
        tokio::time::timeout(grace, finished).await.is_ok()
    }
}

impl Stop {
    /// Returns when it is time to stop.
    pub async fn asked(&mut self) {
        // A sender that is gone means the same.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Waits, and answers whether to go on.
    pub async fn pause(&mut self, wait: Duration) -> bool {
        tokio::select! {
            () = self.asked() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }
}
