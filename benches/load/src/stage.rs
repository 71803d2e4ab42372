//! Everything that one report needs, started: the providers side by side, their services, the bare server. Who is not asked costs nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use argon2::password_hash::phc::Salt;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use crate::process::{self, Running, Services};
use crate::profile::Profile;
use crate::scenario::Worker;
use crate::world::World;

/// As many sessions at least.
pub const CALLERS: usize = 64;
pub const PEOPLE: usize = 600;

/// Which cores the servers have, and which the load.
#[derive(Clone, Debug)]
pub struct Cores {
    pub server: String,
    pub load: String,
}

pub struct Provider {
    pub world: Rc<World>,
    pub workers: Vec<Worker>,
    pub running: Running,
    /// Of its services, where it has some.
    pub services: Option<Rc<Services>>,
}

pub struct Stage {
    root: PathBuf,
    folder: PathBuf,
    cores: Cores,
    services: Option<Rc<Services>>,
    places: usize,
}

/// Where a provider keeps what it has.
pub struct Place {
    pub profile: Profile,
    pub folder: PathBuf,
    services: Option<Rc<Services>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    Empty,
    WithPeople,
}

impl Stage {
    pub fn new(root: PathBuf, folder: PathBuf, cores: Cores) -> Self {
        Self { root, folder, cores, services: None, places: 0 }
    }

    /// A provider with its callers.
    pub async fn provider(&mut self, path: &Path) -> anyhow::Result<Provider> {
        let place = self.place(path, Filled::WithPeople)?;
        self.open(&place).await
    }

    /// A folder of its own with everything that the profile names; nothing runs in it yet.
    pub fn place(&mut self, path: &Path, filled: Filled) -> anyhow::Result<Place> {
        let profile = Profile::read(path)?;
        let name = path.file_stem().context("a profile is a file")?.to_string_lossy().into_owned();
        self.places += 1;
        let folder = self.folder.join(format!("{}-{name}", self.places));
        fs::create_dir_all(&folder)?;
        let services = match profile.services.is_empty() {
            true => None,
            false => Some(self.services()?),
        };
        let mut values = BTreeMap::from([
            ("root", self.root.display().to_string()),
            ("folder", folder.display().to_string()),
            ("port", process::free_port()?.to_string()),
            ("secret", secret()?),
        ]);
        if let Some(services) = &services {
            let postgres = services.database(&format!("place_{}", self.places))?;
            values.extend([("postgres", postgres), ("redis", services.redis.clone())]);
        }
        let profile = profile.filled(&values);
        for file in &profile.files {
            fs::write(folder.join(&file.path), &file.text)?;
        }
        if filled == Filled::WithPeople {
            write_people(&profile, &folder.join("people.jsonl"))?;
            for command in &profile.before {
                process::run(command, &folder, &profile.environment).with_context(|| profile.name.clone())?;
            }
        }
        Ok(Place { profile, folder, services })
    }

    /// Starts what is in the folder.
    pub fn start(&self, place: &Place) -> anyhow::Result<Running> {
        let profile = &place.profile;
        let log = place.folder.join("log");
        Running::start(&profile.name, &profile.start, (&self.cores.server, &log), &profile.environment)
    }

    pub async fn open(&self, place: &Place) -> anyhow::Result<Provider> {
        let mut running = self.start(place)?;
        let world = World::of(place.profile.clone(), Duration::from_secs(30)).await;
        running.is_running().with_context(|| fs::read_to_string(place.folder.join("log")).unwrap_or_default())?;
        let world = Rc::new(world?);
        let workers = world.workers(CALLERS).await?;
        Ok(Provider { world, workers, running, services: place.services.clone() })
    }

    fn services(&mut self) -> anyhow::Result<Rc<Services>> {
        if let Some(services) = &self.services {
            return Ok(services.clone());
        }
        let started = Rc::new(Services::start(&self.root, &self.folder, &self.cores.server)?);
        self.services = Some(started.clone());
        Ok(started)
    }
}

/// One JSON object a line, with an Argon2id hash of the cost that OWASP names (19 MiB, 2 passes). One hash is enough for all:
/// nobody looks for it, and a log-in costs the same.
fn write_people(profile: &Profile, path: &Path) -> anyhow::Result<()> {
    let cost = Params::new(19_456, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
    let salt = Salt::from_b64("bm90LXNlY3JldC1zYWx0").map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash = hasher
        .hash_password_with_salt(profile.people.password.as_bytes(), &salt)
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .to_string();
    let line = |number| {
        let email = profile.people.name_of(number);
        format!("{}\n", serde_json::json!({ "email": email, "email_verified": true, "password_hash": hash }))
    };
    let text: String = (0..PEOPLE).map(line).collect();
    fs::write(path, text)?;
    Ok(())
}

fn secret() -> anyhow::Result<String> {
    let mut bytes = [0; 24];
    aws_lc_rs::rand::fill(&mut bytes).ok().context("no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
