//! Apache httpd with Debian's mod_auth_openidc, from a configuration in a temporary folder, on a port of its own.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::folder::Folder;

const MODULES: &str = "/usr/lib/apache2/modules";

/// What the page behind the log-in shows: the person as Apache hands them to an application.
const PROTECTED_PAGE: &str = r#"<!doctype html><title>Protected</title>
<p id="remote-user"><!--#echo var="REMOTE_USER" --></p>
<p id="email"><!--#echo var="OIDC_CLAIM_email" --></p>
<p id="name"><!--#echo var="OIDC_CLAIM_name" --></p>
<p id="issuer"><!--#echo var="OIDC_CLAIM_iss" --></p>
<p><a id="logout" href="/protected/callback?logout=BASE/public/bye.html">Log out</a></p>
"#;

/// A running httpd; it ends with this.
pub struct Httpd {
    base_url: String,
    process: Child,
    folder: Folder,
}

/// A port reserved for an httpd that is not there yet: its client has to be registered first.
pub struct Reserved {
    port: u16,
}

impl Reserved {
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { port: std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port() })
    }

    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.host())
    }

    pub fn redirect_uri(&self) -> String {
        format!("{}/protected/callback", self.base_url())
    }

    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}/public/bye.html", self.base_url())
    }

    pub fn backchannel_logout_uri(&self) -> String {
        format!("{}?logout=backchannel", self.redirect_uri())
    }

    pub async fn start(self, issuer: &str, client_id: &str, client_secret: &str) -> anyhow::Result<Httpd> {
        let folder = Folder::fresh()?;
        let root = folder.path();
        for (name, content) in [
            ("httpd.conf", self.configuration(issuer, client_id, client_secret, root)),
            ("htdocs/protected/index.html", PROTECTED_PAGE.replace("BASE", &self.base_url())),
            ("htdocs/public/bye.html", "<!doctype html><title>Bye</title><p id=\"bye\">Good bye</p>".to_owned()),
        ] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(root))?;
            std::fs::write(path, content)?;
        }
        let process = Command::new("/usr/sbin/apache2")
            .args(["-d".as_ref(), root.as_os_str(), "-f".as_ref(), root.join("httpd.conf").as_os_str()])
            .arg("-DFOREGROUND")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(root.join("start.log"))?)
            .spawn()
            .context("apache2 is not installed (Debian packages apache2 and libapache2-mod-auth-openidc)")?;
        let mut httpd = Httpd { base_url: self.base_url(), process, folder };
        httpd.wait_until_it_answers().await?;
        Ok(httpd)
    }

    fn configuration(&self, issuer: &str, client_id: &str, client_secret: &str, root: &std::path::Path) -> String {
        let root = root.display();
        let port = self.port;
        let base_url = self.base_url();
        let redirect_uri = self.redirect_uri();
        let modules: String = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include"]
            .iter()
            .map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"))
            .collect();
        format!(
            "ServerName localhost\n\
             Listen 127.0.0.1:{port}\n\
             PidFile {root}/httpd.pid\n\
             DefaultRuntimeDir {root}\n\
             ErrorLog {root}/error.log\n\
             LogLevel warn auth_openidc:info\n\
             {modules}\
             LoadModule auth_openidc_module {MODULES}/mod_auth_openidc.so\n\
             User www-data\n\
             Group www-data\n\
             StartServers 1\n\
             DocumentRoot {root}/htdocs\n\
             DirectoryIndex index.html\n\
             TypesConfig /dev/null\n\
             AddType text/html .html\n\
             AddOutputFilter INCLUDES .html\n\
             OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\n\
             OIDCClientID {client_id}\n\
             OIDCClientSecret {client_secret}\n\
             OIDCRedirectURI {redirect_uri}\n\
             OIDCCryptoPassphrase a-passphrase-of-this-test-alone\n\
             OIDCScope \"openid profile email\"\n\
             OIDCResponseType code\n\
             OIDCPKCEMethod S256\n\
             OIDCProviderTokenEndpointAuth client_secret_basic\n\
             OIDCSessionType server-cache\n\
             OIDCPassClaimsAs environment\n\
             OIDCRemoteUserClaim sub\n\
             OIDCCookieSameSite On\n\
             OIDCRedirectURLsAllowed ^{base_url}/\n\
             <Directory {root}/htdocs>\n\
             Options +Includes\n\
             Require all granted\n\
             </Directory>\n\
             <Location /protected>\n\
             AuthType openid-connect\n\
             Require valid-user\n\
             </Location>\n"
        )
    }
}

impl Httpd {
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The end of the error log: what mod_auth_openidc thought of it.
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let whole = format!("{}{}", read("start.log"), read("error.log"));
        let lines: Vec<&str> = whole.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    async fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        for _ in 0..100 {
            if client
                .get(format!("{}/public/bye.html", self.base_url))
                .send()
                .await
                .is_ok_and(|a| a.status().is_success())
            {
                return Ok(());
            }
            if self.process.try_wait()?.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("httpd does not answer:\n{}", self.log())
    }
}

impl Drop for Httpd {
    fn drop(&mut self) {
        // TERM lets the parent end its workers; KILL would leave them behind.
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}
