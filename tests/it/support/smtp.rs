//! A mail server of the tests: it takes mail by SMTP, keeps it, and fails where it is told to.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use mail_parser::{Message, MessageParser, MimeHeaders};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

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
}

struct State {
    taken: Mutex<Vec<Taken>>,
    faults: Mutex<Faults>,
    /// Recipients that are refused for good.
    refused: Mutex<Vec<String>>,
    dice: AtomicU64,
    drops: AtomicU64,
}

impl MailServer {
    /// A server on this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            taken: Mutex::default(),
            faults: Mutex::default(),
            refused: Mutex::default(),
            dice: AtomicU64::new(0x9E37_79B9_7F4A_7C15),
            drops: AtomicU64::new(0),
        });
        let server = Self { port, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// Its address for `--smtp`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
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

/// One line, as far as the other side keeps to RFC 5321.
async fn talk(stream: TcpStream, state: Arc<State>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 mail.example.org ready").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let line = String::from_utf8(read(&mut stream).await?).ok()?;
        let line = line.trim_end().to_owned();
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        match verb.as_str() {
            "EHLO" => say(&mut stream, "250-mail.example.org\r\n250 8BITMIME").await?,
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

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

/// A line with its end; `None` where the other side has gone.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let length = stream.read_until(b'\n', &mut line).await.ok()?;
    (length > 0).then_some(line)
}
