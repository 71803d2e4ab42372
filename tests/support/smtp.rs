//! An SMTP server for tests: keeps the mails that it is given, and fails on demand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Listens on a free port of loopback until it is dropped.
pub struct SmtpServer {
    port: u16,
    state: Arc<State>,
    accepting: tokio::task::JoinHandle<()>,
}

/// A mail as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub sender: String,
    pub recipients: Vec<String>,
    /// Headers and body, lines ended by CR LF.
    pub raw: String,
    /// User and password, when the client logged in.
    pub login: Option<(String, String)>,
    pub encrypted: bool,
}

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Answers this code to every recipient.
    Recipient(u16),
    /// Answers this code when the mail is complete, and does not keep it.
    Content(u16),
    /// Answers this code to every log-in.
    Login(u16),
    /// Says nothing, not even hello.
    Silence,
    /// Closes the connection when the mail begins.
    HangUp,
    /// Does not offer STARTTLS, as if someone on the way had cut it out.
    NoStarttls,
}

/// How the server encrypts.
#[derive(Clone)]
pub enum Encryption {
    None,
    Implicit(TlsAcceptor),
    Starttls(TlsAcceptor),
}

struct State {
    encryption: Encryption,
    failure: Mutex<Option<Failure>>,
    mails: Mutex<Vec<ReceivedMail>>,
    /// Connections so far.
    connections: Mutex<usize>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::start_with(Encryption::None).await
    }

    pub async fn start_with(encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            encryption,
            failure: Mutex::new(None),
            mails: Mutex::new(Vec::new()),
            connections: Mutex::new(0),
        });
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *shared.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, state, accepting }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on; `None` heals it.
    pub fn fail(&self, failure: impl Into<Option<Failure>>) {
        *self.state.failure.lock().unwrap() = failure.into();
    }

    pub fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }

    /// Every mail so far, oldest first.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// The mails so far to one address.
    pub fn mails_to(&self, recipient: &str) -> Vec<ReceivedMail> {
        self.mails().into_iter().filter(|mail| mail.recipients.iter().any(|to| to == recipient)).collect()
    }

    /// Waits up to ten seconds for the `count`th mail to `recipient`.
    pub async fn wait_for(&self, recipient: &str, count: usize) -> ReceivedMail {
        for _ in 0..200 {
            if let Some(mail) = self.mails_to(recipient).get(count - 1) {
                return mail.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{recipient} got {} mails, not {count}", self.mails_to(recipient).len());
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl ReceivedMail {
    /// The unfolded value of a header of the mail itself.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.raw, name)
    }

    /// The plain text part, decoded.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let content_type = self.header("Content-Type").unwrap_or_default();
        let boundary = content_type.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let delimiter = format!("--{}", boundary.expect("a multipart mail"));
        self.raw
            .split(&delimiter)
            .skip(1)
            .map(|part| part.trim_start_matches("\r\n"))
            .find(|part| header(part, "Content-Type").is_some_and(|value| value.starts_with(kind)))
            .map(decode)
            .unwrap_or_else(|| panic!("no {kind} in {}", self.raw))
    }
}

fn header(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then(|| value.to_owned()))
}

fn decode(part: &str) -> String {
    let body = part.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    match header(part, "Content-Transfer-Encoding").as_deref() {
        Some("quoted-printable") => quoted_printable(body),
        Some("base64") => {
            let text: String = body.split_whitespace().collect();
            String::from_utf8(BASE64.decode(text).unwrap()).unwrap()
        }
        _ => body.to_owned(),
    }
}

/// RFC 2045 section 6.7.
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        match (first, tail) {
            (b'=', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let hex = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One connection. Ends when the client goes, or breaks the protocol.
async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut encrypted = false;
    let mut stream: Box<dyn Stream> = Box::new(stream);
    if let Encryption::Implicit(acceptor) = &state.encryption {
        let Ok(secured) = acceptor.accept(stream).await else { return };
        stream = Box::new(secured);
        encrypted = true;
    }
    let mut greet = true;
    loop {
        match converse(stream, &state, greet, encrypted).await {
            Ok(Some(plain)) => {
                let Encryption::Starttls(acceptor) = &state.encryption else { return };
                let Ok(secured) = acceptor.accept(plain).await else { return };
                stream = Box::new(secured);
                (greet, encrypted) = (false, true);
            }
            Ok(None) | Err(_) => return,
        }
    }
}

/// Answers commands until the end, or until STARTTLS: then gives the stream back.
async fn converse(
    stream: Box<dyn Stream>,
    state: &State,
    greet: bool,
    encrypted: bool,
) -> std::io::Result<Option<Box<dyn Stream>>> {
    let failure = || *state.failure.lock().unwrap();
    let mut stream = BufReader::new(stream);
    if failure() == Some(Failure::Silence) {
        tokio::time::sleep(Duration::from_secs(60)).await;
        return Ok(None);
    }
    if greet {
        say(&mut stream, "220 test ESMTP").await?;
    }
    let (mut sender, mut recipients, mut login) = (String::new(), Vec::new(), None);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let offer = !encrypted && failure() != Some(Failure::NoStarttls);
                if offer && matches!(state.encryption, Encryption::Starttls(_)) {
                    say(&mut stream, "250-STARTTLS").await?;
                }
                say(&mut stream, "250-8BITMIME").await?;
                say(&mut stream, "250 AUTH PLAIN").await?;
            }
            "STARTTLS" => {
                say(&mut stream, "220 go").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => match failure() {
                Some(Failure::Login(code)) => say(&mut stream, &format!("{code} log-in refused")).await?,
                _ => {
                    login = plain_login(rest);
                    say(&mut stream, "235 welcome").await?;
                }
            },
            "MAIL" => {
                sender = address(rest);
                recipients.clear();
                say(&mut stream, "250 ok").await?;
            }
            "RCPT" => match failure() {
                Some(Failure::Recipient(code)) => say(&mut stream, &format!("{code} recipient refused")).await?,
                _ => {
                    recipients.push(address(rest));
                    say(&mut stream, "250 ok").await?;
                }
            },
            "DATA" => {
                if failure() == Some(Failure::HangUp) {
                    return Ok(None);
                }
                say(&mut stream, "354 go on").await?;
                let raw = content(&mut stream).await?;
                match failure() {
                    Some(Failure::Content(code)) => say(&mut stream, &format!("{code} content refused")).await?,
                    _ => {
                        let (sender, recipients) = (sender.clone(), recipients.clone());
                        let mail = ReceivedMail { sender, recipients, raw, login: login.clone(), encrypted };
                        state.mails.lock().unwrap().push(mail);
                        say(&mut stream, "250 kept").await?;
                    }
                }
            }
            "NOOP" | "RSET" => say(&mut stream, "250 ok").await?,
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return Ok(None);
            }
            _ => say(&mut stream, "502 unknown").await?,
        }
    }
}

async fn say(stream: &mut BufReader<Box<dyn Stream>>, line: &str) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// Everything up to the line with a single dot, with the doubled dots undone (RFC 5321 section 4.5.2).
async fn content(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(text: &str) -> String {
    text.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned()
}

/// RFC 4616: authorization identity, user and password, separated by NUL.
fn plain_login(rest: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(BASE64.decode(rest.strip_prefix("PLAIN ")?).ok()?).ok()?;
    let mut parts = decoded.split('\0').skip(1).map(str::to_owned);
    Some((parts.next()?, parts.next()?))
}
