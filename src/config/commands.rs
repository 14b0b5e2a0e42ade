//! What `digest`, `rates`, `sources` and `articles` can be told to do.

use std::path::PathBuf;

use clap::Subcommand;
use url::Url;
use uuid::Uuid;

use super::public_url;
use crate::model::{Period, Rank};

/// What to do with the digest.
#[derive(Subcommand)]
pub enum DigestCommand {
    /// Write the mail of a week into a file, as a subscriber would get it; needs no mail server
    Preview {
        /// The week, such as 2026-W20, or a day, such as 2026-05-14 [default: the last week that is over]
        #[arg(long, value_name = "WEEK", value_parser = period)]
        week: Option<Period>,
        /// A company, by its slug or name, with all that it owns; may be repeated
        #[arg(long = "company", value_name = "SLUG")]
        companies: Vec<String>,
        /// The file to write; `-` for standard output
        #[arg(long, value_name = "FILE.eml")]
        out: PathBuf,
    },
    /// Make the issue of a week and freeze it
    Make {
        /// The week, such as 2026-W20, or a day, such as 2026-05-14 [default: the last week that is over]
        #[arg(long, value_name = "WEEK", value_parser = period)]
        week: Option<Period>,
    },
    /// Send all that is due now; a worker does so by itself
    Send {
        /// Tell what would be sent, and send nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Tell how many subscribe, and what became of what was sent
    Status,
}

fn period(text: &str) -> Result<Period, String> {
    text.parse()
}

/// What to do with exchange rates.
#[derive(Subcommand)]
pub enum RatesCommand {
    /// Add the rates of a file to those that are known, and convert the deals of its days anew
    Update {
        /// The European Central Bank's eurofxref-hist.csv, .zip or .xml, or a file of that form with further currencies;
        /// a file or a URL
        #[arg(value_name = "FILE|URL")]
        input: String,
    },
}

/// What to do with sources.
#[derive(Subcommand)]
pub enum SourcesCommand {
    /// Watch a feed, a news sitemap or a page that lists articles; of any other page, the feed that it leads to
    Add {
        /// Its address
        #[arg(value_name = "URL", value_parser = public_url)]
        url: Url,
        /// Its name [default: what the feed calls itself]
        #[arg(long, value_name = "NAME")]
        title: Option<String>,
        /// How far it is trusted: primary, trade, press or aggregator [default: press]
        #[arg(long, value_name = "RANK", value_parser = rank)]
        rank: Option<Rank>,
        /// Watch it without asking it first
        #[arg(long)]
        unchecked: bool,
    },
    /// Watch a source no longer; what was read of it stays
    Remove {
        /// Its address or name
        #[arg(value_name = "URL")]
        url: String,
    },
    /// Leave a source alone until it is resumed
    Pause {
        /// Its address or name
        #[arg(value_name = "URL")]
        url: String,
    },
    /// Read a source again, one too that has said that it is gone
    Resume {
        /// Its address or name
        #[arg(value_name = "URL")]
        url: String,
    },
    /// Print all sources: rank, name, address and how they do, apart by tabs
    List,
    /// Print what would be read of an address, and store nothing; needs no database
    Check {
        /// The address of a feed or of a page
        #[arg(value_name = "URL", value_parser = public_url)]
        url: Url,
    },
    /// Watch all sources of an OPML file
    Import {
        /// The file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: String,
    },
    /// Print the watched sources as OPML, or write them into a file
    Export {
        /// The file
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Have the past of a source read, where its feed leads to earlier entries (RFC 5005); after all that is new
    Backfill {
        /// Its address or name
        #[arg(value_name = "URL")]
        url: String,
        /// Stop reading its past
        #[arg(long)]
        stop: bool,
    },
}

/// What to do with articles.
#[derive(Subcommand)]
pub enum ArticlesCommand {
    /// Print the articles that are set aside: id, reason, headline and address, apart by tabs
    Aside,
    /// Print what was read so unsurely that no deal was made of it: id, how sure from 0 to 1, kind, parties, headline and
    /// address, apart by tabs
    Doubtful,
    /// Have articles that were set aside run again by the worker
    Again {
        /// The one to run again [default: all]
        #[arg(value_name = "ID", value_parser = article_id)]
        id: Option<Uuid>,
    },
}

/// An article's id, as it is printed.
fn article_id(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| "give the id of an article, as `wattline articles aside` prints it".to_owned())
}

/// How far a source is trusted.
fn rank(text: &str) -> Result<Rank, String> {
    text.parse().map_err(|_| "it can be primary, trade, press or aggregator".to_owned())
}
