//! `karat kyc`: verification from the command line, by the same rules as on the pages of reviewers.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::open::ConfigArgument;
use super::{Mistyped, print, user};
use crate::app::App;
use crate::domain::ids::CaseId;
use crate::domain::kyc::{Case, CaseState, Reason, Tier};
use crate::domain::user::User;
use crate::flow::kyc::dossier::{Dossier, PersonFile};
use crate::flow::kyc::review::{Judged, Judgement};
use crate::flow::kyc::staff::{Judge, NotJudged};
use crate::storage::kyc::queue::{Listed, Wanted};

#[derive(Subcommand)]
pub enum KycCommand {
    /// Lists applications: those that wait for a decision, who has waited longest first.
    List(ListArguments),
    /// Shows an application, or where a person stands. What was filled in is shown on /review only, where every look is recorded.
    Show(CaseOrPerson),
    /// Approves an application: what the person filled in counts as verified.
    Approve {
        #[command(flatten)]
        case: CaseArguments,
    },
    /// Rejects an application.
    Reject {
        #[command(flatten)]
        case: CaseArguments,
        /// doc_expired, doc_unreadable, doc_type_unsupported, doc_tampered, face_mismatch, liveness_failed, name_mismatch, underage,
        /// country_restricted, duplicate_identity, sanctions_review, poa_too_old, or other. Suspicions of fraud and sanctions are told as "other".
        #[arg(long)]
        reason: String,
        /// The person may not try again.
        #[arg(long = "final")]
        finally: bool,
    },
    /// Suspends a person: every level counts for nothing until it is lifted.
    Suspend {
        #[command(flatten)]
        person: PersonArguments,
        /// As for `reject`.
        #[arg(long)]
        reason: String,
    },
    /// Lifts a suspension.
    Reinstate(PersonArguments),
    /// Takes a level back, and those above it.
    Revoke {
        #[command(flatten)]
        person: PersonArguments,
        /// 1, 2 or 3.
        #[arg(long)]
        level: Tier,
    },
    /// Shows every transition of a person: when, what, who.
    History(CaseOrPerson),
}

#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// collecting, submitted, proposed, approved, rejected_retry, rejected_final or abandoned.
    #[arg(long)]
    state: Option<String>,
    /// 1, 2 or 3.
    #[arg(long)]
    level: Option<Tier>,
    #[arg(long, default_value_t = 50)]
    limit: u16,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct CaseArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The application's id, as `karat kyc list` shows it.
    case: CaseId,
    /// Kept with the application, sealed; the person does not see it.
    #[arg(long, default_value = "")]
    note: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct PersonArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    person: String,
    /// Why: kept sealed; the person does not see it.
    #[arg(long, default_value = "")]
    note: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct CaseOrPerson {
    #[command(flatten)]
    config: ConfigArgument,
    /// The id of an application, or a person: e-mail address, or the id that apps see as `sub`.
    which: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: KycCommand) -> anyhow::Result<()> {
    match command {
        KycCommand::List(arguments) => list(arguments).await,
        KycCommand::Show(arguments) => show(arguments).await,
        KycCommand::Approve { case } => judge(case, Judgement::Approve).await,
        KycCommand::Reject { case, reason, finally } => {
            let reason = reason_of(&reason)?;
            judge(case, Judgement::Reject { reason, finally }).await
        }
        KycCommand::Suspend { person, reason } => {
            let reason = reason_of(&reason)?;
            let (app, user) = open(&person).await?;
            let done = app.karat.suspend_person(Judge::Operator, user.id, reason, &person.note).await;
            tell(app, &user, done, person.json).await
        }
        KycCommand::Reinstate(person) => {
            let (app, user) = open(&person).await?;
            let done = app.karat.reinstate_person(Judge::Operator, user.id, &person.note).await;
            tell(app, &user, done, person.json).await
        }
        KycCommand::Revoke { person, level } => {
            let (app, user) = open(&person).await?;
            let done = app.karat.revoke_level(Judge::Operator, user.id, level, &person.note).await;
            tell(app, &user, done, person.json).await
        }
        KycCommand::History(arguments) => history(arguments).await,
    }
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let state = match &arguments.state {
        Some(text) => Some(CaseState::parse(text).ok_or_else(|| Mistyped(format!("{text:?} is no state of a case")))?),
        None => None,
    };
    let app = arguments.config.open().await?;
    let wanted = Wanted { state, tier: arguments.level, provider: None };
    let found = app.karat.store.kyc_queue(wanted, 0, i64::from(arguments.limit)).await?;
    if arguments.json {
        print::json(&found.iter().map(listed_as_json).collect())?;
    } else {
        let rows: Vec<[String; 6]> = found
            .iter()
            .map(|case| {
                [
                    case.id.to_string(),
                    case.email.clone().unwrap_or_else(|| "-".to_owned()),
                    case.tier.to_string(),
                    case.state.as_str().to_owned(),
                    case.provider.to_string(),
                    case.submitted_at.map_or_else(|| "-".to_owned(), print::time),
                ]
            })
            .collect();
        print::table(["CASE", "PERSON", "LEVEL", "STATE", "DECIDES", "SUBMITTED"], &rows);
    }
    close(app).await
}

async fn show(arguments: CaseOrPerson) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let shown = match arguments.which.parse::<CaseId>() {
        Ok(id) => app.karat.dossier(id).await?.map(|dossier| dossier_as_json(&app, &dossier)),
        Err(_) => None,
    };
    let shown = match shown {
        Some(shown) => shown,
        None => {
            let user = user::of(&app, &arguments.which).await?;
            let file = app.karat.person_file(user.id).await?;
            person_as_json(&app, &file)
        }
    };
    match arguments.json {
        true => print::json(&shown)?,
        false => facts(&shown, ""),
    }
    close(app).await
}

async fn judge(arguments: CaseArguments, judgement: Judgement) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let judged = app.karat.judge_case(Judge::Operator, arguments.case, judgement, &arguments.note).await?;
    let dossier = app.karat.dossier(arguments.case).await?;
    match (arguments.json, dossier, judged) {
        (true, Some(dossier), _) => print::json(&dossier_as_json(&app, &dossier))?,
        (_, Some(dossier), Judged::Decided) => println!("{}: {}", dossier.case.state.as_str(), dossier.case.id),
        _ => println!("done: {}", arguments.case),
    }
    close(app).await
}

async fn history(arguments: CaseOrPerson) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let case = match arguments.which.parse::<CaseId>() {
        Ok(id) => app.karat.store.kyc_case(id).await?,
        Err(_) => None,
    };
    let (user, only) = match case {
        Some(case) => (case.user_id, Some(case.id.to_string())),
        None => (user::of(&app, &arguments.which).await?.id, None),
    };
    let file = app.karat.person_file(user).await?;
    let made: Vec<_> = file.history.iter().filter(|made| only.is_none() || made.case_id == only).collect();
    if arguments.json {
        let all = made.iter().map(|made| {
            json!({
                "at": print::time(made.at), "finding": made.finding, "by": made.actor, "case": made.case_id,
                "from": { "state": made.from_state, "level": made.from_tier },
                "to": { "state": made.to_state, "level": made.to_tier },
                "reason": made.reason, "evidence": made.evidence,
            })
        });
        print::json(&all.collect())?;
    } else {
        let rows: Vec<[String; 5]> = made
            .iter()
            .map(|made| {
                [
                    print::time(made.at),
                    made.finding.clone(),
                    format!("{} {} -> {} {}", made.from_tier, made.from_state, made.to_tier, made.to_state),
                    made.reason.clone().unwrap_or_else(|| "-".to_owned()),
                    file.actor(&made.actor).to_owned(),
                ]
            })
            .collect();
        print::table(["WHEN", "WHAT", "LEVEL AND STATE", "REASON", "WHO"], &rows);
    }
    close(app).await
}

async fn open(arguments: &PersonArguments) -> anyhow::Result<(App, User)> {
    let app = arguments.config.open().await?;
    let user = user::of(&app, &arguments.person).await?;
    Ok((app, user))
}

async fn tell(app: App, user: &User, done: Result<(), NotJudged>, json: bool) -> anyhow::Result<()> {
    if let Err(refused) = done {
        return match refused {
            NotJudged::NoteMissing => Err(Mistyped("--note: a few words are needed on why".to_owned()).into()),
            other => Err(other.into()),
        };
    }
    let file = app.karat.person_file(user.id).await?;
    let shown = person_as_json(&app, &file);
    match json {
        true => print::json(&shown)?,
        false => facts(&shown, ""),
    }
    close(app).await
}

fn reason_of(text: &str) -> anyhow::Result<Reason> {
    Ok(Reason::parse(text).ok_or_else(|| Mistyped(format!("--reason: {text:?} is none of the reasons")))?)
}

fn listed_as_json(case: &Listed) -> Value {
    json!({
        "case": case.id.to_string(),
        "sub": case.user_id.to_string(),
        "email": case.email,
        "level": case.tier,
        "state": case.state.as_str(),
        "provider": case.provider.as_str(),
        "created_at": print::time(case.created_at),
        "submitted_at": case.submitted_at.map(print::time),
        "decided_at": case.decided_at.map(print::time),
        "duplicates": case.is_doubtful,
    })
}

fn case_as_json(case: &Case) -> Value {
    json!({
        "case": case.id.to_string(),
        "level": case.tier,
        "state": case.state.as_str(),
        "reason": case.reason.map(Reason::as_str),
        "provider": case.provider.as_str(),
        "reference": case.reference,
        "created_at": print::time(case.created_at),
        "submitted_at": case.submitted_at.map(print::time),
        "decided_at": case.decided_at.map(print::time),
        "decided_by": case.decided_by,
    })
}

fn dossier_as_json(app: &App, dossier: &Dossier) -> Value {
    let mut shown = case_as_json(&dossier.case);
    shown["documents"] = dossier.documents.iter().map(|document| json!(document.kind.as_str())).collect();
    shown["person"] = standing_as_json(app, &dossier.file);
    shown
}

fn person_as_json(app: &App, file: &PersonFile) -> Value {
    let mut shown = standing_as_json(app, file);
    shown["cases"] = file.cases.iter().map(case_as_json).collect();
    shown
}

fn standing_as_json(app: &App, file: &PersonFile) -> Value {
    let Some(user) = &file.user else { return json!({ "sub": file.id.to_string() }) };
    let attained = user.kyc.attained().iter();
    json!({
        "sub": user.id.to_string(),
        "email": user.email.as_str(),
        "kyc_level": app.karat.kyc_tier(user),
        "state": app.karat.kyc_state(&user.kyc).as_str(),
        "attained": attained
            .map(|level| json!({
                "level": level.tier, "at": print::time(level.at), "until": level.until.map(print::time),
            }))
            .collect::<Value>(),
        "suspended": user.kyc.suspended().map(|suspended| suspended.reason.as_str()),
        "duplicates": file.duplicates.iter()
            .map(|other| json!({ "what": other.what.as_str(), "sub": other.user_id.to_string(), "email": other.email }))
            .collect::<Value>(),
    })
}

/// Prints an object as lines of names and values.
fn facts(shown: &Value, before: &str) {
    let Some(fields) = shown.as_object() else { return };
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Object(_) => facts(value, &format!("{before}{name}.")),
            Value::Array(all) => {
                for one in all {
                    match one {
                        Value::Object(fields) => {
                            let words: Vec<String> = fields
                                .iter()
                                .filter(|(_, value)| !value.is_null())
                                .map(|(name, value)| format!("{name} {}", plain(value)))
                                .collect();
                            println!("{before}{name}: {}", print::safe(&words.join(", ")));
                        }
                        other => println!("{before}{name}: {}", print::safe(&plain(other))),
                    }
                }
            }
            other => println!("{before}{name}: {}", print::safe(&plain(other))),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn close(app: App) -> anyhow::Result<()> {
    app.karat.store.db().close().await;
    Ok(())
}
