//! Room for what people upload. A form with pictures is read into memory before anybody looks at it, so only so many are read at once,
//! and few of one account; whoever finds no room is asked to come again, and nothing of theirs is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Rate;
use crate::domain::ids::UserId;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::throttle::TooMany;

/// Forms of one account in an hour: each picture costs a while of a processor.
const FORMS: Rate = Rate { count: 60, window: Seconds::hours(1) };
/// At once, so that nobody takes all the room with slow lines. Two: a browser that sends again may not have let go of the first.
const OF_ONE_ACCOUNT: usize = 2;
/// How long to wait for room, with nothing read yet. Most forms are read in less.
const PATIENCE: Duration = Duration::from_secs(2);
/// When somebody who found none should come again.
const RETRY_AFTER: Seconds = Seconds(15);

/// Of this node.
#[derive(Clone)]
pub struct Uploads {
    room: Arc<Semaphore>,
    accounts: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// Room for one form, until it is dropped.
#[derive(Debug)]
pub struct Room {
    _place: OwnedSemaphorePermit,
    _of_account: Place,
}

/// One of the few of an account.
#[derive(Debug)]
struct Place {
    user: UserId,
    accounts: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// Why there is none.
#[derive(Debug)]
pub enum NoRoom {
    Busy { retry_after: Seconds },
    TooMany(TooMany),
    Failed(Failure),
}

impl Uploads {
    /// `most`: forms that are read at once.
    pub fn new(most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { room: Arc::new(Semaphore::new(most)), accounts: Arc::default() }
    }

    /// How many more could be read now.
    pub fn free(&self) -> usize {
        self.room.available_permits()
    }

    async fn take(&self, user: UserId) -> Result<Room, NoRoom> {
        let busy = || NoRoom::Busy { retry_after: RETRY_AFTER };
        let of_account = self.place_of(user).ok_or_else(busy)?;
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.room).acquire_owned()).await;
        let place = place.map_err(|_| busy())?.map_err(|closed| NoRoom::Failed(Failure::fault(closed)))?;
        Ok(Room { _place: place, _of_account: of_account })
    }

    fn place_of(&self, user: UserId) -> Option<Place> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = accounts.entry(user).or_default();
        if *taken >= OF_ONE_ACCOUNT {
            return None;
        }
        *taken += 1;
        Some(Place { user, accounts: Arc::clone(&self.accounts) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = accounts.get_mut(&self.user) {
            *taken -= 1;
            if *taken == 0 {
                accounts.remove(&self.user);
            }
        }
    }
}

impl Karat {
    /// To be held for as long as anything of the form is in memory. Only who finds room is counted.
    pub async fn room_for_upload(&self, user: UserId) -> Result<Room, NoRoom> {
        let room = self.uploads.take(user).await?;
        match self.within(FORMS, &format!("kyc:forms:{user}")).await {
            Ok(Ok(())) => Ok(room),
            Ok(Err(wait)) => Err(NoRoom::TooMany(wait)),
            Err(failure) => Err(NoRoom::Failed(failure)),
        }
    }
}
