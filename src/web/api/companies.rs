//! `/api/v1/companies` and `/api/v1/companies/{slug}`.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use rust_decimal::Decimal;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::{
    asked::Asked,
    params,
    problem::Problem,
    shapes::{megawatts, money},
    words,
};
use crate::{
    db::{
        company_list::{self, Listed, Order, Wish},
        company_pages, history, totals,
    },
    ledger::totals::RoleTotal,
    model::{Category, Direction, Slug},
    web::App,
};

/// A page of companies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Companies {
    /// The companies.
    pub companies: Vec<Company>,
    /// What `cursor` has to be for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub struct Company {
    /// Its name in its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it mainly does.
    #[schema(schema_with = words::category)]
    pub category: String,
    /// ISO 3166-1, where it is known.
    pub country: Option<String>,
    /// The slug of its present owner.
    pub parent: Option<String>,
    /// What it pays and is paid, each dollar counted once.
    pub totals: Totals,
}

/// Both sides of a company's money.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = CompanyTotals)]
pub struct Totals {
    /// What it pays.
    pub as_payer: Side,
    /// What it is paid.
    pub as_payee: Side,
}

/// One side of a company's money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Side {
    /// Its share of the firm dollars.
    #[schema(schema_with = words::money)]
    pub committed_usd: String,
    /// Its share of the dollars that hang on conditions.
    #[schema(schema_with = words::money)]
    pub potential_usd: String,
    /// The megawatts of its deals.
    pub mw: f64,
    /// How many deals.
    pub deals: i64,
}

impl Default for Side {
    fn default() -> Self {
        Self::of(&company_list::Side::default())
    }
}

impl Side {
    fn of(side: &company_list::Side) -> Self {
        Self {
            committed_usd: money(side.committed),
            potential_usd: money(side.potential),
            mw: megawatts(side.mw),
            deals: side.deals,
        }
    }

    fn sum(totals: &[RoleTotal], direction: Direction) -> Self {
        let mut sum = company_list::Side::default();
        for part in totals.iter().filter(|part| part.direction == Some(direction)) {
            sum.committed += part.total.net_committed;
            sum.potential += part.total.net_potential;
            sum.mw += part.total.net_mw;
            sum.deals += part.total.deals;
        }
        Self::of(&sum)
    }
}

impl Company {
    /// A company of the list.
    pub fn of(listed: Listed) -> Self {
        Self {
            totals: Totals { as_payer: Side::of(&listed.as_payer()), as_payee: Side::of(&listed.as_payee()) },
            slug: listed.slug,
            name: listed.name,
            category: listed.category,
            country: listed.country,
            parent: listed.parent,
        }
    }
}

const LISTED: [&str; 15] = [
    "q", "category", "country", "rollup", "role", "kind", "status", "min_usd", "min_mw", "from", "to", "as_of", "sort",
    "cursor", "limit",
];

/// Companies that take part in a deal, with their totals
#[utoipa::path(get, path = "/api/v1/companies", tag = "companies", params(params::Companies, params::Limit), responses(
    (status = 200, description = "A page of companies", body = Companies),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Companies>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &LISTED);
    let order = asked.read("sort", |word| word.parse::<Order>().ok(), "pays, paid, mw, deals or name");
    let category = asked.read("category", |word| word.parse::<Category>().ok(), "a category such as ai_lab");
    let after = asked.read("cursor", cursor, "the next_cursor of the page before");
    let rollup = asked.switch("rollup");
    asked.done()?;
    let wish = Wish {
        words: asked.filter.deals.text.clone(),
        category: category.map(Category::as_str),
        country: asked.filter.deals.country.clone(),
        deals: asked.wanted(rollup),
        as_of: asked.filter.deals.as_of,
        part: asked.filter.deals.part,
        min_usd: asked.filter.deals.min_usd,
        min_mw: asked.filter.deals.min_mw,
        order: order.unwrap_or_default(),
    };
    // The past is added up from all deals of its day: one at a time, lest a few requests fill the memory.
    let _turn = if wish.as_of.is_some() { PAST.acquire().await.ok() } else { None };
    let mut db = app.connection().await?;
    let mut found = company_list::list(&mut db, &wish, after, asked.limit + 1).await?;
    let next_cursor = asked.cut(&mut found).map(|last| format!("{}_{}", money(last.key), last.slug));
    Ok(Json(Companies { companies: found.into_iter().map(Company::of).collect(), next_cursor }))
}

static PAST: Semaphore = Semaphore::const_new(1);

fn cursor(text: &str) -> Option<(Decimal, String)> {
    let (key, slug) = text.split_once('_')?;
    Some((key.parse().ok()?, slug.to_owned()))
}

const ONE: [&str; 6] = ["rollup", "kind", "status", "from", "to", "as_of"];

/// One company, with its totals rolled up unless `rollup=false`
#[utoipa::path(get, path = "/api/v1/companies/{slug}", tag = "companies",
    params(("slug" = String, Path, description = "The company, `openai` for example"), params::CompanyTotals), responses(
    (status = 200, description = "The company", body = Company),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 308, description = "That is another name of a company, which is at `Location`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
))]
pub async fn one(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &ONE);
    let rollup = asked.switch("rollup");
    asked.done()?;
    let mut db = app.connection().await?;
    let name = slug.replace('\0', "");
    let Some(profile) = company_pages::profile(&mut db, &name).await? else {
        return match company_pages::find(&mut db, &name).await? {
            Some(found) => {
                let slug: String = url::form_urlencoded::byte_serialize(found.slug.as_bytes()).collect();
                Ok(Redirect::permanent(&format!("/api/v1/companies/{slug}")).into_response())
            }
            None => Err(Problem::not_found(format!("No company in the ledger goes by “{name}”."))),
        };
    };
    let wanted = asked.wanted(rollup);
    let totals = match asked.filter.deals.as_of {
        Some(at) => history::by_role(&mut db, &Slug::of(&profile.slug), &wanted, at).await?,
        None => totals::by_role(&mut db, Some(&profile.slug), &wanted).await?,
    };
    let company = Company {
        parent: profile.parents.0.first().map(|(slug, _)| slug.clone()),
        slug: profile.slug,
        name: profile.name,
        category: profile.category,
        country: profile.country,
        totals: Totals {
            as_payer: Side::sum(&totals, Direction::Payer),
            as_payee: Side::sum(&totals, Direction::Payee),
        },
    };
    Ok(Json(company).into_response())
}
