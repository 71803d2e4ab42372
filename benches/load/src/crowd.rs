//! What apps feel while a crowd logs in.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::LocalSet;

use crate::browser::Browser;
use crate::engine;
use crate::process::Watch;
use crate::report::{Figure, WARM_UP};
use crate::scenario::{Scenario, name_of};
use crate::stage::{CALLERS, Provider};
use crate::world::World;

pub const SCENARIO: &str = "tokens_beside_500_log_ins";
const CROWD: usize = 500;
/// Tokens a second.
const RATE: f64 = 200.0;
/// Between somebody's log-ins.
const PAUSE: Duration = Duration::from_millis(20);

/// Tokens at a steady rate, beside as many log-ins by password at once.
pub async fn measure(provider: &mut Provider, measured: Duration) -> anyhow::Result<Figure> {
    let world = provider.world.clone();
    let watch = Watch::begin(&[provider.running.pid()])?;
    for worker in &mut provider.workers {
        worker.scenario = Scenario::ClientCredentials;
    }
    let (local, done) = (LocalSet::new(), Rc::new(Cell::new(false)));
    let crowd: Vec<_> =
        (0..CROWD).map(|number| local.spawn_local(person(world.clone(), CALLERS + number, done.clone()))).collect();
    let seen = local.run_until(async {
        tokio::time::sleep(WARM_UP).await;
        let seen = engine::open(&mut provider.workers, RATE, measured).await;
        let server = watch.end();
        done.set(true);
        (seen, server)
    });
    let (seen, server) = seen.await;
    let log_ins = local.run_until(async {
        let mut log_ins = 0;
        for one in crowd {
            log_ins += one.await.unwrap_or_default();
        }
        log_ins
    });
    eprintln!("{}: {} log-ins meanwhile", name_of(Scenario::Password), log_ins.await);
    let seen = seen?;
    Ok(Figure {
        provider: world.profile.name.clone(),
        scenario: SCENARIO.to_owned(),
        per_second: seen.per_second,
        rounds: vec![seen],
        server: server?,
        services: None,
        open: None,
    })
}

/// How often they got in. Whom a full queue refuses comes back when the answer says: what is measured is who else waits.
async fn person(world: Rc<World>, number: usize, done: Rc<Cell<bool>>) -> u32 {
    let mut log_ins = 0;
    while !done.get() {
        let start = world.authorization(&world.profile.app, "openid", &[]);
        let mut pause = PAUSE;
        if let (Ok(start), Ok(mut browser)) = (start, Browser::new(&world.base)) {
            let person = (&world.profile.people, number);
            log_ins += u32::from(browser.log_in(&start, &world.profile.app.redirect_uri, person).await.is_ok());
            pause = browser.told_to_wait.unwrap_or(PAUSE);
        }
        tokio::time::sleep(pause).await;
    }
    log_ins
}
