//! `karat migrate`.

use super::open::ConfigArgument;

pub async fn run(config: &ConfigArgument, dry_run: bool) -> anyhow::Result<()> {
    let (_, db) = config.open_database().await?;
    let steps = if dry_run { db.pending_migrations().await? } else { db.migrate().await?.applied };
    db.close().await;
    if steps.is_empty() {
        println!("the schema is up to date");
    }
    for step in steps {
        println!("{} {step}", if dry_run { "pending" } else { "applied" });
    }
    Ok(())
}
