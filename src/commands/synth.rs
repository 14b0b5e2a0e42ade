//! `synth`: fills an empty ledger with drawn deals and articles under plainly fictional names, to see how the program does
//! with many. The same numbers give the same ledger.
//!
//! Some hundreds of deals are drawn and written as the program writes them; the others are copies of these at other
//! days, made inside the database, and the remaining articles say nothing of any deal.

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{Usage, open, say};
use crate::{
    config::Options,
    db::{
        articles::{self, NewArticle, Origin, Stored},
        claims::{self, ReadingOf},
        deals::{self, Cause},
        new_id, shares, synth,
    },
    ledger::{convert::Rates, derive::derive},
    model::{Claim, Kind, Rank, Registry, Role, Slug, SourcedClaim},
};

/// So many deals are drawn; the others are copies.
const DRAWN: usize = 500;
/// So many companies take part in them.
const COMPANIES: usize = 400;

const FIRST: [&str; 20] = [
    "Amberfen",
    "Bramblewick",
    "Cindermoor",
    "Dapplegate",
    "Everhollow",
    "Fablewood",
    "Gossamer",
    "Hobbleton",
    "Inkwater",
    "Jollybrook",
    "Kettlemere",
    "Lanternby",
    "Marzipan",
    "Nimblegrove",
    "Oddfellow",
    "Puddlestone",
    "Quillmoor",
    "Riddlebay",
    "Snickersea",
    "Thimbleton",
];
const SECOND: [&str; 20] = [
    "Compute",
    "Power",
    "Data Halls",
    "Chips",
    "Capital",
    "Cloud",
    "Grid",
    "Racks",
    "Energy",
    "Towers",
    "Silicon",
    "Networks",
    "Holdings",
    "Cooling",
    "Sites",
    "Models",
    "Storage",
    "Systems",
    "Turbines",
    "Ventures",
];
const PLACES: [&[&str]; 8] =
    [&["Texas"], &["Ohio"], &["Norway"], &["United Kingdom"], &["Japan"], &["Virginia", "Texas"], &[], &["Finland"]];
const PUBLISHERS: [(&str, Rank); 5] = [
    ("The Imaginary Ledger", Rank::Press),
    ("Invented Weekly", Rank::Trade),
    ("Rack & Fable", Rank::Trade),
    ("Made-up Post", Rank::Press),
    ("Fictional Wire", Rank::Primary),
];

/// Fills the configured database, which has to be empty.
pub async fn run(options: &Options, deals: u32, articles: u32) -> anyhow::Result<()> {
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    if !synth::is_empty(&mut db).await? {
        return Err(Usage(
            "the ledger is not empty, and drawn deals do not belong among others: name another database with \
             --database-url, or another folder with --data"
                .to_owned(),
        )
        .into());
    }
    fill(&mut db, deals, articles).await?;
    drop(db);
    database.close().await;
    say(format_args!("The ledger holds {deals} drawn deals and {articles} articles."))?;
    Ok(())
}

/// Numbers that look drawn and are the same in every run.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Those that a seed gives.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, below `below`.
    pub fn roll(&mut self, below: usize) -> usize {
        // SplitMix64, by Steele, Lea and Flood.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut drawn = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((drawn ^ (drawn >> 31)) % below as u64).unwrap_or_default()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    /// A company: the n-th in about the n-th part of the cases in which the first is.
    fn company(&mut self) -> String {
        let share = self.roll(1_000_000) as f64 / 1_000_000.0;
        let nth = ((COMPANIES as f64).powf(share) as usize).min(COMPANIES - 1);
        format!("{} {}", FIRST[nth % FIRST.len()], SECOND[nth / FIRST.len()])
    }
}

/// Fills an empty ledger with so many deals and articles, and has Postgres take stock of them. Of few deals each has an
/// article or two, so that there may be more articles than were asked for.
pub async fn fill(db: &mut PgConnection, deals: u32, articles: u32) -> anyhow::Result<()> {
    let mut dice = Dice::new(1);
    let registry = Registry::parse("").context("an empty registry")?;
    let drawn = usize::try_from(deals)?.min(DRAWN);
    let mut tx = db.begin().await?;
    for number in 0..drawn {
        draw(&mut tx, number, &mut dice, &registry).await?;
    }
    shares::settle(&mut tx).await?;
    synth::remember_drawn(&mut tx).await?;
    tx.commit().await?;
    let copies = deals.div_ceil(u32::try_from(DRAWN)?);
    for copy in 1..copies {
        let rest = (deals - copy * u32::try_from(DRAWN)?).min(u32::try_from(DRAWN)?);
        synth::copy(db, i32::try_from(copy)?, i64::from(rest)).await?;
    }
    synth::add_articles(db, i64::from(articles)).await?;
    synth::take_stock(db).await?;
    Ok(())
}

/// Writes one drawn deal with its articles and claims.
async fn draw(db: &mut PgConnection, number: usize, dice: &mut Dice, registry: &Registry) -> anyhow::Result<()> {
    let kind =
        dice.pick(&[Kind::Compute, Kind::Chips, Kind::Equity, Kind::Debt, Kind::Lease, Kind::Build, Kind::Power]);
    let roles = if kind == Kind::Build { [Role::Owner, Role::Contractor] } else { [kind.roles()[0], kind.roles()[1]] };
    let payer = dice.company();
    let payee = std::iter::repeat_with(|| dice.company()).find(|name| *name != payer).unwrap_or_default();
    let status = dice.pick(&["rumored", "announced", "announced", "signed", "signed", "completed", "cancelled"]);
    let sum = (dice.roll(5) < 3).then(|| (dice.roll(5000) + 1) * 1_000_000);
    let power = (dice.roll(4) == 0).then(|| dice.roll(2000) + 1);
    let last = NaiveDate::from_ymd_opt(2026, 6, 30).context("a day")?;
    let day = last - Days::new(u64::try_from(dice.roll(700))?);
    let amounts = sum.map(|sum| json!({"value": sum.to_string(), "currency": "USD"}));
    let capacity = power.map(|power| json!({"mw": power}));
    let places = dice.pick(&PLACES);
    let mut sources = Vec::new();
    for nth in 0..=dice.roll(3) {
        let (publisher, rank) = PUBLISHERS[(number + nth) % PUBLISHERS.len()];
        let published = (day + Days::new(nth as u64)).and_hms_opt(8, 0, 0).context("a time")?.and_utc();
        let title = format!("{payer} and {payee}: {} no. {number}", kind.label());
        let figures =
            [sum.map(|sum| format!("${} million", sum / 1_000_000)), power.map(|power| format!("{power} MW"))];
        let figures = figures.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let text = format!(
            "In this invented story {payer} and {payee} speak of {figures}. It is {status}, told for the {nth}. time."
        );
        let as_read = format!("{title}\n{text}");
        let begin = title.chars().count() + 1;
        let claim: Claim = serde_json::from_value(json!({
            "kind": kind, "status": status, "chips": [], "duration_months": null, "announced_on": day, "places": places,
            "parties": [{"name": payer, "role": roles[0]}, {"name": payee, "role": roles[1]}],
            "amounts": amounts.iter().collect::<Vec<_>>(), "capacity": capacity.iter().collect::<Vec<_>>(), "confidence": 1.0,
            "evidence": [{"start": begin, "end": as_read.chars().count(), "text": text}],
        }))?;
        let key = format!("synth:{number}:{nth}");
        let article = story(key, publisher, rank, title, text, published);
        sources.push(write_source(db, article, claim, published, registry).await?);
    }
    let deal = derive(&sources, registry, &Rates::default()).context("a deal")?;
    let first = sources[0].published;
    let cause = Cause { claim: Some(sources[0].id), happened_on: day, ..Cause::rule(first) };
    let claims: Vec<_> = sources.iter().map(|source| source.id).collect();
    deals::write(db, new_id(first), &deal, &claims, cause).await?;
    Ok(())
}

fn story(
    key: String,
    publisher: &str,
    rank: Rank,
    title: String,
    text: String,
    published: DateTime<Utc>,
) -> NewArticle {
    NewArticle {
        source_id: None,
        origin: Origin::File,
        url: Some(format!("https://invented.example/{}", key.replace(':', "/"))),
        keys: vec![key],
        publisher: publisher.to_owned(),
        author: None,
        rank,
        summary_of: Vec::new(),
        title,
        text,
        language: Some("en".to_owned()),
        published: Some(published),
        page_wanted: false,
    }
}

/// Stores an article with its one claim, as if it had been read and weighed.
async fn write_source(
    db: &mut PgConnection,
    article: NewArticle,
    claim: Claim,
    published: DateTime<Utc>,
    registry: &Registry,
) -> anyhow::Result<SourcedClaim> {
    let (publisher, rank) = (article.publisher.clone(), article.rank);
    let stored = articles::store(db, &[article], published).await?;
    let Some(Stored::New(id)) = stored.first().copied() else { anyhow::bail!("an article is there already") };
    let unread = articles::unread_one(&mut *db, id).await?.context("an unread article")?;
    let reading = ReadingOf { article: id, content_hash: &unread.content_hash, published, extractor: 1 };
    claims::file(db, &reading, std::slice::from_ref(&claim), registry, published).await?;
    articles::mark_read(&mut *db, id, &unread.content_hash, crate::extract::VERSION, "en").await?;
    Ok(SourcedClaim {
        id: synth::claim_of(db, id).await?,
        article: id,
        content: (unread.content_hash, 0),
        publishers: vec![publisher],
        rank,
        published,
        companies: claim.parties.iter().map(|party| Slug::of(&party.name)).collect(),
        claim,
    })
}
