//! The same command on the database and against a running server: the same answers, and who is who.

use std::fs;
use std::sync::Arc;

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use serde_json::{Value, json};

use crate::process::{Done, Installation};
use crate::support::api::person;
use crate::support::{Backends, TestApp};

const EVERYTHING: &str =
    "karat:clients karat:people karat:kyc.read karat:audit.read karat:policy karat:system karat:webhooks";

/// Comes as a program that may do what programs may.
struct Robot {
    installation: Installation,
    server: String,
    secret: String,
}

impl Robot {
    fn of(installation: Installation) -> Self {
        let made = installation.json(&["client", "add", "robot", "--kind", "service", "--scope", EVERYTHING, "--json"]);
        let secret = made["client_secret"].as_str().unwrap().to_owned();
        let server = installation.base();
        Self { installation, server, secret }
    }

    fn variables(&self) -> [(&str, &str); 3] {
        [("KARAT_SERVER", &self.server), ("KARAT_CLIENT_ID", "robot"), ("KARAT_CLIENT_SECRET", &self.secret)]
    }

    fn over(&self, arguments: &[&str]) -> Done {
        self.installation.karat_as(&self.variables(), arguments)
    }

    /// The same command at both doors, each about something of its own: "ID" in it stands for its name.
    fn both(&self, arguments: &[&str]) -> [Value; 2] {
        let about = |name: &str| -> Vec<String> { arguments.iter().map(|part| part.replace("ID", name)).collect() };
        let run = |name: &str, over: bool| {
            let all = about(name);
            let all: Vec<&str> = all.iter().map(String::as_str).chain(["--json"]).collect();
            let done = if over { self.over(&all) } else { self.installation.karat(&all) };
            serde_json::from_str(&done.json().to_string().replace(name, "ID")).unwrap()
        };
        [run("one-here", false), run("one-there", true)]
    }
}

/// What is another each time it is made.
fn alike(told: &Value) -> Value {
    const OWN: [&str; 10] = [
        "id",
        "user",
        "client_secret",
        "secret",
        "password",
        "message",
        "created_at",
        "updated_at",
        "hold_until",
        "at",
    ];
    match told {
        Value::Object(fields) => {
            let alike = |(key, value): (&String, &Value)| match OWN.contains(&key.as_str()) {
                true => (key.clone(), json!(value.is_null())),
                false => (key.clone(), alike(value)),
            };
            Value::Object(fields.iter().map(alike).collect())
        }
        Value::Array(all) => all.iter().map(alike).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn what_is_read_is_the_same_at_both_doors() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let robot = Robot::of(installation);
    let here = &robot.installation;
    for email in ["ana@example.com", "ben@example.com", "cleo@example.com"] {
        here.karat(&["user", "add", "--email", email]).succeeded();
    }
    here.karat(&["user", "lock", "ben@example.com", "--reason", "a court order"]).succeeded();
    here.karat(&["kyc", "suspend", "cleo@example.com", "--reason", "other"]).succeeded();
    let add = ["client", "add", "shop", "--kind", "web", "--redirect-uri", "https://shop.test/cb", "--scope", "openid"];
    here.karat(&add).succeeded();
    let hook = here.json(&["webhook", "add", "https://crm.example.com/hook", "--event", "user", "--json"]);
    let hook = hook["webhook"]["id"].as_str().unwrap();
    here.karat(&["user", "hold", "ana@example.com", "--time", "1h", "--reason", "a report"]).succeeded();
    let commands = [
        &["client", "list"][..],
        &["client", "show", "shop"],
        &["user", "list"],
        &["user", "list", "--most", "2"],
        &["user", "list", "--filter", "locked"],
        &["user", "show", "ben@example.com"],
        &["user", "sessions", "ana@example.com"],
        &["user", "authenticators", "ana@example.com"],
        &["kyc", "list"],
        &["kyc", "show", "cleo@example.com"],
        &["kyc", "history", "cleo@example.com"],
        &["keys", "list"],
        &["audit", "list"],
        &["audit", "list", "--act", "people.freeze", "--since", "2020-01-01", "--most", "1"],
        &["audit", "verify"],
        &["webhook", "list"],
        &["webhook", "show", hook],
        &["webhook", "deliveries", hook],
        &["policy", "explain", "--user", "ana@example.com", "--client", "shop"],
    ];
    for command in commands {
        let told = [command, &["--json"]].concat();
        let at_database = here.json(&told);
        assert_eq!(robot.over(&told).json(), at_database, "{command:?}");
        assert_eq!(robot.over(command).succeeded().out, here.karat(command).succeeded().out, "{command:?}");
        assert!(at_database != json!([]) || command.len() == 3 || command[1] == "list", "{command:?} told nothing");
    }
    let first = robot.over(&["user", "list", "--most", "2", "--json"]).json();
    let after = first["after"].as_str().unwrap();
    let rest = robot.over(&["user", "list", "--after", after, "--json"]).json();
    assert_eq!((rest["people"].as_array().map(Vec::len), &rest["more"]), (Some(1), &json!(false)));
}

#[tokio::test]
async fn what_is_changed_is_the_same_at_both_doors_and_the_log_tells_who() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let robot = Robot::of(installation);
    let commands = [
        &["client", "add", "ID", "--kind", "web", "--redirect-uri", "https://a.test/cb", "--scope", "openid x"][..],
        &["client", "update", "ID", "--name", "The Shop", "--access-token-lifetime", "2m"],
        &["client", "update", "ID", "--unset", "access_token_lifetime", "--disabled", "true"],
        &["client", "show", "ID"],
        &["client", "rotate-secret", "ID"],
        &["client", "rotate-secret", "ID", "--only"],
        &["client", "remove", "ID"],
        &["user", "hold", "ID@example.com", "--time", "7d", "--reason", "a report"],
        &["user", "lock", "ID@example.com", "--reason", "a court order"],
        &["user", "lock", "ID@example.com"],
        &["user", "sessions", "ID@example.com", "--end-all"],
        &["user", "unlock", "ID@example.com", "--reason", "lifted"],
        &["webhook", "add", "https://crm.example.com/ID", "--event", "user", "--description", "the CRM"],
    ];
    for name in ["one-here", "one-there"] {
        let add = ["user", "add", "--email", &format!("{name}@example.com"), "--name", "One", "--json"];
        match name {
            "one-here" => assert!(robot.installation.json(&add)["password"].is_string()),
            _ => assert_eq!(robot.over(&add).json().get("password"), None, "nobody of the operator's knows it"),
        }
    }
    for command in commands {
        let [here, there] = robot.both(command);
        assert_eq!(alike(&here), alike(&there), "{command:?}");
    }
    for (n, hook) in robot.over(&["webhook", "list", "--json"]).json().as_array().unwrap().iter().enumerate() {
        let id = hook["id"].as_str().unwrap();
        let run = |command: &[&str]| match n {
            0 => robot.installation.karat(command),
            _ => robot.over(command),
        };
        let changed = run(&["webhook", "update", id, "--enabled", "false", "--json"]).json();
        assert_eq!((&changed["enabled"], &changed["description"]), (&json!(false), &json!("the CRM")));
        assert!(run(&["webhook", "rotate", id, "--json"]).json()["secret"].as_str().unwrap().starts_with("whsec_"));
        run(&["webhook", "update", id, "--enabled", "true"]).succeeded();
        assert!(run(&["webhook", "test", id]).succeeded().out.contains("on its way"));
        assert_eq!(run(&["webhook", "remove", id, "--json"]).json(), json!({ "removed": id }));
    }
    let entries = robot.over(&["audit", "list", "--most", "200", "--json"]).json();
    let of = |actor: &str| {
        let entries = entries.as_array().unwrap().iter().filter(|entry| entry["actor"] == actor);
        let mut acts: Vec<&str> = entries.map(|entry| entry["act"].as_str().unwrap()).collect();
        acts.sort_unstable();
        acts
    };
    let (mut operator, service) = (of("operator"), of("service:robot"));
    // That the robot was registered is the operator's alone.
    operator.remove(operator.iter().position(|act| *act == "clients.add").unwrap());
    assert_eq!(operator, service);
    assert!(service.len() > 10, "{service:?}");
    let remote = entries.as_array().unwrap().iter().find(|entry| entry["actor"] == "service:robot").unwrap();
    assert!(remote["address"].is_string() && remote["request_id"].is_string(), "{remote}");
}

#[tokio::test]
async fn what_a_server_refuses_is_said_with_what_to_do_next() {
    let installation = Installation::new();
    let server = installation.serve().await;
    let robot = Robot::of(installation);
    let here = &robot.installation;
    here.karat(&["user", "add", "--email", "ana@example.com"]).succeeded();

    robot.over(&["client", "show", "nothing"]).failed(1, "there is no client \"nothing\"");
    robot.over(&["user", "show", "nobody@example.com"]).failed(1, "there is no account nobody@example.com");
    let add = ["client", "add", "a", "--kind", "web", "--redirect-uri", "http://a.test/cb"];
    let told = robot.over(&add).failed(2, "metadata.redirect_uris[0]: must be https");
    assert!(told.err.contains("in the log of the server"), "{}", told.err);
    here.karat(&add).failed(2, "redirect_uris[0]: must be https");

    // What no program may do, and what works on the database only.
    for people_only in [
        &["user", "role", "add", "ana@example.com", "owner"][..],
        &["user", "role", "list"],
        &["user", "lift-hold", "ana@example.com", "--reason", "x"],
        &["user", "export", "ana@example.com"],
        &["audit", "export"],
        &["keys", "rotate"],
    ] {
        let told = robot.over(people_only).failed(1, "no program may do");
        assert!(told.err.contains("KARAT_TOKEN"), "{}", told.err);
    }
    for database_only in [
        &["kyc", "suspend", "ana@example.com", "--reason", "other"][..],
        &["kyc", "reinstate", "ana@example.com", "--note", "x"],
        &["user", "import", "people.jsonl"],
        &["client", "import", "clients.json"],
        &["client", "show", "robot", "--configuration"],
        &["client", "rotate-secret", "robot", "--secret-stdin"],
        &["setup-link"],
    ] {
        robot.over(database_only).failed(2, "works on the database only");
    }

    // Who comes as nobody, as another, or with less.
    let as_who = |variables: &[(&str, &str)]| {
        let all = [&[("KARAT_SERVER", robot.server.as_str())], variables].concat();
        here.karat_as(&all, &["client", "list"])
    };
    as_who(&[]).failed(2, "--client-id");
    as_who(&[("KARAT_CLIENT_ID", "robot")]).failed(2, "the secret of \"robot\" is missing");
    let wrong = [("KARAT_CLIENT_ID", "robot"), ("KARAT_CLIENT_SECRET", "wrong")];
    as_who(&wrong).failed(1, "gives no token to robot: invalid_client");
    as_who(&[("KARAT_TOKEN", "nonsense")]).failed(1, "Fetch another token");
    as_who(&[&wrong[..], &[("KARAT_TOKEN", "x")]].concat()).failed(2, "not both");
    let made = here.json(&["client", "add", "small", "--kind", "service", "--scope", "karat:policy", "--json"]);
    fs::write(here.file("secret.txt"), format!("{}\n", made["client_secret"].as_str().unwrap())).unwrap();
    let small = [("KARAT_CLIENT_ID", "small"), ("KARAT_CLIENT_SECRET_FILE", "secret.txt")];
    as_who(&small).failed(1, "small is not registered for the scope karat:clients.read");
    let explain = ["policy", "explain", "--user", "ana@example.com", "--client", "shop"];
    let all = [&[("KARAT_SERVER", robot.server.as_str())], &small[..]].concat();
    here.karat_as(&all, &explain).failed(1, "no app shop");

    here.karat(&["client", "list", "--server", "http://id.example.com"]).failed(2, "has to be https");
    here.karat(&["client", "list", "--client-secret", "x"]).failed(2, "unexpected argument");
    let lost = robot.server.replace("localhost", "127.0.0.1");
    let elsewhere = [robot.variables(), [("KARAT_SERVER", lost.as_str()); 3]].concat();
    here.karat_as(&elsewhere, &["client", "list"]).failed(3, "is it the issuer of a Karat?");
    server.stop().await;
    robot.over(&["client", "list"]).failed(3, "no answer");
}

/// By an app that acts for one of the operator's people: what is grave needs a passkey, and perhaps a second person.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn people_do_by_the_command_line_what_their_role_allows() {
    let more = "[admin]\nsecond_person = [\"roles.change\", \"people.export\"]\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    let ana = app.person("ana@example.com").await.id.to_string();
    let (_, owner) = person(&app, "olga@example.com", &[Role::Owner], Seconds(0)).await;
    let (_, late) = person(&app, "lara@example.com", &[Role::Owner], Seconds::hours(2)).await;
    let (_, support) = person(&app, "sam@example.com", &[Role::Support], Seconds(0)).await;
    let installation = Arc::new(Installation::new());
    let base = app.base.clone();
    let run = async |token: &str, arguments: &[&str]| {
        let (installation, base, token) = (installation.clone(), base.clone(), token.to_owned());
        let arguments: Vec<String> = arguments.iter().map(|&part| part.to_owned()).collect();
        let run = move || {
            let variables = [("KARAT_SERVER", base.as_str()), ("KARAT_TOKEN", token.as_str())];
            installation.karat_as(&variables, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    };
    let hold = ["user", "hold", &ana, "--time", "1h", "--reason", "a report"];
    let lift = ["user", "lift-hold", &ana, "--reason", "cleared"];
    run(&owner.token, &hold).await.succeeded();
    run(&late.token, &lift).await.failed(1, "Log in once more with a passkey");
    run(&support.token, &lift).await.failed(1, "people.lift_hold takes a person with a role that may");
    assert_eq!(run(&owner.token, &lift).await.succeeded().out.trim(), "lifted");

    let give = ["user", "role", "add", &ana, "support", "--reason", "joins the team"];
    run(&owner.token, &give).await.failed(4, "waits for a second person");
    let export = ["user", "export", &ana];
    run(&owner.token, &export).await.failed(1, "a second person has to agree first");
    run(&owner.token, &["user", "export", &ana, "--propose", "--reason", "by letter"]).await.failed(4, "the proposal");
    assert_eq!(app.karat.store.open_proposals(app.clock_now(), 10).await.unwrap().len(), 2);
    run(&owner.token, &["audit", "export"]).await.succeeded().out.lines().for_each(|line| {
        assert!(serde_json::from_str::<Value>(line).unwrap()["seq"].is_i64(), "{line}");
    });
    let keys = run(&owner.token, &["keys", "rotate", "--algorithm", "RS256", "--json"]).await.json();
    let old = keys.as_array().unwrap().iter().find(|key| !key["retired_at"].is_null()).unwrap();
    let kid = old["kid"].as_str().unwrap();
    let left = run(&owner.token, &["keys", "retire", kid, "--json"]).await.json();
    assert!(left.as_array().unwrap().iter().all(|key| key["kid"] != kid), "{left}");
    run(&owner.token, &["user", "role", "list"]).await.succeeded();
}
