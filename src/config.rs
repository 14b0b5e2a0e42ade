//! Every option and environment variable, documented once.
//!
//! Nothing else reads the environment: `main` takes what it finds here and hands values down.

mod commands;
mod mail;

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser};
use ipnet::IpNet;
use url::Url;

pub use self::{
    commands::{ArticlesCommand, DigestCommand, RatesCommand, SourcesCommand},
    mail::MailOptions,
};
use crate::{
    db::embedded::{KEEPER_COMMAND, Keeper},
    ledger::quiet::Patience,
    llm::Secret,
};

/// Wattline: a ledger of AI-infrastructure deals, read from the news.
///
/// It reads feeds and articles, finds the deals in them, merges what many outlets say of one deal, and serves the
/// result as a web site on which every figure leads to the sentence that it came from.
#[derive(Parser)]
#[command(version, max_term_width = 100, propagate_version = true)]
pub struct Arguments {
    /// What every command knows.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command knows.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The Postgres to work in. Without it, Wattline runs a private one in the data folder
    #[arg(long, value_name = "URL", env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// Where the private Postgres keeps its data [default: /var/lib/wattline for root, else the platform's data folder]
    #[arg(long, value_name = "DIR", env = "WATTLINE_DATA", global = true)]
    pub data: Option<PathBuf>,

    /// The address that the site listens on
    #[arg(long, value_name = "ADDR", env = "WATTLINE_LISTEN", default_value = "127.0.0.1:8080", value_parser = listen, global = true)]
    pub listen: SocketAddr,

    /// What links in feeds, exports and mail begin with [default: http:// and the listening address]
    #[arg(long, value_name = "URL", env = "WATTLINE_PUBLIC_URL", value_parser = public_url, global = true)]
    pub public_url: Option<Url>,

    /// What may be done with the data that the site offers, told beside it: a licence's name and address, for example
    /// `CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/`
    #[arg(long, value_name = "LINE", env = "WATTLINE_DATA_LICENCE", global = true)]
    pub data_licence: Option<String>,

    /// A range of addresses that may be fetched from although it is not public, such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "CIDR", env = "WATTLINE_ALLOW_PRIVATE", value_delimiter = ',', global = true)]
    pub allow_private: Vec<IpNet>,

    /// Where a host that is bothered by our requests can turn, told with each: an address of mail or of the web
    /// [default: the public URL]
    #[arg(long, value_name = "CONTACT", env = "WATTLINE_CONTACT", global = true)]
    pub contact: Option<String>,

    /// How many milliseconds a host is left alone between two requests, whichever worker sends them
    #[arg(long, value_name = "MS", env = "WATTLINE_HOST_DELAY", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(..=600_000), global = true)]
    pub host_delay: u64,

    /// After how many days without news a rumor is marked as gone quiet
    #[arg(long, value_name = "DAYS", env = "WATTLINE_QUIET_RUMOR", default_value_t = Patience::default().rumour_days, global = true)]
    pub quiet_rumor: u32,

    /// After how many days without news an announcement is marked as gone quiet
    #[arg(long, value_name = "DAYS", env = "WATTLINE_QUIET_ANNOUNCEMENT", default_value_t = Patience::default().announcement_days, global = true)]
    pub quiet_announcement: u32,

    /// What to log on standard error, such as `warn` or `wattline=debug`
    #[arg(long, value_name = "FILTER", env = "WATTLINE_LOG", default_value = "warn,wattline=info", global = true)]
    pub log: String,

    /// The folder of PostgreSQL's server programs, where they are not found by themselves
    #[arg(long, value_name = "DIR", env = "PG_BINDIR", global = true)]
    pub pg_bindir: Option<PathBuf>,

    /// How the digest is sent.
    #[command(flatten)]
    pub mail: MailOptions,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the site and the worker together
    Serve(Starting),
    /// Run the site alone; any number may run against one database
    Web,
    /// Run the worker alone, which reads the sources; any number may run against one database
    Worker(Starting),
    /// Read feeds, pages or articles into the ledger, and return when all of it is merged
    ///
    /// Each may be a file or a URL: a feed (RSS, Atom, JSON Feed), an HTML page, a text, or JSON Lines of articles.
    /// Of a feed that was given as a URL and holds summaries only, the full pages are fetched too.
    Ingest {
        /// Files and URLs; `-` for standard input
        #[arg(required = true, value_name = "FILE|URL")]
        inputs: Vec<String>,
        /// Print what would be read of files, a JSON line each, and store nothing; needs no database and no network
        #[arg(long)]
        dry_run: bool,
    },
    /// Find the deals in articles and print them as JSON Lines; needs no database and no network
    Extract {
        /// JSON Lines of articles, an HTML page or a text; none or `-`: standard input
        #[arg(value_name = "FILE")]
        files: Vec<String>,
        /// Print the main text of HTML pages instead, a JSON line each
        #[arg(long)]
        text_only: bool,
        /// With which readers.
        #[command(flatten)]
        readers: Readers,
    },
    /// Tell how well the extractor reads: hold it against labelled articles; needs no database and no network
    Evaluate {
        /// JSON Lines of articles with their deals, such as tests/gold/dev.jsonl
        #[arg(required_unless_present = "archive", value_name = "GOLD")]
        gold: Vec<String>,
        /// Measure the archive that ships with the program instead: read it into an empty ledger, and hold the records
        /// against the facts of this file, tests/gold/archive.jsonl
        #[arg(long, value_name = "FACTS", conflicts_with_all = ["gold", "merge", "rules", "errors"])]
        archive: Option<String>,
        /// Also list each difference, with the sentence that it is about
        #[arg(long)]
        errors: bool,
        /// Print one JSON object instead of tables
        #[arg(long)]
        json: bool,
        /// Leave out the learned part, and let the rules alone decide
        #[arg(long)]
        rules: bool,
        /// Measure how the ledger merges instead: each deal of the files names its record, as in tests/gold/merge/
        #[arg(long, conflicts_with = "rules")]
        merge: bool,
    },
    /// Learn the extractor's weights from labelled articles and print them; the program is built with data/weights.br
    Learn {
        /// JSON Lines of articles with their deals, such as tests/gold/develop.jsonl
        #[arg(required = true, value_name = "GOLD")]
        gold: Vec<String>,
        /// Learn from these articles too, and let each count twice: tests/gold/web.jsonl, pages as the web has them
        #[arg(long, value_name = "GOLD")]
        web: Option<String>,
        /// Learn from the news that ships with the program too, with the facts of this file: tests/gold/archive.jsonl
        #[arg(long, value_name = "FACTS")]
        archive: Option<String>,
        /// Print, instead of the weights, how well each article is read by weights learned from the others: the
        /// articles are dealt into this many parts, and each part is read by what the rest taught
        #[arg(long, value_name = "PARTS", value_parser = clap::value_parser!(u64).range(2..=100))]
        folds: Option<u64>,
        /// Print them as the program is built with them, which is shorter and not for reading
        #[arg(long, conflicts_with = "folds")]
        packed: bool,
    },
    /// Bring the database's schema up to date
    Migrate,
    /// Derive the whole ledger anew from its claims and from what editors said
    Rebuild,
    /// Print the whole ledger as JSON Lines that two databases can be compared by: without ids and times of reading
    Dump,
    /// Write the whole public ledger as a dated archive: CSV and JSON, with every column documented
    Snapshot {
        /// The folder to write it into
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Fill an empty ledger with drawn deals under plainly fictional names, to see how the program does with many
    Synth {
        /// How many deals
        #[arg(long, value_name = "NUMBER", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
        deals: u32,
        /// How many articles
        #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
        articles: u32,
    },
    /// Exchange rates
    #[command(subcommand)]
    Rates(RatesCommand),
    /// The feeds and pages that are watched
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Articles that could not be read
    #[command(subcommand)]
    Articles(ArticlesCommand),
    /// The weekly mail: see what it will say, make issues and send them by hand
    #[command(subcommand)]
    Digest(DigestCommand),
    /// What the program starts itself as, to be the parent of its private Postgres
    #[command(name = KEEPER_COMMAND, hide = true)]
    KeepPostgres(Keeper),
}

/// Who reads articles.
#[derive(Args, Clone)]
#[command(next_help_heading = "A language model as second reader")]
pub struct Readers {
    /// Who reads
    #[arg(long, value_enum, default_value_t)]
    pub reader: ReaderKind,

    /// The base URL of an OpenAI-compatible chat interface, such as `http://localhost:11434/v1`
    #[arg(long, value_name = "URL", env = "WATTLINE_LLM_URL", value_parser = public_url, hide_env_values = true)]
    pub llm_url: Option<Url>,

    /// The model's name there
    #[arg(long, value_name = "NAME", env = "WATTLINE_LLM_MODEL")]
    pub llm_model: Option<String>,

    /// The key, where one is needed; better given in the environment, where other users do not see it
    #[arg(long, value_name = "KEY", env = "WATTLINE_LLM_KEY", hide_env_values = true)]
    pub llm_key: Option<Secret>,

    /// The most requests in an hour; when they are used up, the rules read alone
    #[arg(long, value_name = "NUMBER", env = "WATTLINE_LLM_BUDGET", default_value_t = 60)]
    pub llm_budget: u32,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReaderKind {
    /// The rules
    #[default]
    Rules,
    /// A language model, checked against the text
    Llm,
    /// The rules, and the language model where they doubt
    Hybrid,
}

/// How `serve` and `worker` start.
#[derive(Args, Clone)]
pub struct Starting {
    /// Leave an empty ledger empty instead of reading the archive that ships with the program
    #[arg(long, env = "WATTLINE_NO_ARCHIVE", value_parser = FalseyValueParser::new())]
    pub no_archive: bool,

    /// Do not add the sources that ship with the program, nor ask for exchange rates
    #[arg(long, env = "WATTLINE_NO_SOURCES", value_parser = FalseyValueParser::new())]
    pub no_sources: bool,

    /// Where the exchange rates are asked for once a day: the European Central Bank's history, as CSV, zip or XML
    #[arg(long, value_name = "URL", env = "WATTLINE_RATES_URL", default_value = RATES_URL, value_parser = public_url)]
    pub rates_url: Url,
}

/// Where the European Central Bank publishes the whole history of its reference rates.
pub const RATES_URL: &str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip";

impl Default for Starting {
    fn default() -> Self {
        let rates_url = Url::parse(RATES_URL).expect("a constant address");
        Self { no_archive: false, no_sources: false, rates_url }
    }
}

/// Which database to work in.
pub enum Database {
    /// One that somebody else runs.
    Url(String),
    /// A private one.
    Embedded {
        /// Its folder.
        folder: PathBuf,
        /// Where PostgreSQL's programs are said to be.
        pg_bindir: Option<PathBuf>,
        /// Where programs are searched.
        path: Option<OsString>,
    },
}

impl Options {
    /// Which database to work in.
    ///
    /// # Errors
    /// One sentence where there is no folder to keep a private one in.
    pub fn database(&self) -> Result<Database, String> {
        if let Some(url) = self.database_url.as_ref().filter(|url| !url.is_empty()) {
            return Ok(Database::Url(url.clone()));
        }
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let is_root = rustix::process::geteuid().is_root();
        let folder = self
            .data
            .clone()
            .or_else(|| default_data_folder(is_root, variable("XDG_DATA_HOME").as_deref(), variable("HOME").as_deref()))
            .ok_or("there is no home folder to keep the data in: name one with --data or WATTLINE_DATA")?;
        Ok(Database::Embedded {
            folder: folder.join("postgres"),
            pg_bindir: self.pg_bindir.clone(),
            path: std::env::var_os("PATH"),
        })
    }

    /// What links begin with, for a site that listens on `address`.
    ///
    /// # Panics
    /// Never: an address always makes a URL.
    pub fn public_url(&self, address: SocketAddr) -> Url {
        self.public_url
            .clone()
            .unwrap_or_else(|| Url::parse(&format!("http://{address}/")).expect("an address makes a URL"))
    }

    /// Where hubs can push the news of feeds to: the public URL, where one was given.
    pub fn callback(&self) -> Option<Url> {
        let mut url = self.public_url.clone()?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Some(url)
    }

    /// After how long without news an open promise has gone quiet.
    pub fn patience(&self) -> Patience {
        Patience { rumour_days: self.quiet_rumor, announcement_days: self.quiet_announcement }
    }

    /// Where a bothered host can turn.
    pub fn contact(&self) -> String {
        self.contact.clone().unwrap_or_else(|| self.public_url(self.listen).to_string())
    }
}

/// An address to listen on.
fn listen(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = local.as_deref().unwrap_or(text).parse();
    address.map_err(|_| "give an address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned())
}

/// A URL that links can begin with.
fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "give a whole URL such as https://wattline.example/".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it must begin with http:// or https://".to_owned());
    }
    Ok(url)
}

/// Where the program keeps its data if it is not told: what the platform says, or `None` where there is no home.
///
/// `xdg_data_home` and `home` are the variables `XDG_DATA_HOME` and `HOME`. A relative `XDG_DATA_HOME` does not count,
/// as the XDG Base Directory Specification says.
pub fn default_data_folder(is_root: bool, xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if is_root {
        return Some("/var/lib/wattline".into());
    }
    let home = home.filter(|home| home.is_absolute());
    if cfg!(target_os = "macos") {
        return home.map(|home| home.join("Library/Application Support/wattline"));
    }
    match xdg_data_home.filter(|folder| folder.is_absolute()) {
        Some(folder) => Some(folder.join("wattline")),
        None => home.map(|home| home.join(".local/share/wattline")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_folder_is_the_platforms() {
        let home = Some(Path::new("/home/ada"));
        assert_eq!(default_data_folder(true, None, home), Some("/var/lib/wattline".into()));
        assert_eq!(default_data_folder(false, None, None), None);
        if cfg!(target_os = "macos") {
            let folder = "/home/ada/Library/Application Support/wattline";
            assert_eq!(default_data_folder(false, None, home), Some(folder.into()));
        } else {
            let default = Some("/home/ada/.local/share/wattline".into());
            assert_eq!(default_data_folder(false, None, home), default);
            assert_eq!(default_data_folder(false, Some(Path::new("relative")), home), default);
            assert_eq!(default_data_folder(false, Some(Path::new("/x")), home), Some("/x/wattline".into()));
        }
    }
}
