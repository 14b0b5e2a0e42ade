//! The words of the ledger in the description of the API, taken from the types that they are.

use strum::VariantArray;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};

use crate::{
    db::{company_list::Order, timeline::Sort},
    model::{Category, Kind, Role, Status},
};

fn one_of<'a>(words: impl Iterator<Item = &'a str>, description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(words))
        .description(Some(description))
        .build()
}

fn string(pattern: &str, description: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    text.pattern(Some(pattern)).description(Some(description)).build().into()
}

/// What is transacted.
pub fn kind() -> Schema {
    one_of(Kind::VARIANTS.iter().map(|kind| kind.as_str()), "What is transacted.").into()
}

/// Several kinds.
pub fn kinds() -> Schema {
    let kind = one_of(Kind::VARIANTS.iter().map(|kind| kind.as_str()), "A kind.");
    ArrayBuilder::new()
        .items(kind)
        .description(Some("Of one of these kinds; repeat the field for several."))
        .build()
        .into()
}

/// How far a deal has come.
pub fn status() -> Schema {
    one_of(Status::VARIANTS.iter().map(|status| status.as_str()), "How far it has come.").into()
}

/// Several stages.
pub fn statuses() -> Schema {
    let status = one_of(Status::VARIANTS.iter().map(|status| status.as_str()), "A stage.");
    ArrayBuilder::new()
        .items(status)
        .description(Some("At one of these stages; repeat the field for several."))
        .build()
        .into()
}

/// What a party does.
pub fn role() -> Schema {
    one_of(Role::VARIANTS.iter().map(|role| role.as_str()), "What a party does in a deal.").into()
}

/// A role or a side of the money.
pub fn part() -> Schema {
    let words = ["payer", "payee"].into_iter().chain(Role::VARIANTS.iter().map(|role| role.as_str()));
    one_of(words, "What a party (the company, where one is named) does: a role, or a side of the money.").into()
}

/// What a company mainly does.
pub fn category() -> Schema {
    one_of(Category::VARIANTS.iter().map(|category| category.as_str()), "What a company mainly does.").into()
}

/// The orders of deals.
pub fn sort() -> Schema {
    let words = Sort::VARIANTS.iter().map(|sort| <&str>::from(*sort));
    one_of(words, "The greatest or newest first; what is not disclosed comes last.").into()
}

/// The orders of companies.
pub fn order() -> Schema {
    one_of(Order::VARIANTS.iter().map(|order| <&str>::from(*order)), "What the list goes by.").into()
}

/// Dollars as they are typed.
pub fn least_usd() -> Schema {
    string("^[0-9]{1,15}([.][0-9]{1,4})?(k|m|bn|tn)?$", "At least so many committed dollars: 500m, 1.5bn, 1000000000.")
}

/// Megawatts as they are typed.
pub fn least_mw() -> Schema {
    string("^[0-9]{1,9}([.][0-9]{1,3})?$", "At least so many megawatts.")
}

/// A country.
pub fn country() -> Schema {
    string("^[A-Za-z]{2}$", "In this country, ISO 3166-1.")
}

/// A sum of money.
pub fn money() -> Schema {
    string("^-?[0-9]+([.][0-9]+)?$", "A sum, as a string so that none of its digits is lost.")
}

/// A place in a list of deals.
pub fn deal_cursor() -> Schema {
    string("^(before_)?-?[0-9]{1,18}([.][0-9]{1,4})?_[0-9]{1,6}_[0-9a-f]{32}$", NEXT)
}

/// A place in a list by time.
pub fn moment_cursor() -> Schema {
    string("^[0-9]{1,15}_[0-9a-f]{32}$", NEXT)
}

/// A place in a list by a sum and names.
pub fn sum_cursor() -> Schema {
    string("^[0-9]{1,18}([.][0-9]{1,4})?_[a-z0-9-]{1,80}(_[a-z0-9-]{1,80})?$", NEXT)
}

const NEXT: &str = "Where the list goes on: `next_cursor` of the page before.";
