//! Plain types that cannot be wrong, shared by every other module.
//!
//! Nothing here knows of the network, the clock, the environment or the database: values are parsed once, at the
//! edge, into the types below, and are passed around as such afterwards.

mod article;
mod claim;
mod company;
mod deal;
mod decimal_option;
mod email;
mod filter;
mod hash;
mod kind;
mod period;
pub mod places;
mod quantity;
mod rank;
mod registry;
mod slug;
mod spellings;
mod status;
mod subscription;
mod theme;
mod word;

pub use article::{Article, ArticleLine};
pub use claim::{Bond, Chips, Claim, Evidence, Party, Whole};
pub use company::{Category, Company, Parent};
pub use deal::{Account, Deal, DealParty, Flow, Rate, Said, SourcedClaim, Standing, StatusStep, Umbrella, Value};
pub use email::{AddressError, EmailAddress};
pub use filter::{DealFilter, Part};
pub use hash::hash;
pub use kind::{Direction, Kind, Role};
pub use period::{Cadence, Period};
pub use quantity::{Amount, Basis, Capacity, Certainty, Currency, Megawatts, Qualifier, Quantity, QuantityType, Use};
pub use rank::Rank;
pub use registry::{Registry, RegistryError};
pub use slug::Slug;
pub use spellings::{Spelling, Spellings};
pub use status::Status;
pub use subscription::{Channel, Format, Preferences, Wish};
pub use theme::Theme;
pub use word::{Override, Word};
