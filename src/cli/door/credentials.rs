//! `--server` and what proves who asks there. Secrets come from files and the environment, never from the command line, where every
//! process of the machine can read them.

use std::env;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use url::{Host, Url};

use crate::cli::Mistyped;
use crate::crypto::token::Secret;

const SECRET: &str = "KARAT_CLIENT_SECRET";
const TOKEN: &str = "KARAT_TOKEN";

#[derive(Args, Debug, Clone, Default)]
pub struct ServerArguments {
    /// Works by the admin API of this running server, its issuer, instead of on the database.
    #[arg(long, global = true, value_name = "URL", env = "KARAT_SERVER", help_heading = "A running server")]
    server: Option<String>,
    /// The program (a client of the kind "service") to come as; its secret is in KARAT_CLIENT_SECRET or a file.
    #[arg(
        long = "client-id",
        id = "program",
        global = true,
        value_name = "ID",
        env = "KARAT_CLIENT_ID",
        help_heading = "A running server"
    )]
    program: Option<String>,
    /// A file with the program's secret.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "KARAT_CLIENT_SECRET_FILE",
        help_heading = "A running server"
    )]
    client_secret_file: Option<PathBuf>,
    /// A file with the access token of a person who has a role; or the token itself in KARAT_TOKEN.
    #[arg(long, global = true, value_name = "FILE", env = "KARAT_TOKEN_FILE", help_heading = "A running server")]
    token_file: Option<PathBuf>,
}

/// Who asks.
pub enum Credentials {
    /// One of the operator's people, by an app with the scope karat:admin.
    Token(Secret),
    Program {
        id: String,
        secret: Secret,
    },
}

impl ServerArguments {
    /// Whether commands that only work on the database would work on another one than is meant.
    pub fn database_only(&self, what: &str, why: &str) -> anyhow::Result<()> {
        match &self.server {
            Some(_) => Err(Mistyped(format!("{what} works on the database only, without --server: {why}")).into()),
            None => Ok(()),
        }
    }

    pub fn is_server(&self) -> bool {
        self.server.is_some()
    }

    /// The issuer to ask; `None`: the database.
    pub(super) fn address(&self) -> Result<Option<Url>, Mistyped> {
        let Some(text) = &self.server else { return Ok(None) };
        let wrong = |why: &str| Mistyped(format!("--server {text:?}: {why}"));
        let url: Url = text.parse().map_err(|_| wrong("is no URL"))?;
        if !is_guarded(&url) {
            return Err(wrong("has to be https; plain http goes to this machine only"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("is the issuer alone, without name, query or fragment"));
        }
        Ok(Some(url))
    }

    pub(super) fn credentials(&self) -> anyhow::Result<Credentials> {
        let token = secret(TOKEN, self.token_file.as_deref())?;
        match (token, &self.program) {
            (Some(token), None) => Ok(Credentials::Token(token)),
            (None, Some(id)) => {
                let missing = || Mistyped(format!("the secret of {id:?} is missing: {SECRET} or --client-secret-file"));
                let secret = secret(SECRET, self.client_secret_file.as_deref())?.ok_or_else(missing)?;
                Ok(Credentials::Program { id: id.clone(), secret })
            }
            (Some(_), Some(_)) => {
                Err(Mistyped(format!("either a person's token ({TOKEN}) or a program (--client-id), not both")).into())
            }
            (None, None) => {
                let told =
                    format!("--server takes who you are: --client-id with {SECRET}, or a person's token in {TOKEN}");
                Err(Mistyped(told).into())
            }
        }
    }
}

/// The file is what was asked for; the environment is what lies around.
fn secret(variable: &str, file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    let text = match file {
        Some(path) => Some(fs::read_to_string(path).with_context(|| path.display().to_string())?),
        None => env::var(variable).ok(),
    };
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(path) = file
        && text.is_none()
    {
        return Err(Mistyped(format!("{} is empty", path.display())).into());
    }
    Ok(text.map(Secret::new))
}

/// Nobody between reads what is sent there.
pub(super) fn is_guarded(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => IpAddr::from(address).is_loopback(),
        ("http", Some(Host::Ipv6(address))) => IpAddr::from(address).is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(server: &str) -> Result<Option<Url>, Mistyped> {
        ServerArguments { server: Some(server.to_owned()), ..ServerArguments::default() }.address()
    }

    #[test]
    fn secrets_travel_by_https_or_stay_on_this_machine() {
        for right in ["https://id.example.com", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"] {
            assert!(at(right).is_ok(), "{right}");
        }
        for wrong in [
            "http://id.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
            "id.example.com",
            "https://me:secret@id.example.com",
            "https://id.example.com/?x",
        ] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        assert!(ServerArguments::default().address().unwrap().is_none(), "the database");
    }
}
