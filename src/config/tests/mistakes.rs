//! What is refused, and the lines that mistakes are reported with.

use std::path::Path;

use super::{NO_ENV, read, refused, variables};
use crate::config::{Config, DEFAULTS};

/// Asserts one mistake, at the place and key, that says something.
#[track_caller]
fn one_mistake(text: &str, place_and_key: &str, says: &str) {
    let lines = refused(text, &NO_ENV);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with(&format!("{place_and_key}: ")) && lines[0].contains(says), "{lines:#?}");
}

#[test]
fn a_mistake_names_file_line_and_key() {
    one_mistake("[tokens]\n\nacces_token_lifetime = '5m'", "karat.toml:3: tokens.acces_token_lifetime", "unknown key");
    one_mistake("\n[servre]\nlisten = 'x'", "karat.toml:2: servre", "unknown key");
    one_mistake("[storage]\nmax_connections = 'many'", "karat.toml:2: storage.max_connections", "expected u32");
    one_mistake("[storage]\nmax_connections = -1", "karat.toml:2: storage.max_connections", "-1");
    one_mistake("[storage]\nmax_connections = 0", "karat.toml:2: storage.max_connections", "from 1 to 1000");
    one_mistake("[registration]\nenabled = 'yes'", "karat.toml:2: registration.enabled", "boolean");
    one_mistake("[tokens]\naccess_token_lifetime = 300", "karat.toml:2: tokens.access_token_lifetime", "string");
    one_mistake("[tokens]\naccess_token_lifetime = '5'", "karat.toml:2: tokens.access_token_lifetime", "\"5m\"");
    one_mistake(
        "[tokens]\naccess_token_lifetime = '2h'",
        "karat.toml:2: tokens.access_token_lifetime",
        "from 30s to 1h",
    );
    one_mistake("[server]\nlisten = 'localhost'", "karat.toml:2: server.listen", "socket address");
    one_mistake("[server]\nissuer = 'http://id.example.com'", "karat.toml:2: server.issuer", "loopback");
    one_mistake("[server]\nissuer = 'https://id.example.com/'", "karat.toml:2: server.issuer", "slash");
    one_mistake("[storage]\nurl = 'mysql://db/karat'", "karat.toml:2: storage.url", "postgres://");
    one_mistake("[storage]\nurl = 'sqlite:'", "karat.toml:2: storage.url", "no file");
    one_mistake("[ephemeral]\nurl = 'memcached:'", "karat.toml:2: ephemeral.url", "redis://");
    for (wrong, said) in [
        ("redis+sentinel://a:1,b:2", "redis+sentinel://HOST:PORT,HOST:PORT/NAME"),
        ("redis+sentinel://a:1,,b:2/main", "redis+sentinel://HOST:PORT,HOST:PORT/NAME"),
        ("redis+sentinel://a:1/main/two", "redis+sentinel://HOST:PORT,HOST:PORT/NAME"),
        ("rediss+cluster://", "redis+cluster://HOST:PORT,HOST:PORT"),
        ("redis+other://a:1", "must be"),
    ] {
        one_mistake(&format!("[ephemeral]\nurl = '{wrong}'"), "karat.toml:2: ephemeral.url", said);
    }
    for right in ["redis+sentinel://u:p@a:1,b,[::1]:3/main/2", "rediss+sentinel://a/main", "redis+cluster://:p@a:1,b:2"]
    {
        read(&format!("[ephemeral]\nurl = '{right}'"), &NO_ENV).unwrap();
    }
    one_mistake("[throttle]\nguesses_per_account = 10", "karat.toml:2: throttle.guesses_per_account", "string");
    one_mistake("[keys]\nalgorithms = ['ES256']", "karat.toml:2: keys.algorithms", "RS256");
    one_mistake("[keys]\nalgorithms = ['RS256', 'none']", "karat.toml:2: keys.algorithms[1]", "`none`");
    one_mistake("[mail]\ntransport = 'pigeon'", "karat.toml:2: mail.transport", "`pigeon`");
    one_mistake("[mail]\nfrom = 'nobody'", "karat.toml:2: mail.from", "mail address");
    one_mistake("[mail]\nfrom = \"a@b.example\\r\\nBcc: c@d.example\"", "karat.toml:2: mail.from", "mail address");
    one_mistake("[brand]\ndefault_locale = 'xx'", "karat.toml:2: brand.default_locale", "\"en\"");
    one_mistake("[brand]\nsupport_url = 'javascript:alert(1)'", "karat.toml:2: brand.support_url", "https");
    one_mistake("[terms]\nversion = ''", "karat.toml:2: terms.version", "1 to 64");
    one_mistake("[log]\nlevel = 'karat=loudly'", "karat.toml:2: log.level", "filter");
    one_mistake("[passwords]\nminimum_score = 5", "karat.toml:2: passwords.minimum_score", "from 0 to 4");
    one_mistake("[passwords]\nminimum_length = 6", "karat.toml:2: passwords.minimum_length", "from 8 to 64");
}

/// Every key of the default file, with every kind of value that it does not hold.
#[test]
fn a_wrong_type_at_any_key_is_reported_at_its_line() {
    let mut section = "";
    let mut tried = 0;
    for (index, line) in DEFAULTS.lines().enumerate() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let Some((key, right)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) else { continue };
        for wrong in ["true", "-1", "1.5", "'?'", "[{}]", "{ a = 1 }"] {
            let same_kind = match right {
                "true" | "false" => wrong == "true",
                // Free text: any is right.
                _ => ["name", "host", "version", "sealing_key_file"].contains(&key) && wrong == "'?'",
            };
            if same_kind {
                continue;
            }
            let mut lines: Vec<&str> = DEFAULTS.lines().collect();
            let changed = format!("{key} = {wrong}");
            lines[index] = &changed;
            let told = refused(&lines.join("\n"), &NO_ENV);
            let place = format!("karat.toml:{}: {section}.{}", index + 1, key.trim_matches('"'));
            assert!(told.len() == 1 && told[0].starts_with(&place), "{changed}: {told:#?}");
            tried += 1;
        }
    }
    assert!(tried > 250, "{tried}");
}

#[test]
fn a_demand_for_a_scope_is_checked_like_everything_else() {
    let entry = |content: &str| format!("[policy]\n'shop:pay' = {{ {content} }}");
    read(&entry("tier = 2, acr = 'phr', max_age = '5m', only_in = ['DE']"), &NO_ENV).unwrap();
    one_mistake(&entry("tier = 4"), "karat.toml:2: policy.shop:pay.tier", "0, 1, 2 or 3");
    one_mistake(&entry("acr = 'strong'"), "karat.toml:2: policy.shop:pay.acr", "urn:karat:acr:mfa");
    one_mistake(&entry("max_age = '5s'"), "karat.toml:2: policy.shop:pay.max_age", "from 1m");
    one_mistake(&entry("max_rage = '5m'"), "karat.toml:2: policy.shop:pay.max_rage", "unknown");
    one_mistake(&entry("only_in = ['DE']"), "karat.toml:2: policy.shop:pay.tier", "lives");
    one_mistake(
        &entry("tier = 1, only_in = ['DE'], not_in = ['ES']"),
        "karat.toml:2: policy.shop:pay.not_in",
        "only_in",
    );
    one_mistake("[policy]\nopenid = { tier = 1 }", "karat.toml:2: policy.openid", "second_factor");
    one_mistake(
        "[tier_2]\nprovider = 'review'\nproofs = ['document']\nvalid_for = '0s'\nreview_time = '1d'",
        "karat.toml:3: tier_2.proofs",
        "details",
    );
}

#[test]
fn a_mistake_inside_a_list_is_found_at_its_own_line() {
    let text = "[server]\ntrusted_proxies = [\n  '10.0.0.0/8',\n  '10.0.0.0/99',\n]";
    one_mistake(text, "karat.toml:4: server.trusted_proxies[1]", "network");
    let text = "[outgoing]\nallow = [\n  'localhost:1',\n  'localhost',\n]";
    one_mistake(text, "karat.toml:4: outgoing.allow[1]", "HOST:PORT");
}

#[test]
fn a_text_that_is_not_toml_is_refused_with_its_line() {
    let lines = refused("[server]\nlisten = = 1", &NO_ENV);
    assert!(lines[0].starts_with("karat.toml:2: "), "{lines:?}");
    let lines = refused("[server]\nlisten = '127.0.0.1:1'\nlisten = '127.0.0.1:2'", &NO_ENV);
    assert!(lines[0].starts_with("karat.toml:3: ") && lines[0].contains("duplicate"), "{lines:?}");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    one_mistake("[server]\nlisten = '0.0.0.0:8080'", "karat.toml:2: server.listen", "trusted_proxies");
    one_mistake("[server]\nlisten = '[::]:8080'", "karat.toml:2: server.listen", "trusted_proxies");
    one_mistake("[server]\ntls_key = 'k.pem'", "karat.toml:2: server.tls_key", "tls_certificate");
    one_mistake("[server]\ntrusted_proxies = ['0.0.0.0/0']", "karat.toml:2: server.trusted_proxies[0]", "everybody");
    let text = "[server]\nissuer = 'http://localhost:1'\ntls_certificate = 'c.pem'\ntls_key = 'k.pem'";
    one_mistake(text, "karat.toml:2: server.issuer", "https");
    let text = "[tokens]\nrefresh_idle_lifetime = '30d'\nrefresh_absolute_lifetime = '7d'";
    one_mistake(text, "karat.toml:3: tokens.refresh_absolute_lifetime", "from 30d");
    let text = "[sessions]\nidle_lifetime = '30d'\nabsolute_lifetime = '1d'";
    one_mistake(text, "karat.toml:3: sessions.absolute_lifetime", "from 30d");
    one_mistake("[mail]\nhost = 'mx.example.com'\ntls = 'none'", "karat.toml:3: mail.tls", "loopback");
    one_mistake("[mail]\nusername = 'karat'", "karat.toml:2: mail.username", "password");
    one_mistake("[mail]\nusername = 'karat'\npassword = 'x'\ntls = 'none'", "karat.toml:4: mail.tls", "in the clear");
    one_mistake("[mail]\ntransport = 'none'", "karat.toml:2: mail.transport", "registration");
    one_mistake("[terms]\nurl = 'https://a.example'\nfile = 'b'", "karat.toml:3: terms.file", "choose one");
}

#[test]
fn each_refusal_of_a_contradiction_has_a_consistent_twin() {
    for text in [
        "[server]\nlisten = '0.0.0.0:8080'\ntrusted_proxies = ['10.0.0.1']",
        "[server]\nlisten = '0.0.0.0:8443'\nissuer = 'https://a.example'\ntls_certificate = 'c.pem'\ntls_key = 'k.pem'",
        "[mail]\nhost = 'mx.example.com'\nport = 465\ntls = 'implicit'\nusername = 'karat'\npassword = 'x'",
        "[mail]\ntransport = 'none'\n[registration]\nenabled = false",
    ] {
        read(text, &NO_ENV).unwrap();
    }
}

#[test]
fn several_mistakes_are_told_together_in_the_order_of_the_file() {
    let text = "[server]\nisuer = 'x'\nlisten = 5\n[storage]\nmax_connections = 0\n[tokens]\nid_token_lifetime = 'x'\n[nonsense]\n\
                [[client]]\nclient_id = 'a'\nkind = 'web'\ncolour = 'red'\nshape = 'round'";
    let lines = refused(text, &[("KARAT_LOG__FORMAT", "xml")]);
    let starts: Vec<&str> = lines.iter().filter_map(|line| line.rsplit_once(": ").map(|_| line.as_str())).collect();
    let expected = [
        "karat.toml:2: server.isuer: ",
        "karat.toml:3: server.listen: ",
        "karat.toml:5: storage.max_connections: ",
        "karat.toml:7: tokens.id_token_lifetime: ",
        "karat.toml:8: nonsense: ",
        "karat.toml:12: client[0].colour: ",
        "karat.toml:13: client[0].shape: ",
        "environment variable KARAT_LOG__FORMAT: log.format: ",
    ];
    assert_eq!(starts.len(), expected.len(), "{lines:#?}");
    for (line, start) in starts.iter().zip(expected) {
        assert!(line.starts_with(start), "{line} does not start with {start}");
    }
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    let told = |name: &str, value: &str| refused("", &[(name, value)]).join("\n");
    assert!(told("KARAT_STORAGE__MAX_CONNECTIONS", "0").starts_with(
        "environment variable KARAT_STORAGE__MAX_CONNECTIONS: storage.max_connections: 0 is out of range"
    ));
    assert!(told("KARAT_STORAGE__MAX_CONECTIONS", "5").contains("MAX_CONECTIONS: storage.max_conections: unknown key"));
    assert!(told("KARAT_STORGE__URL", "x").contains("KARAT_STORGE__URL: storge: unknown key"));
    assert!(told("KARAT_A__B__C", "x").contains("KARAT_SECTION__KEY"));
    assert!(told("KARAT_STORAGE_URL", "x").contains("KARAT_STORAGE__URL"));
    let lines = refused("[[client]]\nclient_id='a'\nkind='web'", &[("KARAT_CLIENT__KIND", "web")]);
    assert!(lines[0].contains("cannot be set by the environment"), "{lines:?}");
}

#[test]
fn no_secret_shows_in_debug_or_in_a_mistake() {
    let text = "[storage]\nurl = 'postgres://karat:hunter2@db/karat'\n[ephemeral]\nurl = 'redis://:hunter2@cache/0'\n\
                [mail]\ntls = 'implicit'\nusername = 'karat'\npassword = 'hunter2'\n\
                [[client]]\nclient_id = 'a'\nkind = 'web'\nclient_secret = 'hunter2'";
    let config = read(text, &NO_ENV).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    for text in [
        "[storage]\nurl = 'postgres://karat:hunter2@'",
        "[storage]\nurl = 'mysql://karat:hunter2@db'",
        "[ephemeral]\nurl = 'redis://:hunter2@'",
        "[ephemeral]\nurl = ['hunter2']",
        "[mail]\npassword = 'hunter2'",
        "[mail]\nusername = 'karat'\npassword = { hunter2 = 1 }",
        "[[client]]\nclient_id = 'a'\nkind = 'web'\nclient_secret = ['hunter2']",
    ] {
        assert!(!refused(text, &NO_ENV).join("\n").contains("hunter2"), "{text}");
    }
}

#[test]
fn clients_need_an_id_and_a_kind_and_ids_are_unique() {
    one_mistake("\n[[client]]\nkind = 'web'", "karat.toml:2: client[0]", "missing key `client_id`");
    let text = "[[client]]\nclient_id = 'a'\nkind = 'web'\n[[client]]\nclient_id = 'a'\nkind = 'native'";
    one_mistake(text, "karat.toml:5: client[1].client_id", "earlier client");
    let text = "[[client]]\nclient_id = 'a'\nkind = 'web'\nclient_secret = 'x'\nclient_secret_env = 'X'";
    one_mistake(text, "karat.toml:4: client[0].client_secret", "choose one");
    one_mistake("[[client]]\nclient_id = 'a'\nkind = 'robot'", "karat.toml:3: client[0].kind", "`robot`");
    one_mistake("client = 'a'", "karat.toml:1: client", "sequence");
}

#[test]
fn a_mistake_found_by_another_floor_is_given_its_line() {
    let text =
        "[[client]]\nclient_id = 'a'\nkind = 'web'\nredirect_uris = [\n  'https://a.example/cb',\n  'nonsense',\n]";
    let config = read(text, &NO_ENV).unwrap();
    let told = |path: &str| config.mistake(path, "is wrong").to_string();
    assert_eq!(told("client[0].redirect_uris[1]"), "karat.toml:6: client[0].redirect_uris[1]: is wrong");
    assert_eq!(told("client[0].redirect_uris[1].scheme"), "karat.toml:6: client[0].redirect_uris[1].scheme: is wrong");
    assert_eq!(told("client[0].scope"), "karat.toml:1: client[0].scope: is wrong");
    assert!(told("tokens.id_token_lifetime").starts_with("built-in config.toml:"));
}

#[test]
fn an_unreadable_file_is_named() {
    let error = Config::load(Some(Path::new("no/such/file.toml")), variables(&NO_ENV)).unwrap_err();
    assert!(error.to_string().starts_with("no/such/file.toml: "), "{error}");
}

#[test]
fn real_people_are_not_served_from_an_outbox() {
    let config = read("[mail]\ntransport = 'outbox'", &NO_ENV).unwrap();
    let error = config.ready_for_people().unwrap_err().to_string();
    assert!(error.starts_with("karat.toml:2: mail.transport: "), "{error}");
}

#[test]
fn lenient_settings_are_warned_of() {
    let config = read("[tokens]\naccess_token_lifetime = '30m'", &NO_ENV).unwrap();
    assert!(config.warnings()[0].contains("tokens.access_token_lifetime is 30m"));
    let config = read("[server]\nissuer = 'https://id.example.com'", &NO_ENV).unwrap();
    assert!(config.warnings()[0].contains("trusted_proxies"));
}

#[test]
fn scopes_of_the_house_are_not_for_apps_that_register_themselves() {
    let error = read("[client_registration]\nscopes = ['openid', 'karat:clients']", &NO_ENV).unwrap_err().to_string();
    assert!(error.starts_with("karat.toml:2: client_registration.scopes: \"karat:clients\""), "{error}");
    let by_variable = [("KARAT_CLIENT_REGISTRATION__SCOPES", "['openid', 'karat:admin']")];
    assert!(read("", &by_variable).unwrap_err().to_string().contains("KARAT_CLIENT_REGISTRATION__SCOPES"));
    read("[client_registration]\nscopes = ['openid', 'trade:spot']", &NO_ENV).unwrap();
}
