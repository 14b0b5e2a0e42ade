use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// What is transacted in a deal.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Use of cloud, GPU or data-centre capacity.
    Compute,
    /// Chips, servers, network or power gear bought or ordered.
    Chips,
    /// A stake, a strategic investment or a funding round.
    Equity,
    /// Loan, bond, credit facility, GPU-backed financing.
    Debt,
    /// A company or its assets bought.
    Acquisition,
    /// A new venture owned together.
    JointVenture,
    /// A data centre, campus, region, plant or power station built or expanded, or a spending programme for that.
    Build,
    /// Land or a site bought or optioned.
    Land,
    /// Electricity bought, a plant contracted or restarted for a buyer.
    Power,
    /// A building, hall or colocation capacity let.
    Lease,
    /// A listing or share sale to the public.
    Ipo,
    /// An agreement of which none of the above is stated.
    Partnership,
}

impl Kind {
    /// The kind as its wire name, `joint_venture` for example.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind in words, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::JointVenture => "joint venture",
            Self::Ipo => "IPO",
            other => other.as_str(),
        }
    }

    /// The roles that parties of this kind can have, besides [`Role::Backer`], which any kind allows. The paying side
    /// stands first.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Compute => &[Role::Buyer, Role::Provider],
            Self::Chips | Self::Power => &[Role::Buyer, Role::Supplier],
            Self::Equity => &[Role::Investor, Role::Investee],
            // Who puts equity into what is borrowed for stands beside the lenders.
            Self::Debt => &[Role::Lender, Role::Borrower, Role::Investor],
            Self::Acquisition => &[Role::Acquirer, Role::Target, Role::Seller],
            Self::JointVenture => &[Role::Partner, Role::Venture],
            Self::Build => &[Role::Owner, Role::Developer, Role::Operator, Role::Contractor],
            Self::Land => &[Role::Buyer, Role::Seller],
            Self::Lease => &[Role::Tenant, Role::Landlord],
            Self::Ipo => &[Role::Issuer],
            Self::Partnership => &[Role::Partner],
        }
    }
}

/// What a party does in a deal.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's own; which kinds they belong to stands in `Kind::roles`")]
pub enum Role {
    Buyer,
    Investor,
    Lender,
    Acquirer,
    Tenant,
    Owner,
    Partner,
    Provider,
    Supplier,
    Investee,
    Borrower,
    Target,
    Seller,
    Landlord,
    Venture,
    Developer,
    Operator,
    Contractor,
    Issuer,
    Backer,
}

/// Which way money flows through a role.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    /// Money leaves this party.
    Payer,
    /// Money reaches this party.
    Payee,
}

impl Role {
    /// The role as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Which way money flows through this role in a deal of `kind`; `None` for a backer, an operator and the partners
    /// of a plain agreement. The target of an acquisition is paid only where no seller is named, which the caller
    /// knows ([`crate::ledger::money`]).
    pub fn direction(self, kind: Kind) -> Option<Direction> {
        match self {
            Self::Buyer | Self::Investor | Self::Lender | Self::Acquirer | Self::Tenant | Self::Owner => {
                Some(Direction::Payer)
            }
            Self::Partner => (kind == Kind::JointVenture).then_some(Direction::Payer),
            Self::Provider
            | Self::Supplier
            | Self::Investee
            | Self::Borrower
            | Self::Seller
            | Self::Target
            | Self::Landlord
            | Self::Venture
            | Self::Developer
            | Self::Contractor
            | Self::Issuer => Some(Direction::Payee),
            Self::Backer | Self::Operator => None,
        }
    }
}
