//! The server's certificate, read from its two files, and again when they have been renewed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{SignalKind, signal};

/// The files of the chain and of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    NotPem { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} does not fit {}: {source}", key.display(), certificate.display())]
    Unusable { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

/// The files as they were read: their content tells whether they have changed.
struct Read {
    config: Arc<ServerConfig>,
    fingerprint: Vec<u8>,
}

impl CertificateFiles {
    /// Reads both and checks that they belong together.
    pub fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        Ok(self.read()?.config)
    }

    /// What is served from them now, and a task that renews it: every `interval`, and on SIGHUP. Whatever is wrong with
    /// the new files, the old certificate stays.
    pub fn serve(&self, interval: Duration) -> Result<(RustlsConfig, impl Future<Output = ()> + use<>), TlsError> {
        let Read { config, mut fingerprint } = self.read()?;
        let served = RustlsConfig::from_config(config);
        let (files, renewed) = (self.clone(), served.clone());
        let keep_fresh = async move {
            let mut hangup = signal(SignalKind::hangup()).ok();
            loop {
                let told = async {
                    match &mut hangup {
                        Some(hangup) => drop(hangup.recv().await),
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = told => {}
                    () = tokio::time::sleep(interval) => {}
                }
                match files.read() {
                    Ok(read) if read.fingerprint == fingerprint => {}
                    Ok(read) => {
                        renewed.reload_from_config(read.config);
                        fingerprint = read.fingerprint;
                        tracing::info!("the renewed certificate is in use");
                    }
                    Err(error) => {
                        tracing::error!(%error, "the certificate cannot be renewed; the old one stays in use")
                    }
                }
            }
        };
        Ok((served, keep_fresh))
    }

    fn read(&self) -> Result<Read, TlsError> {
        let (certificate, key) = (contents(&self.certificate)?, contents(&self.key)?);
        let not_pem = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::NotPem { path, source }
        };
        let chain = CertificateDer::pem_slice_iter(&certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(not_pem(&self.certificate))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(self.certificate.clone()));
        }
        let private = PrivateKeyDer::from_pem_slice(&key).map_err(not_pem(&self.key))?;
        let unusable =
            |source| TlsError::Unusable { certificate: self.certificate.clone(), key: self.key.clone(), source };
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut both = digest::Context::new(&digest::SHA256);
        both.update(&certificate);
        both.update(&key);
        Ok(Read { config: Arc::new(config), fingerprint: both.finish().as_ref().to_vec() })
    }
}

fn contents(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, TlsError> {
    let unreadable = |source| TlsError::Unreadable { path: path.to_owned(), source };
    std::fs::read(path).map(zeroize::Zeroizing::new).map_err(unreadable)
}
