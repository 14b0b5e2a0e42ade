//! The way out: SMTP, or a folder to try things out.
//!
//! A line to the server is kept open from one message to the next. What an attempt came to is told by how far it got: before
//! the message itself was sent, a broken line means that nothing arrived; after that nobody can tell without an answer.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::ClientId,
    },
};
use tokio::net::TcpStream;
use url::Url;

use crate::model::EmailAddress;

/// Where mail is handed in.
#[derive(Clone)]
pub enum Outbox {
    /// At an SMTP server.
    Server(Server),
    /// In a folder, a file a message: for trying things out.
    Folder(PathBuf),
}

/// An SMTP server.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    tls: Security,
    credentials: Option<Credentials>,
    hello: ClientId,
}

/// How the line is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// By TLS from the beginning.
    Tls,
    /// By STARTTLS, or not used at all.
    StartTls,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    /// Not at all.
    None,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

/// How long it may take to reach a server.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a server may take for a message.
const PATIENCE: Duration = Duration::from_mins(5);

impl Server {
    /// A server as its URL has it: `smtps://user:password@host` for TLS from the beginning, `smtp://user:password@host` for
    /// STARTTLS, which a server on this machine need not have; `?tls=required`, `opportunistic` or `none` say otherwise.
    /// `hello` is the name by which we introduce ourselves.
    ///
    /// # Errors
    /// One sentence on what is wrong with it.
    pub fn parse(url: &Url, hello: &str) -> Result<Self, String> {
        let host = url.host_str().ok_or("name the mail server's host, as in smtp://mail.example.org")?;
        let local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let tls = match (url.scheme(), asked.as_deref()) {
            ("smtps", _) => Security::Tls,
            ("smtp", Some("none")) => Security::None,
            ("smtp", Some("opportunistic")) => Security::Opportunistic,
            ("smtp", None) if local => Security::Opportunistic,
            ("smtp", None | Some("required")) => Security::StartTls,
            ("smtp", Some(_)) => return Err("?tls= may be required, opportunistic or none".to_owned()),
            _ => return Err("the mail server's URL begins with smtp:// or smtps://".to_owned()),
        };
        let port = url.port().unwrap_or(match tls {
            Security::Tls => 465,
            _ if local => 25,
            _ => 587,
        });
        let decoded = |text: &str| {
            let pair = format!("v={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let credentials = url.password().map(|password| Credentials::new(decoded(url.username()), decoded(password)));
        // A line that may do without TLS can be made to do so by whoever sits in between.
        if credentials.is_some() && (tls == Security::None || tls == Security::Opportunistic && !local) {
            return Err("a password is not sent over a line that may be without TLS: leave out ?tls=".to_owned());
        }
        Ok(Self { host: host.to_owned(), port, tls, credentials, hello: ClientId::Domain(hello.to_owned()) })
    }

    /// A line that is greeted, secured and knows who we are; the error is in words.
    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let at = (self.host.as_str(), self.port);
        let parameters = || TlsParameters::new(self.host.clone()).map_err(|error| told(&error));
        let mut line = if self.tls == Security::Tls {
            let tls = Some(parameters()?);
            AsyncSmtpConnection::connect_tokio1(at, Some(CONNECT), &self.hello, tls, None).await
        } else {
            let stream = tokio::time::timeout(CONNECT, TcpStream::connect(at)).await;
            let stream = stream.unwrap_or_else(|late| Err(late.into())).map_err(|error| error.to_string())?;
            // The end of a message is a short write behind a long one: held back until that is acknowledged, it would cost
            // each message the forty milliseconds for which the other side puts the acknowledgement off.
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
        }
        .map_err(|error| told(&error))?;
        if self.tls == Security::StartTls || (self.tls == Security::Opportunistic && line.can_starttls()) {
            line.starttls(parameters()?, &self.hello).await.map_err(|error| told(&error))?;
        }
        if let Some(credentials) = self.credentials.as_ref() {
            line.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| told(&error))?;
        }
        Ok(line)
    }
}

/// What an attempt came to. The words are the server's, in which it may name an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is the server's now.
    Taken,
    /// Not now (4xx), or the line broke before the message: to be tried again.
    Later(String),
    /// Never (5xx).
    Refused(String),
    /// The line broke while the message was under way.
    Uncertain(String),
    /// There is no line to the server, so that it says nothing about this message.
    NoLine(String),
}

/// A line to wherever mail is handed in.
pub struct Line {
    outbox: Outbox,
    open: Option<AsyncSmtpConnection>,
}

impl Line {
    /// A line that opens with the first message.
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, open: None }
    }

    /// Hands a message in. `name` is what a file of it is called.
    pub async fn send(&mut self, from: &EmailAddress, to: &EmailAddress, message: &[u8], name: &str) -> Outcome {
        match &self.outbox {
            Outbox::Folder(folder) => {
                let file = folder.join(format!("{name}.eml"));
                match tokio::fs::write(&file, message).await {
                    Ok(()) => Outcome::Taken,
                    Err(error) => Outcome::NoLine(format!("{} cannot be written: {error}", file.display())),
                }
            }
            Outbox::Server(server) => {
                let server = server.clone();
                let sending = self.over_smtp(&server, from, to, message);
                // A line that was given up is not kept.
                let late = || Outcome::Uncertain("the server took longer than any answer may".to_owned());
                tokio::time::timeout(PATIENCE, sending).await.unwrap_or_else(|_| late())
            }
        }
    }

    async fn over_smtp(&mut self, server: &Server, from: &EmailAddress, to: &EmailAddress, message: &[u8]) -> Outcome {
        let addresses = from.as_str().parse::<Address>().and_then(|from| Ok((from, to.as_str().parse::<Address>()?)));
        let Ok((from, to)) = addresses else { return Outcome::Refused("no mail address".to_owned()) };
        // A line that has been idle may have been closed at the other end; a new one is tried once.
        let reused = self.open.is_some();
        let mut line = match self.open.take() {
            Some(line) => line,
            None => match server.connect().await {
                Ok(line) => line,
                Err(words) => return Outcome::NoLine(words),
            },
        };
        let mut begun = line.command(Mail::new(Some(from.clone()), Vec::new())).await;
        if reused && begun.as_ref().is_err_and(|error| error.status().is_none()) {
            line = match server.connect().await {
                Ok(line) => line,
                Err(words) => return Outcome::NoLine(words),
            };
            begun = line.command(Mail::new(Some(from), Vec::new())).await;
        }
        let ready = match begun {
            Ok(_) => match line.command(Rcpt::new(to, Vec::new())).await {
                Ok(_) => line.command(Data).await,
                refused => refused,
            },
            refused => refused,
        };
        let (error, under_way) = match ready {
            Ok(_) => match line.message(message).await {
                Ok(_) => {
                    self.open = Some(line);
                    return Outcome::Taken;
                }
                Err(error) => (error, true),
            },
            Err(error) => (error, false),
        };
        let words = told(&error);
        if error.status().is_some() && line.command(Rset).await.is_ok() {
            self.open = Some(line);
        }
        match error.status() {
            // "Service not available, closing": it says nothing about this message.
            Some(code) if u16::from(code) == 421 => Outcome::Later(words),
            Some(_) if error.is_permanent() => Outcome::Refused(words),
            None if under_way => Outcome::Uncertain(words),
            _ => Outcome::Later(words),
        }
    }

    /// Closes the line.
    pub async fn close(&mut self) {
        if let Some(mut line) = self.open.take() {
            let _ = tokio::time::timeout(Duration::from_secs(5), line.quit()).await;
        }
    }
}

fn told(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

/// Makes the folder of an outbox that is one.
///
/// # Errors
/// Where it cannot be made.
pub async fn prepare(outbox: &Outbox) -> anyhow::Result<()> {
    if let Outbox::Folder(folder) = outbox {
        tokio::fs::create_dir_all(folder)
            .await
            .with_context(|| format!("the folder for mail, {}, cannot be made", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<(u16, Security, bool), String> {
        let server = Server::parse(&Url::parse(url).unwrap(), "wattline.example")?;
        Ok((server.port, server.tls, server.credentials.is_some()))
    }

    #[test]
    fn a_server_is_what_its_url_says() {
        assert_eq!(parsed("smtps://ada:p%40ss@mail.example.org"), Ok((465, Security::Tls, true)));
        assert_eq!(parsed("smtp://mail.example.org"), Ok((587, Security::StartTls, false)));
        assert_eq!(parsed("smtp://127.0.0.1:2525"), Ok((2525, Security::Opportunistic, false)));
        assert_eq!(parsed("smtp://localhost?tls=none"), Ok((25, Security::None, false)));
        assert!(parsed("http://mail.example.org").is_err());
        assert!(parsed("smtp://ada:pass@mail.example.org?tls=none").is_err());
        assert!(parsed("smtp://mail.example.org?tls=maybe").is_err());
    }
}
