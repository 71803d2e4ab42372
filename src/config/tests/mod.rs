//! Defaults, layers, and what the environment says.

mod mistakes;

use std::collections::BTreeSet;

use super::*;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Seconds;

const NO_ENV: [(&str, &str); 0] = [];

fn read(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_text("karat.toml", text, variables(env))
}

fn variables(env: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

/// The lines that the operator sees.
fn refused(text: &str, env: &[(&str, &str)]) -> Vec<String> {
    match read(text, env) {
        Ok(_) => panic!("accepted: {text} {env:?}"),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// Keys of the default configuration by section: those that are set, and those that are commented out (`# key = ...`,
/// `# # key = ...`).
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut section = String::new();
    let mut keys = BTreeMap::<String, BTreeSet<String>>::new();
    for line in DEFAULTS.lines() {
        let line = line.trim_start_matches(['#', ' ']);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim_matches(['[', ']']).to_owned();
            keys.entry(section.clone()).or_default();
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            keys.entry(section.clone()).or_default().insert(key.to_owned());
        }
    }
    keys
}

/// The keys that the message about an unknown key says are known.
fn known(text: &str) -> BTreeSet<String> {
    let lines = refused(text, &NO_ENV);
    let (_, list) = lines[0].split_once("expected ").expect("the message lists what is known");
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_defaults_are_a_whole_configuration() {
    let config = Config::load(None, variables(&NO_ENV)).unwrap();
    assert_eq!(config.server.issuer.as_str(), "http://localhost:8080");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.storage.url.expose(), "sqlite:data/karat.db");
    assert_eq!(config.tokens.access_token_lifetime, Seconds::minutes(5));
    assert_eq!(config.tokens.refresh_absolute_lifetime, Seconds::days(180));
    assert_eq!(config.passwords.argon2_memory_kib, 19_456);
    assert_eq!(config.throttle.guesses_per_account, Rate { count: 10, window: Seconds::minutes(15) });
    assert_eq!(config.server.request_body_limit, ByteSize(65_536));
    assert!(config.clients.is_empty() && config.mail.password.is_none() && config.keys.sealing_key.is_none());
    assert_eq!(config.warnings(), Vec::<String>::new());
    config.ready_for_people().unwrap();
}

#[test]
fn the_default_file_read_over_itself_changes_nothing() {
    let twice = read(DEFAULTS, &NO_ENV).unwrap();
    let once = Config::load(None, variables(&NO_ENV)).unwrap();
    let shown = |config: &Config| {
        let config = Config { origins: Origins::default(), ..config.clone() };
        format!("{config:?}")
    };
    assert_eq!(shown(&twice), shown(&once));
}

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let documented = documented();
    let sections: BTreeSet<String> = documented.keys().cloned().collect();
    assert_eq!(known("[zz]"), sections);
    for (section, keys) in &documented {
        let text = match section.as_str() {
            "client" => "[[client]]\nclient_id = 'a'\nkind = 'web'\nzz = 1".to_owned(),
            _ => format!("[{section}]\nzz = 1"),
        };
        assert_eq!(&known(&text), keys, "[{section}]");
    }
}

#[test]
fn the_reference_of_keys_is_a_contract() {
    let mut reference = String::new();
    for (section, keys) in documented() {
        for key in keys {
            reference.push_str(&format!("{section}.{key}\n"));
        }
    }
    insta::assert_snapshot!(reference);
}

#[test]
fn commented_keys_are_accepted_when_they_are_uncommented() {
    let text = "[server]\ntls_certificate = 'a.pem'\ntls_key = 'b.pem'\nissuer = 'https://id.example.com'\n\
                [mail]\ntls = 'starttls'\nusername = 'karat'\npassword = 'x'\nreply_to = 'Support <support@example.com>'\n\
                [terms]\nurl = 'https://example.com/terms'\n\
                [brand]\nsupport_url = 'https://example.com'\nsupport_email = 'a@example.com'\n\
                [pages]\ntemplates_dir = 'templates'\n[outgoing]\ncertificate_authorities = 'ca.pem'";
    let config = read(text, &NO_ENV).unwrap();
    assert_eq!(config.mail.password.unwrap().expose(), "x");
    assert_eq!(config.mail.reply_to.unwrap().email.to_string(), "support@example.com");
    let config = read("[terms]\nfile = 'terms.txt'", &NO_ENV).unwrap();
    assert_eq!(config.terms.file.unwrap().to_str(), Some("terms.txt"));
}

#[test]
fn the_client_example_in_the_comments_reads() {
    let start = DEFAULTS.find("# [[client]]").unwrap();
    let example: String = DEFAULTS[start..]
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter(|line| !line.starts_with("client_secret_env") && !line.starts_with("client_secret_hash"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let config = read(&example, &NO_ENV).unwrap();
    let client = &config.clients[0];
    assert_eq!((client.client_id.as_str(), client.kind), ("trading-app", ApplicationType::Web));
    assert_eq!(client.redirect_uris, ["https://app.example.com/callback"]);
    assert_eq!(client.access_token_lifetime, Some(Seconds::minutes(5)));
    assert_eq!(client.require_pkce, Some(true));
}

#[test]
fn the_file_lies_over_the_defaults_and_the_environment_over_both() {
    let text = "[tokens]\naccess_token_lifetime = '3m'\nid_token_lifetime = '4m'";
    let config = read(text, &[("KARAT_TOKENS__ID_TOKEN_LIFETIME", "2m"), ("PATH", "/bin")]).unwrap();
    assert_eq!(config.tokens.access_token_lifetime, Seconds::minutes(3));
    assert_eq!(config.tokens.id_token_lifetime, Seconds::minutes(2));
    assert_eq!(config.tokens.authorization_code_lifetime, Seconds(60));
}

#[test]
fn variables_hold_numbers_booleans_lists_and_text() {
    let config = read(
        "",
        &[
            ("KARAT_STORAGE__MAX_CONNECTIONS", "3"),
            ("KARAT_STORAGE__URL", "postgres://karat:p%40ss@db/karat?sslmode=require"),
            ("KARAT_REGISTRATION__ENABLED", "false"),
            ("KARAT_SERVER__TRUSTED_PROXIES", r#"["10.0.0.0/8", "::1"]"#),
            ("KARAT_SERVER__LISTEN", "0.0.0.0:9000"),
            ("KARAT_BRAND__NAME", "\"Karat Two\""),
        ],
    )
    .unwrap();
    assert_eq!(config.storage.max_connections, 3);
    assert!(config.storage.url.expose().ends_with("sslmode=require"));
    assert!(!config.registration.enabled);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.server.listen.port(), 9000);
    assert_eq!(config.brand.name, "Karat Two");
}

#[test]
fn a_variable_that_looks_like_a_number_is_text_where_text_is_wanted() {
    let config = read(
        "[mail]\ntls = 'implicit'\nusername = 'karat'",
        &[("KARAT_MAIL__PASSWORD", "0123"), ("KARAT_TERMS__VERSION", "2026-11-01"), ("KARAT_BRAND__NAME", "7")],
    );
    let config = config.unwrap();
    assert_eq!(config.mail.password.unwrap().expose(), "0123");
    assert_eq!(config.terms.version, "2026-11-01");
    assert_eq!(config.brand.name, "7");
}

#[test]
fn variables_of_others_are_left_alone() {
    read("", &[("KARAT_PORT", "tcp://10.0.0.1:80"), ("KARAT_SEALING_KEY", "x"), ("XKARAT_A__B", "x")]).unwrap();
}

#[test]
fn secrets_are_taken_from_the_variables_that_keys_name() {
    let text = "[keys]\nsealing_key_env = 'SEALING'\n[mail]\ntls = 'implicit'\nusername = 'karat'\npassword_env = 'SMTP'\n\
                [[client]]\nclient_id = 'a'\nkind = 'web'\nclient_secret_env = 'A_SECRET'";
    let env = [("SEALING", "k"), ("SMTP", "p"), ("A_SECRET", "s")];
    let config = read(text, &env).unwrap();
    assert_eq!(config.keys.sealing_key.unwrap().expose(), "k");
    assert_eq!(config.mail.password.unwrap().expose(), "p");
    assert_eq!(config.clients[0].client_secret.as_ref().unwrap().expose(), "s");

    let lines = refused(text, &[("SMTP", "")]);
    assert!(lines[0].starts_with("karat.toml:2: keys.sealing_key_env: there is no environment variable SEALING"));
    assert!(lines[1].starts_with("karat.toml:6: mail.password_env: the environment variable SMTP is empty"));
    assert!(lines[2].starts_with("karat.toml:10: client[0].client_secret_env: "), "{lines:#?}");
}
