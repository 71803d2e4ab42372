//! Sends mails by SMTP. Whoever calls keeps the mail until it is sent: this side tries once, and says whether trying
//! again makes sense.

use std::fmt;
use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::trust::{TrustError, certificates};
use crate::config::{MailSection, MailTls, MailTransport};
use crate::domain::email::EmailAddress;

/// Connections that are kept open to the SMTP server.
const CONNECTIONS: u32 = 4;

/// Refusals of the log-in, not of the mail (RFC 4954 section 6): the operator can mend them, and the mail waits.
const NOT_ABOUT_THE_MAIL: [u16; 4] = [530, 534, 535, 538];

/// Sends through the SMTP server of the `[mail]` section.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    timeout: Duration,
}

/// A mail that is ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    pub to: EmailAddress,
    /// One line; line breaks and other control characters become spaces.
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The same at every attempt, so that a mail that was sent twice is shown once: letters, digits, `-`, `.` and `_`.
    /// It becomes the left side of the Message-ID (RFC 5322 section 3.6.4).
    pub message_id: String,
}

/// The mail was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MailError {
    /// Trying again will not help.
    pub permanent: bool,
    /// What the server or the network said; for the log.
    pub message: String,
}

/// The section cannot be turned into a connection.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error("mail.certificate_authorities: {0}")]
    Trust(#[from] TrustError),
    #[error("mail: {0}")]
    Smtp(#[from] smtp::Error),
}

impl Mailer {
    /// `None` when the section says that mails are not sent. To be called on the runtime, which keeps the connections.
    pub fn new(section: &MailSection) -> Result<Option<Self>, MailerError> {
        if section.transport != MailTransport::Smtp {
            return Ok(None);
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&section.host)
            .port(section.port)
            .tls(tls(section)?)
            .timeout(Some(section.timeout.as_duration()))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        if let (Some(username), Some(password)) = (&section.username, &section.password) {
            transport = transport.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
        }
        Ok(Some(Self {
            transport: transport.build(),
            from: section.from.clone(),
            reply_to: section.reply_to.clone(),
            timeout: section.timeout.as_duration(),
        }))
    }

    /// Hands the mail to the SMTP server; `Ok` when the server took responsibility for it (RFC 5321 section 4.2.5).
    pub async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = self.compose(mail)?;
        self.within(async { self.transport.send(message).await.map(|_| ()) }).await
    }

    /// Connects, logs in, and sends nothing.
    pub async fn probe(&self) -> Result<(), MailError> {
        let answered = self.within(self.transport.test_connection()).await?;
        let silent = || MailError { permanent: false, message: "the server does not answer NOOP".to_owned() };
        answered.then_some(()).ok_or_else(silent)
    }

    /// The transport bounds connecting only; this bounds the whole conversation.
    async fn within<T>(&self, conversation: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, MailError> {
        match tokio::time::timeout(self.timeout, conversation).await {
            Ok(result) => result.map_err(MailError::from),
            Err(_) => Err(MailError { permanent: false, message: "the server did not answer in time".to_owned() }),
        }
    }

    /// Every header is made from a typed value or from text without control characters: nothing that a person typed can
    /// begin a header of its own.
    fn compose(&self, mail: &OutgoingMail) -> Result<Message, MailError> {
        if mail.message_id.is_empty() || !mail.message_id.bytes().all(is_id_byte) {
            return Err(malformed("message id"));
        }
        let to = Mailbox::new(None, mail.to.as_str().parse::<Address>().map_err(|_| malformed("recipient"))?);
        let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", mail.message_id, self.from.email.domain())))
            .header(AutoSubmitted);
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        message
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| MailError { permanent: true, message: error.to_string() })
    }
}

fn tls(section: &MailSection) -> Result<Tls, MailerError> {
    let parameters = || -> Result<TlsParameters, MailerError> {
        let mut parameters = TlsParameters::builder(section.host.clone());
        if let Some(path) = &section.certificate_authorities {
            for certificate in certificates(path)? {
                parameters = parameters.add_root_certificate(Certificate::from_der(certificate.to_vec())?);
            }
        }
        Ok(parameters.build()?)
    };
    Ok(match section.tls {
        MailTls::Implicit => Tls::Wrapper(parameters()?),
        MailTls::Starttls => Tls::Required(parameters()?),
        MailTls::None => Tls::None,
    })
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn malformed(what: &str) -> MailError {
    MailError { permanent: true, message: format!("malformed {what}") }
}

impl From<smtp::Error> for MailError {
    fn from(error: smtp::Error) -> Self {
        let about_the_mail = error.status().is_none_or(|code| !NOT_ABOUT_THE_MAIL.contains(&code.into()));
        // Errors of the client itself, such as a server without STARTTLS, are about the connection as well.
        let permanent = error.is_permanent() && about_the_mail;
        Self { permanent, message: error.to_string() }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Tells mail robots not to answer (RFC 3834 section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
