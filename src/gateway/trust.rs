//! Which certificate authorities are trusted outside: Mozilla's list, which is built in, and those of the operator.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The file of additional certificate authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("{} holds no certificate", path.display())]
    Empty { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Unusable { path: PathBuf, source: rustls::Error },
}

/// The built-in authorities, and those in the PEM file at `additional`.
pub(super) fn roots(additional: Option<&Path>) -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = additional else { return Ok(roots) };
    for certificate in certificates(path)? {
        let unusable = |source| TrustError::Unusable { path: path.to_owned(), source };
        roots.add(certificate).map_err(unusable)?;
    }
    Ok(roots)
}

/// The certificates of the PEM file at `path`; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let unreadable = |source| TrustError::Unreadable { path: path.to_owned(), source };
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    if certificates.is_empty() { Err(TrustError::Empty { path: path.to_owned() }) } else { Ok(certificates) }
}
