//! `karat demo`: the provider, a trading app, a wallet app and the desk on four neighbouring ports of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use url::Url;

use super::{demo_people, logging, start};
use crate::app::App;
use crate::config::Config;
use crate::crypto::clock::Clock;
use crate::crypto::random::random_bytes;
use crate::crypto::token::Secret;
use crate::demo::desk::{DemoMail, DeskSettings, MailsFuture, Outbox, OutboxError, Place};
use crate::demo::people::DemoPerson;
use crate::demo::{desk, people, trading, wallet};
use crate::domain::ids::UserId;
use crate::domain::user::{Condition, User};
use crate::flow::Karat;
use crate::storage;

/// Marks a database that holds the demo's people: their passwords are printed, so `serve` refuses it.
pub(super) const DEMO_MARK: &str = "demo";

const TRADING: &str = "demo-trading";
const WALLET: &str = "demo-wallet";
/// The mails the desk lists.
const MAILS_SHOWN: i64 = 100;
/// Where visitors of the demo may have their numbers; nothing is really sent.
const COUNTRIES: &str = r#"["AT", "BR", "CH", "DE", "ES", "FR", "GB", "IN", "IT", "JP", "MX", "NL", "PL", "PT", "US"]"#;
/// Known to everybody: the demo listens on loopback only, and `serve` knows nothing of it.
const TRADING_SECRET: &str = "demo-trading-secret-for-this-machine-only";

#[derive(Args)]
pub struct DemoArguments {
    /// The provider's port; the trading app, the wallet app and the desk take the three that follow.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where accounts, sessions and keys are kept.
    #[arg(long, value_name = "FOLDER", default_value = "data/demo")]
    data: PathBuf,
}

pub async fn run(arguments: DemoArguments) -> anyhow::Result<()> {
    let ports = [0, 1, 2, 3].map(|offset| arguments.port.checked_add(offset));
    let [Some(provider), Some(trading), Some(wallet), Some(desk)] = ports else {
        anyhow::bail!("--port must leave room for three more ports");
    };
    write_logos(&arguments.data).with_context(|| format!("cannot write to {}", arguments.data.display()))?;
    let config = configuration(&arguments, [provider, trading, wallet])?;
    logging::start(&config.log);
    let listen = |port| start::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).context("choose another --port");
    let [provider, trading, wallet, desk] = [listen(provider)?, listen(trading)?, listen(wallet)?, listen(desk)?];
    let app = App::build(config, Clock::system()).await?;
    let karat = &app.karat;
    karat.store.shared_secret(DEMO_MARK, random_bytes(), karat.now()).await?;
    for person in people() {
        seed(&app.karat, &person).await.with_context(|| format!("cannot make {}", person.email))?;
    }
    let apps = start_apps(&app, [trading, wallet, desk])?;
    introduce(&app, &apps);
    let served = start::until_stopped(&app, provider, None).await;
    drop(apps);
    served
}

struct Apps {
    trading: Url,
    wallet: Url,
    desk: Url,
    _running: [crate::demo::Running; 3],
}

fn start_apps(app: &App, listeners: [std::net::TcpListener; 3]) -> anyhow::Result<Apps> {
    let [trading, wallet, desk] = listeners.map(|listener| -> anyhow::Result<_> {
        listener.set_nonblocking(true)?;
        let url: Url = format!("http://localhost:{}", listener.local_addr()?.port()).parse()?;
        Ok((tokio::net::TcpListener::from_std(listener)?, url))
    });
    let ((trading_listener, trading_url), (wallet_listener, wallet_url)) = (trading?, wallet?);
    let (desk_listener, desk_url) = desk?;
    let issuer = app.karat.issuer().to_owned();
    let trading = trading::start(trading::TradingSettings {
        listener: trading_listener,
        base_url: trading_url.clone(),
        issuer: issuer.clone(),
        client_id: TRADING.to_owned(),
        client_secret: TRADING_SECRET.to_owned(),
        clock: app.karat.clock.clone(),
    })?;
    let wallet = wallet::start(wallet::WalletSettings {
        listener: wallet_listener,
        base_url: wallet_url.clone(),
        issuer: issuer.clone(),
        client_id: WALLET.to_owned(),
        clock: app.karat.clock.clone(),
    })?;
    let place = |name: &str, url: &str, about: &str| Place {
        name: name.to_owned(),
        url: url.to_owned(),
        about: about.to_owned(),
    };
    let places = vec![
        place("Trading app", trading_url.as_str(), "A confidential client: it keeps a secret on its server."),
        place("Wallet app", wallet_url.as_str(), "A public client: it proves itself by PKCE."),
        place("Your account", &format!("{issuer}/account"), "What a person sees of their own account at Karat."),
        place(
            "Identity",
            &format!("{issuer}/account/verification"),
            "How far a person is verified, and the way to the next level.",
        ),
        place(
            "Review",
            &format!("{issuer}/review"),
            "Where people of the operator decide applications: for Rita only.",
        ),
        place(
            "Console",
            &format!("{issuer}/admin"),
            "Where the operator's people look after apps and accounts: for Olga and, what is hers, Rita.",
        ),
        place("Register", &format!("{issuer}/register"), "Make an account of your own; its mails arrive on this desk."),
    ];
    let outbox = Arc::new(KeptMails(app.karat.clone()));
    let settings =
        DeskSettings { base_url: desk_url.clone(), places, people: people(), outbox, clock: app.karat.clock.clone() };
    let desk = desk::start(desk_listener, settings)?;
    Ok(Apps { trading: trading_url, wallet: wallet_url, desk: desk_url, _running: [trading, wallet, desk] })
}

fn introduce(app: &App, apps: &Apps) {
    println!("Karat's demo is running on this machine only. Open one of these:\n");
    println!("  {:<24} the desk: links, test log-ins and every mail", apps.desk.as_str());
    println!("  {:<24} a trading app", apps.trading.as_str());
    println!("  {:<24} a wallet app", apps.wallet.as_str());
    println!("  {:<24} the provider", app.karat.issuer());
    println!("  {:<24} the operator's console, for olga@example.com\n", format!("{}/admin", app.karat.issuer()));
    println!("People to log in as:\n");
    for person in people() {
        println!("  {:<24} {:<28} {}", person.email, person.password, person.story);
    }
    println!("\nStop with Ctrl-C; accounts and sessions are kept.");
}

/// Clients show their logo from a file, as an operator would give it.
fn write_logos(data: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(data)?;
    for (id, logo) in [(TRADING, trading::LOGO), (WALLET, wallet::LOGO)] {
        std::fs::write(data.join(format!("{id}.svg")), logo)?;
    }
    Ok(())
}

fn configuration(arguments: &DemoArguments, [provider, trading, wallet]: [u16; 3]) -> anyhow::Result<Config> {
    let data = arguments.data.to_str().context("--data must be valid UTF-8")?;
    let data = data.replace('\\', "\\\\").replace('"', "\\\"");
    let (trading_scopes, wallet_scopes) =
        ([trading::SCOPES, trading::LATER].concat().join(" "), [wallet::SCOPES, wallet::LATER].concat().join(" "));
    let client = |id: &str, name: &str, port: u16, rest: &str| {
        let base = format!("http://localhost:{port}");
        format!(
            "[[client]]\nclient_id = \"{id}\"\nclient_name = \"{name}\"\n\
             redirect_uris = [\"{base}{}\"]\npost_logout_redirect_uris = [\"{base}{}\"]\n\
             backchannel_logout_uri = \"{base}{}\"\nevents_uri = \"{base}{}\"\nclient_uri = \"{base}\"\nverified = true\n\
             logo = \"{data}/{id}.svg\"\n{rest}\n",
            crate::demo::REDIRECT_PATH,
            crate::demo::POST_LOGOUT_PATH,
            crate::demo::BACKCHANNEL_LOGOUT_PATH,
            crate::demo::EVENTS_PATH,
        )
    };
    let text = format!(
        "[server]\nissuer = \"http://localhost:{provider}\"\nlisten = \"127.0.0.1:{provider}\"\n\
         [storage]\nurl = \"sqlite:{data}/karat.db\"\n[keys]\nsealing_key_file = \"{data}/sealing.key\"\n\
         [mail]\ntransport = \"outbox\"\n[sms]\nenabled = true\ngateways = [\"outbox\"]\ncountries = {COUNTRIES}\n[holds]\nfirst_factor = \"0s\"\n[log]\nformat = \"text\"\nlevel = \"warn\"\n\
         [outgoing]\nallow = [\"localhost:{trading}\", \"localhost:{wallet}\"]\n{}{}",
        client(
            TRADING,
            trading::NAME,
            trading,
            &format!("kind = \"web\"\nclient_secret = \"{TRADING_SECRET}\"\nscope = \"openid {trading_scopes}\""),
        ),
        client(
            WALLET,
            wallet::NAME,
            wallet,
            &format!(
                "kind = \"native\"\naudience = [\"http://localhost:{wallet}\"]\nid_token_signed_response_alg = \"ES256\"\nscope = \"openid {wallet_scopes}\""
            ),
        ),
    );
    Ok(Config::from_text("the demo's configuration", &text, std::iter::empty())?)
}

/// Makes the account once; later starts leave it as the visitor has changed it.
async fn seed(karat: &Karat, person: &DemoPerson) -> anyhow::Result<()> {
    let now = karat.now();
    let email: crate::domain::email::EmailAddress = person.email.parse()?;
    if karat.store.user_by_email(&email).await?.is_some() {
        return Ok(());
    }
    let user = User {
        id: UserId::new(karat.new_id()),
        email,
        email_verified_at: person.email_verified.then_some(now),
        profile: person.claims(),
        locale: "en".to_owned(),
        condition: Condition::Active,
        created_at: now,
        updated_at: now,
        password_changed_at: now,
        hold_until: None,
        protection: Default::default(),
        kyc: Default::default(),
    };
    let id = user.id;
    let hash = karat.passwords.hash(&Secret::new(person.password)).await?;
    let mut change = karat.store.begin().await?;
    change.add_user(&user, &hash).await?;
    change.accept_terms(user.id, &karat.settings.terms.version, now).await?;
    match change.commit().await {
        Ok(()) => demo_people::take_there(karat, id, person).await,
        Err(storage::Error::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The desk's view of the outbox: mails and text messages that were kept instead of sent.
pub struct KeptMails(pub Arc<Karat>);

impl Outbox for KeptMails {
    fn mails(&self) -> MailsFuture<'_> {
        Box::pin(async {
            let unreadable = |error: storage::Error| OutboxError(error.to_string());
            let kept = self.0.store.kept_mails(MAILS_SHOWN).await.map_err(unreadable)?;
            let messages = self.0.store.kept_sms(MAILS_SHOWN).await.map_err(unreadable)?;
            let messages = messages.into_iter().map(|kept| DemoMail {
                id: kept.id,
                to: kept.sms.to,
                subject: "Text message".to_owned(),
                text: kept.sms.text,
                html: None,
                sent_at: kept.at,
            });
            let mails = kept.into_iter().map(|kept| DemoMail {
                id: kept.id,
                to: kept.mail.to,
                subject: kept.mail.subject,
                text: kept.mail.text,
                html: Some(kept.mail.html),
                sent_at: kept.at,
            });
            let mut all: Vec<DemoMail> = mails.chain(messages).collect();
            // Ids sort by time, and tell apart what came in one second.
            all.sort_by(|a, b| (b.sent_at, &b.id).cmp(&(a.sent_at, &a.id)));
            Ok(all)
        })
    }
}
