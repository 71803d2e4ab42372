//! The server is killed under load, again and again: nothing that it acknowledged is lost.
//!
//! Acknowledged is what an answer said: a person was told that the account exists, that the app has their consent; an
//! app was told that a token is revoked, or was given the successor of a refresh token. What was asked and not answered
//! may have happened or not, and must leave nothing half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::process::Installation;
use crate::smtp::SmtpServer;
use crate::visitor::{Gone, KnownClient, Visitor, six_digits};

const ROUNDS: usize = 20;
const PEOPLE: usize = 4;
/// Apps that a person can consent to; each once.
const APPS: usize = 400;
const PASSWORD: &str = "trumpets under seven oceans";

/// What has been acknowledged, and not yet looked for after a kill.
#[derive(Default)]
struct Acknowledged {
    registered: Vec<String>,
    /// Person and app.
    consented: Vec<(usize, usize)>,
    /// Refresh and access token.
    revoked: Vec<(String, String)>,
    /// Superseded refresh token, and the successor that was given for its successor.
    rotated: Vec<Rotation>,
}

/// `first` was shown and answered with `second`, which was shown and answered with `third`.
struct Rotation {
    first: String,
    third: String,
}

/// How much was acknowledged altogether, by kind.
#[derive(Default, Debug)]
struct Totals {
    registered: usize,
    consented: usize,
    revoked: usize,
    rotated: usize,
}

struct World {
    installation: Installation,
    smtp: SmtpServer,
    apps: Vec<KnownClient>,
    /// Logged in before the first kill; their sessions have to last.
    people: Vec<Visitor>,
    next_address: AtomicUsize,
    /// For each person: the next app that has no consent yet.
    next_app: [AtomicUsize; PEOPLE],
    acknowledged: Mutex<Acknowledged>,
    /// Addresses whose owners were told that a mail is on its way.
    promised: Mutex<Vec<String>>,
}

impl World {
    /// The app that revocations and rotations are done with.
    fn own_app(&self) -> &KnownClient {
        &self.apps[0]
    }

    /// Registers people until the server is gone.
    async fn register(&self) -> Result<(), Gone> {
        loop {
            let number = self.next_address.fetch_add(1, Ordering::Relaxed);
            let address = format!("person{number}@example.com");
            let visitor = Visitor::new(&self.installation.base());
            let form = visitor.get("/register").await?;
            let fields = [("email", address.as_str()), ("password", PASSWORD), ("accept_terms", "yes")];
            let verify = visitor.submit(&form, &fields).await?;
            assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
            self.promised.lock().await.push(address.clone());
            let Some(mail) = self.mail_within(&address, Duration::from_secs(3)).await else { return Ok(()) };
            let done = visitor.submit(&verify, &[("code", &six_digits(&mail))]).await?;
            assert_eq!(done.path(), "/register/done", "{}", done.text());
            self.acknowledged.lock().await.registered.push(address);
        }
    }

    /// `None` when none comes: whoever sends it may be dead.
    async fn mail_within(&self, address: &str, time: Duration) -> Option<String> {
        let began = Instant::now();
        while began.elapsed() < time {
            if let Some(mail) = self.smtp.mails_to(address).first() {
                return Some(mail.text());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// Gives consent to one app after the other, while there are any.
    async fn consent(&self, person: usize) -> Result<(), Gone> {
        loop {
            let app = self.next_app[person].fetch_add(1, Ordering::Relaxed);
            if app >= APPS {
                return Ok(());
            }
            let page = self.people[person].authorize(&self.apps[app], &[]).await?;
            assert_eq!(page.path(), "/consent", "{}", page.text());
            let back = self.people[person].submit(&page, &[("decision", "allow")]).await?;
            assert!(back.param("code").is_some(), "{}", back.url);
            self.acknowledged.lock().await.consented.push((person, app));
        }
    }

    /// Refresh and access token of a fresh grant.
    async fn grant(&self, person: usize) -> Result<(String, String), Gone> {
        let back = self.people[person].authorize(self.own_app(), &[("prompt", "none")]).await?;
        let code = back.param("code").unwrap_or_else(|| panic!("the session is lost: {}", back.url));
        let (status, tokens) = self.people[person].redeem(self.own_app(), &code).await?;
        assert_eq!(status, 200, "{tokens}");
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Ok((text("refresh_token"), text("access_token")))
    }

    async fn revoke(&self, person: usize) -> Result<(), Gone> {
        loop {
            let (refresh, access) = self.grant(person).await?;
            let (status, _) = self.people[person].ask(self.own_app(), "/revoke", &[("token", &refresh)]).await?;
            assert_eq!(status, 200);
            self.acknowledged.lock().await.revoked.push((refresh, access));
        }
    }

    async fn rotate(&self, person: usize) -> Result<(), Gone> {
        loop {
            let (first, _) = self.grant(person).await?;
            let second = self.successor(person, &first).await?;
            let third = self.successor(person, &second).await?;
            self.acknowledged.lock().await.rotated.push(Rotation { first, third });
        }
    }

    async fn successor(&self, person: usize, token: &str) -> Result<String, Gone> {
        let (status, tokens) = self.people[person].refresh(self.own_app(), token).await?;
        assert_eq!(status, 200, "{tokens}");
        Ok(tokens["refresh_token"].as_str().unwrap().to_owned())
    }

    /// Waits until there is something to lose of each kind, for a few seconds at most.
    async fn something_of_each_kind(&self) {
        for _ in 0..80 {
            let so_far = self.acknowledged.lock().await;
            let each = [so_far.registered.len(), so_far.consented.len(), so_far.revoked.len(), so_far.rotated.len()];
            drop(so_far);
            if !each.contains(&0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that was acknowledged before the kill is so after it.
    async fn look_for(&self, acknowledged: &Acknowledged) -> Result<(), Gone> {
        for address in &acknowledged.registered {
            let visitor = Visitor::new(&self.installation.base());
            visitor.log_in(address, PASSWORD).await?;
            let back = visitor.authorize(self.own_app(), &[("prompt", "none")]).await?;
            assert_eq!(back.param("error").as_deref(), Some("consent_required"), "{address} is lost: {}", back.url);
        }
        for (person, app) in &acknowledged.consented {
            let back = self.people[*person].authorize(&self.apps[*app], &[("prompt", "none")]).await?;
            assert!(back.param("code").is_some(), "a consent is lost: {}", back.url);
        }
        let visitor = &self.people[0];
        for (refresh, access) in &acknowledged.revoked {
            let (_, told) = visitor.ask(self.own_app(), "/introspect", &[("token", access)]).await?;
            assert_eq!(told["active"], false, "a revocation is lost");
            let (status, _) = visitor.refresh(self.own_app(), refresh).await?;
            assert_eq!(status, 400, "a revocation is lost");
        }
        for (index, Rotation { first, third }) in acknowledged.rotated.iter().enumerate() {
            if index % 2 == 0 {
                let (status, told) = visitor.refresh(self.own_app(), third).await?;
                assert_eq!(status, 200, "the newest refresh token is lost: {told}");
            } else {
                let (status, _) = visitor.refresh(self.own_app(), first).await?;
                assert_eq!(status, 400, "a rotation is lost: a superseded token is honoured");
                let (status, _) = visitor.refresh(self.own_app(), third).await?;
                assert_eq!(status, 400, "a theft that was seen is forgotten");
            }
        }
        Ok(())
    }
}

async fn world() -> World {
    let smtp = SmtpServer::start().await;
    let apps: Vec<_> = (0..APPS).map(|number| KnownClient::new(&format!("app{number}"))).collect();
    let clients: String = apps.iter().map(KnownClient::config).collect();
    let installation = Installation::with(&format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\ntimeout = \"2s\"\n[log]\nlevel = \"warn\"\n\
         [throttle]\nregistrations_per_address = \"100000 per 1h\"\nmails_per_address = \"100000 per 1h\"\n\
         guesses_per_address = \"100000 per 1h\"\n\
         logins_per_address = \"100000 per 1h\"\nlogins_per_account = \"100000 per 1h\"\n{clients}",
        smtp.port(),
    ));
    let mut people = Vec::new();
    let server = installation.serve().await;
    for number in 0..PEOPLE {
        let email = format!("owner{number}@example.com");
        let arguments = ["user", "add", "--email", &email, "--password-stdin"];
        installation.karat_with(&arguments, &format!("{PASSWORD}\n")).succeeded();
        let visitor = Visitor::new(&installation.base());
        let login = visitor.authorize(&apps[0], &[]).await.unwrap();
        let terms = visitor.submit(&login, &[("email", &email), ("password", PASSWORD)]).await.unwrap();
        let consent = visitor.submit(&terms, &[("accept_terms", "yes")]).await.unwrap();
        let back = visitor.submit(&consent, &[("decision", "allow")]).await.unwrap();
        assert!(back.param("code").is_some(), "{}", back.url);
        people.push(visitor);
    }
    server.stop().await;
    World {
        installation,
        smtp,
        apps,
        people,
        next_address: AtomicUsize::new(0),
        next_app: [1; PEOPLE].map(AtomicUsize::new),
        acknowledged: Mutex::default(),
        promised: Mutex::default(),
    }
}

/// Starts every kind of work, several at once.
fn load(world: &Arc<World>) -> JoinSet<Result<(), Gone>> {
    let mut work = JoinSet::new();
    for person in 0..PEOPLE {
        let [a, b, c, d] = [0; 4].map(|_| world.clone());
        work.spawn(async move { a.consent(person).await });
        work.spawn(async move { b.revoke(person).await });
        work.spawn(async move { c.rotate(person).await });
        if person < 2 {
            work.spawn(async move { d.register().await });
        }
    }
    work
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_twenty_times_nothing_acknowledged_is_lost() {
    let world = Arc::new(world().await);
    let mut totals = Totals::default();
    let mut server = world.installation.serve().await;
    for round in 0..ROUNDS {
        let mut work = load(&world);
        world.something_of_each_kind().await;
        // Never at the same point of the work.
        tokio::time::sleep(Duration::from_millis(37 * round as u64 % 300)).await;
        server.signal("KILL");
        server.ended(Duration::from_secs(5)).await;
        while let Some(ended) = work.join_next().await {
            match ended {
                Ok(Ok(()) | Err(_)) => {}
                Err(panic) => panic!("round {round}: {panic}"),
            }
        }

        server = world.installation.serve().await;
        let acknowledged = std::mem::take(&mut *world.acknowledged.lock().await);
        world.look_for(&acknowledged).await.unwrap_or_else(|gone| panic!("round {round}: {gone}"));
        totals.registered += acknowledged.registered.len();
        totals.consented += acknowledged.consented.len();
        totals.revoked += acknowledged.revoked.len();
        totals.rotated += acknowledged.rotated.len();
    }
    for address in world.promised.lock().await.iter() {
        // What was being sent at a kill is sent again once its lease has run out.
        assert!(world.mail_within(address, Duration::from_secs(60)).await.is_some(), "{address} got no mail");
    }
    println!("acknowledged and found: {totals:?}");
    let least = [totals.registered, totals.consented, totals.revoked, totals.rotated].into_iter().min().unwrap();
    assert!(least >= ROUNDS / 2, "there was too little to lose: {totals:?}");
    server.stop().await;
}
