//! The options of the digest: how mail goes out, and what may come back.

use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;
use url::Url;

use crate::{
    digest::{
        mail::Sender,
        smtp::{Outbox, Server},
    },
    jobs::post::Pace,
    llm::Secret,
    model::EmailAddress,
};

/// How the digest is sent.
#[derive(Args, Clone)]
#[command(next_help_heading = "The digest")]
pub struct MailOptions {
    /// The mail server: `smtps://user:password@host` for TLS from the beginning, `smtp://user:password@host` for STARTTLS;
    /// better given in the environment, where other users do not see it. Without one, no mail is sent
    #[arg(
        long,
        value_name = "URL",
        env = "WATTLINE_SMTP",
        hide_env_values = true,
        hide_short_help = true,
        global = true
    )]
    pub smtp: Option<Url>,

    /// Instead of sending mail, write it into this folder, to try things out; refused where the public URL is not of this
    /// machine
    #[arg(
        long,
        value_name = "DIR",
        env = "WATTLINE_MAIL_FOLDER",
        conflicts_with = "smtp",
        hide_short_help = true,
        global = true
    )]
    pub mail_folder: Option<PathBuf>,

    /// Write mail into the folder although the public URL is not of this machine
    #[arg(long, hide_short_help = true, global = true)]
    pub mail_folder_in_production: bool,

    /// From whom mail comes [default: digest@ and the public URL's host]
    #[arg(long, value_name = "ADDRESS", env = "WATTLINE_MAIL_FROM", value_parser = address, hide_short_help = true, global = true)]
    pub mail_from: Option<EmailAddress>,

    /// Where bounces, complaints and requests to be unsubscribed by mail go [default: the address that mail comes from]
    #[arg(long, value_name = "ADDRESS", env = "WATTLINE_MAIL_BOUNCES", value_parser = address, hide_short_help = true, global = true)]
    pub mail_bounces: Option<EmailAddress>,

    /// At most so many mails a second
    #[arg(long, value_name = "NUMBER", env = "WATTLINE_MAIL_RATE", default_value_t = 10.0, value_parser = rate, hide_short_help = true, global = true)]
    pub mail_rate: f64,

    /// At most so many mails a minute to one domain
    #[arg(long, value_name = "NUMBER", env = "WATTLINE_MAIL_DOMAIN_RATE", default_value_t = 120.0, value_parser = rate, hide_short_help = true, global = true)]
    pub mail_domain_rate: f64,

    /// Over so many lines to the mail server at once
    #[arg(long, value_name = "NUMBER", env = "WATTLINE_MAIL_LINES", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64), hide_short_help = true, global = true)]
    pub mail_lines: u8,

    /// A folder into which the mail server drops what comes back, a file a message; what is read is deleted
    #[arg(long, value_name = "DIR", env = "WATTLINE_BOUNCE_FOLDER", hide_short_help = true, global = true)]
    pub bounce_folder: Option<PathBuf>,

    /// The secret with which what comes back may be posted to /digest/bounces, as `Authorization: Bearer SECRET`
    #[arg(
        long,
        value_name = "SECRET",
        env = "WATTLINE_BOUNCE_SECRET",
        hide_env_values = true,
        hide_short_help = true,
        global = true
    )]
    pub bounce_secret: Option<Secret>,

    /// A proxy in front of the site, whose word on who asks is believed, such as 10.0.0.0/8; may be repeated
    #[arg(
        long,
        value_name = "CIDR",
        env = "WATTLINE_TRUST_PROXY",
        value_delimiter = ',',
        hide_short_help = true,
        global = true
    )]
    pub trust_proxy: Vec<IpNet>,
}

impl MailOptions {
    /// Who sends, for a site at `public_url`.
    ///
    /// # Panics
    /// Never: the address that stands in for a host without a name is one.
    pub fn sender(&self, public_url: &Url) -> Sender {
        let host = match public_url.host() {
            Some(url::Host::Domain(host)) if host.contains('.') => host.to_owned(),
            _ => "localhost.localdomain".to_owned(),
        };
        let from = self.mail_from.clone().unwrap_or_else(|| {
            EmailAddress::parse(&format!("digest@{host}"))
                .or_else(|_| EmailAddress::parse("digest@localhost.localdomain"))
                .expect("a constant address is one")
        });
        let bounces = self.mail_bounces.clone().unwrap_or_else(|| from.clone());
        Sender { name: "Wattline".to_owned(), from, bounces, host }
    }

    /// Where mail is handed in; `None`: nowhere.
    ///
    /// # Errors
    /// One sentence on what is wrong, and what to do.
    pub fn outbox(&self, public_url: &Url) -> Result<Option<Outbox>, String> {
        if let Some(folder) = &self.mail_folder {
            let local = match public_url.host() {
                Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                Some(url::Host::Domain(host)) => host == "localhost",
                None => false,
            };
            if !local && !self.mail_folder_in_production {
                return Err(format!(
                    "--mail-folder sends nothing, and {public_url} is not this machine: name a mail server with --smtp, or \
                     insist with --mail-folder-in-production"
                ));
            }
            return Ok(Some(Outbox::Folder(folder.clone())));
        }
        let hello = self.sender(public_url).host;
        let server =
            self.smtp.as_ref().map(|url| Server::parse(url, &hello).map_err(|error| format!("--smtp: {error}")));
        Ok(server.transpose()?.map(Outbox::Server))
    }

    /// How fast.
    pub fn pace(&self) -> Pace {
        Pace { a_second: self.mail_rate, domain_a_minute: self.mail_domain_rate, lines: usize::from(self.mail_lines) }
    }
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.001..=1e6).contains(rate)).ok_or("give a number such as 10 or 0.5".to_owned())
}
