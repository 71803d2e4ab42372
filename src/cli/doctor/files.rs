//! What lies in files: the sealing key, certificates, templates.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Findings;
use crate::app;
use crate::config::Config;
use crate::crypto::sealing_keys::{SealingKeys, SealingKeysError};
use crate::http::serve::certificate_files;

pub fn look(config: &Config, findings: &mut Findings) {
    sealing_key(config, findings);
    certificate(config, findings);
    match app::renderer(config) {
        Ok(_) => findings.ok("templates", "every page can be made"),
        Err(error) => findings.fail("templates", error.to_string(), "mend the template in pages.templates_dir"),
    }
    if let Some(file) = &config.terms.file {
        match std::fs::read_to_string(file) {
            Ok(text) if !text.trim().is_empty() => findings.ok("terms", file.display().to_string()),
            Ok(_) => findings.fail("terms", format!("{} is empty", file.display()), "write the terms there"),
            Err(error) => {
                findings.fail("terms", format!("{}: {error}", file.display()), "terms.file must name a text file");
            }
        }
    }
}

fn sealing_key(config: &Config, findings: &mut Findings) {
    const WHAT: &str = "sealing key";
    let loaded = match &config.keys.sealing_key {
        Some(text) => SealingKeys::from_text(text.expose()),
        None => SealingKeys::load(&config.keys.sealing_key_file),
    };
    match loaded {
        Ok(keys) => findings.ok(WHAT, format!("{} usable; keep a copy in another place", keys.ids().count())),
        Err(SealingKeysError::Io { path, source }) if source.kind() == std::io::ErrorKind::NotFound => {
            if sqlite_file(config).is_some_and(|file| Path::new(&file).exists()) {
                let found = format!("{} is missing, but there is a database", path.display());
                findings.fail(
                    WHAT,
                    found,
                    "bring the file back from your copy: what is sealed cannot be opened without",
                );
            } else {
                findings.ok(WHAT, format!("{} is made at the first start", path.display()));
            }
        }
        Err(error) => {
            let advice = match &error {
                SealingKeysError::ReadableByOthers { path, .. } => format!("chmod 600 {}", path.display()),
                SealingKeysError::ReplaceableByOthers { path, .. } => {
                    format!("chmod 700 {}", path.parent().unwrap_or(path).display())
                }
                _ => "bring the file back from your copy".to_owned(),
            };
            findings.fail(WHAT, error.to_string(), advice);
        }
    }
}

/// The file of a SQLite database.
pub fn sqlite_file(config: &Config) -> Option<String> {
    let rest = config.storage.url.expose().strip_prefix("sqlite:")?;
    let rest = rest.split('?').next().unwrap_or(rest);
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(path.to_owned())
}

fn certificate(config: &Config, findings: &mut Findings) {
    const WHAT: &str = "certificate";
    let Some(files) = certificate_files(&config.server) else { return };
    match files.load() {
        Ok(_) => findings.ok(WHAT, files.certificate.display().to_string()),
        Err(error) => {
            let advice = "server.tls_certificate and tls_key must name PEM files that belong together";
            findings.fail(WHAT, error.to_string(), advice);
        }
    }
    let mode = std::fs::metadata(&files.key).map(|metadata| metadata.mode());
    if mode.is_ok_and(|mode| mode & 0o004 != 0) {
        let found = format!("{} can be read by everybody on this machine", files.key.display());
        findings.warn(WHAT, found, format!("chmod o-r {}", files.key.display()));
    }
}
