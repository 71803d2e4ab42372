//! `karat backup`.

use std::path::PathBuf;

use clap::Args;

use super::open::ConfigArgument;

#[derive(Args)]
pub struct BackupArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The file to write; it must not exist yet.
    path: PathBuf,
}

pub async fn run(arguments: BackupArguments) -> anyhow::Result<()> {
    let (config, db) = arguments.config.open_database().await?;
    let copied = db.backup_to(&arguments.path).await;
    db.close().await;
    copied?;
    let key = match &config.keys.sealing_key_env {
        Some(variable) => format!("the environment variable {variable}"),
        None => config.keys.sealing_key_file.display().to_string(),
    };
    println!("written: {}", arguments.path.display());
    println!("The copy is of no use without the sealing key ({key}). Keep a copy of it too, in another place.");
    Ok(())
}
