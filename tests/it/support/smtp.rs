//! A mail server of the tests: it takes mail by SMTP, keeps it, and fails where it is told to.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD};
use mail_parser::{Message, MessageParser, MimeHeaders};
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// How often the server fails, each as one of so many; 0: never.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Answers a recipient with 450.
    pub later: u64,
    /// Breaks the line while the message comes.
    pub drop_before_dot: u64,
    /// Takes the message and breaks the line before it says so.
    pub drop_after_dot: u64,
}

/// How a server's lines are secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secured {
    /// By TLS from the beginning.
    FromTheBeginning,
    /// By STARTTLS, without which no mail is taken.
    ByStartTls,
}

/// Who may hand mail in at a secured server.
pub const USER: (&str, &str) = ("wattline", "p@ss word");

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Who it is from, by the envelope.
    pub from: String,
    /// To whom, by the envelope.
    pub to: String,
    /// The message, its dots undone.
    pub bytes: Vec<u8>,
}

impl Taken {
    /// The message, read by another library than the one that wrote it.
    pub fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.bytes).expect("a message")
    }

    /// Its subject.
    pub fn subject(&self) -> String {
        self.message().subject().unwrap_or_default().to_owned()
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.message().body_text(0).unwrap_or_default().into_owned()
    }

    /// A header as it stands, its folds undone.
    pub fn header(&self, name: &str) -> Option<String> {
        let raw = self.message().header_raw(name)?.replace("\r\n", "");
        Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The content types of its parts, in order.
    pub fn parts(&self) -> Vec<String> {
        let of = |part: &mail_parser::MessagePart<'_>| {
            let kind = part.content_type().expect("a content type");
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
        };
        self.message().parts.iter().map(of).collect()
    }

    /// The first link of the text that leads to such a page, as a path.
    pub fn path(&self, page: &str) -> String {
        let text = self.text();
        let at = text.find(&format!("/digest/{page}/")).unwrap_or_else(|| panic!("no {page} link in {text}"));
        text[at..].split_whitespace().next().unwrap().to_owned()
    }
}

/// The server.
#[derive(Clone)]
pub struct MailServer {
    port: u16,
    state: Arc<State>,
    authority: Option<Arc<(TempDir, PathBuf)>>,
}

/// How a secured server does it.
struct Security {
    how: Secured,
    acceptor: TlsAcceptor,
}

struct State {
    taken: Mutex<Vec<Taken>>,
    faults: Mutex<Faults>,
    /// Recipients that are refused for good.
    refused: Mutex<Vec<String>>,
    dice: AtomicU64,
    drops: AtomicU64,
    security: Option<Security>,
}

impl MailServer {
    /// A server on this machine.
    pub async fn start() -> Self {
        Self::start_with(None, None).await
    }

    /// A server on this machine that takes mail only by TLS and from [`USER`]. Whoever is to trust its certificate needs
    /// [`MailServer::authority`].
    pub async fn start_secured(how: Secured) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let file = folder.path().join("authority.pem");
        std::fs::write(&file, own.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let security = Security { how, acceptor: TlsAcceptor::from(Arc::new(config)) };
        Self::start_with(Some(security), Some(Arc::new((folder, file)))).await
    }

    async fn start_with(security: Option<Security>, authority: Option<Arc<(TempDir, PathBuf)>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            taken: Mutex::default(),
            faults: Mutex::default(),
            refused: Mutex::default(),
            dice: AtomicU64::new(0x9E37_79B9_7F4A_7C15),
            drops: AtomicU64::new(0),
            security,
        });
        let server = Self { port, state: Arc::clone(&state), authority };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(talk(Box::new(stream), Arc::clone(&state)));
            }
        });
        server
    }

    /// Its address for `--smtp`.
    pub fn url(&self) -> String {
        let user = format!("{}:{}", USER.0, USER.1.replace('@', "%40").replace(' ', "%20"));
        match self.state.security.as_ref().map(|security| security.how) {
            None => format!("smtp://127.0.0.1:{}?tls=none", self.port),
            Some(Secured::FromTheBeginning) => format!("smtps://{user}@localhost:{}", self.port),
            Some(Secured::ByStartTls) => format!("smtp://{user}@localhost:{}?tls=required", self.port),
        }
    }

    /// The file with the certificate by which a secured server can be trusted.
    pub fn authority(&self) -> Option<PathBuf> {
        self.authority.as_ref().map(|authority| authority.1.clone())
    }

    /// From now on it fails like this.
    pub fn fail(&self, faults: Faults) {
        *self.state.faults.lock().unwrap() = faults;
    }

    /// From now on it refuses this recipient.
    pub fn refuse(&self, address: &str) {
        self.state.refused.lock().unwrap().push(address.to_owned());
    }

    /// All that it has taken.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    /// How often it broke the line while a message was under way.
    pub fn drops(&self) -> u64 {
        self.state.drops.load(Ordering::Relaxed)
    }

    /// Waits until it has taken so many mails.
    pub async fn wait_for(&self, number: usize) -> Vec<Taken> {
        for _ in 0..1200 {
            let taken = self.taken();
            if taken.len() >= number {
                return taken;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{} mails came, not {number}", self.taken().len());
    }
}

impl State {
    /// Whether one of so many times has come; the same in each run but for who asks when.
    fn falls(&self, one_of: u64) -> bool {
        if one_of == 0 {
            return false;
        }
        let mut dice = self.dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        dice = (dice ^ (dice >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        dice = (dice ^ (dice >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (dice ^ (dice >> 31)).is_multiple_of(one_of)
    }
}

/// A line, in the open or by TLS.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// One line, as far as the other side keeps to RFC 5321, 3207 and 4954.
async fn talk(wire: Box<dyn Wire>, state: Arc<State>) -> Option<()> {
    let mut secure = false;
    let mut stream = BufReader::new(wire);
    if let Some(Security { how: Secured::FromTheBeginning, acceptor }) = &state.security {
        stream = BufReader::new(Box::new(acceptor.accept(stream.into_inner()).await.ok()?));
        secure = true;
    }
    let mut known = state.security.is_none();
    say(&mut stream, "220 mail.example.org ready").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let line = String::from_utf8(read(&mut stream).await?).ok()?;
        let line = line.trim_end().to_owned();
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        match verb.as_str() {
            "EHLO" => {
                let offered = match (&state.security, secure) {
                    (None, _) => "",
                    (Some(_), false) => "250-STARTTLS\r\n",
                    (Some(_), true) => "250-AUTH PLAIN\r\n",
                };
                say(&mut stream, &format!("250-mail.example.org\r\n{offered}250 8BITMIME")).await?;
            }
            "STARTTLS" if let Some(security) = state.security.as_ref().filter(|_| !secure) => {
                say(&mut stream, "220 2.0.0 go on").await?;
                stream = BufReader::new(Box::new(security.acceptor.accept(stream.into_inner()).await.ok()?));
                secure = true;
            }
            "AUTH" if secure => {
                known = line.split(' ').nth(2) == Some(&BASE64_STANDARD.encode(format!("\0{}\0{}", USER.0, USER.1)));
                say(&mut stream, if known { "235 2.7.0 welcome" } else { "535 5.7.8 wrong password" }).await?;
            }
            "MAIL" | "RCPT" | "DATA" if !known => say(&mut stream, "530 5.7.0 who are you?").await?,
            "MAIL" => {
                from = path();
                to.clear();
                say(&mut stream, "250 2.1.0 ok").await?;
            }
            "RCPT" => {
                let faults = *state.faults.lock().unwrap();
                if state.refused.lock().unwrap().contains(&path()) {
                    say(&mut stream, &format!("550 5.1.1 <{}> is unknown here", path())).await?;
                } else if state.falls(faults.later) {
                    say(&mut stream, "450 4.2.0 try again").await?;
                } else {
                    to.push(path());
                    say(&mut stream, "250 2.1.5 ok").await?;
                }
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let faults = *state.faults.lock().unwrap();
                let breaks = state.falls(faults.drop_before_dot);
                let mut bytes = Vec::new();
                loop {
                    let line = read(&mut stream).await?;
                    if breaks && bytes.len() > 500 {
                        state.drops.fetch_add(1, Ordering::Relaxed);
                        return None;
                    }
                    if line == b".\r\n" {
                        break;
                    }
                    bytes.extend(line.strip_prefix(b".").unwrap_or(&line));
                }
                for to in &to {
                    let taken = Taken { from: from.clone(), to: to.clone(), bytes: bytes.clone() };
                    state.taken.lock().unwrap().push(taken);
                }
                if state.falls(faults.drop_after_dot) {
                    state.drops.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
                say(&mut stream, "250 2.0.0 taken").await?;
            }
            "RSET" => {
                to.clear();
                say(&mut stream, "250 2.0.0 ok").await?;
            }
            "NOOP" => say(&mut stream, "250 2.0.0 ok").await?,
            "QUIT" => {
                say(&mut stream, "221 2.0.0 bye").await?;
                return Some(());
            }
            _ => say(&mut stream, "502 5.5.1 unknown").await?,
        }
    }
}

async fn say(stream: &mut BufReader<Box<dyn Wire>>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

/// A line with its end; `None` where the other side has gone.
async fn read(stream: &mut BufReader<Box<dyn Wire>>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let length = stream.read_until(b'\n', &mut line).await.ok()?;
    (length > 0).then_some(line)
}
