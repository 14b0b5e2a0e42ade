//! Why nothing came, in one plain sentence each.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use reqwest::StatusCode;

use super::guard::ResolveError;
use crate::ingest::poll::{Outcome, RetryAfter};

/// Why a document could not be fetched. Shown to editors as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Another scheme than http and https.
    #[error("Only http and https addresses are read, and this one begins with {scheme}:.")]
    NotHttp {
        /// What it begins with.
        scheme: String,
    },
    /// An address that is not public.
    #[error("The address leads to {address}, which is not public, and that range is not allowed here.")]
    Private {
        /// Where it leads.
        address: IpAddr,
    },
    /// The name cannot be resolved.
    #[error("The host's name is not known.")]
    UnknownHost,
    /// Nothing listens.
    #[error("The host refused the connection.")]
    Refused,
    /// No connection for another reason.
    #[error("The host could not be reached.")]
    Unreachable,
    /// Too slow, at any step.
    #[error("The host did not answer in time.")]
    Timeout,
    /// No secure connection.
    #[error("No secure connection could be made: {reason}.")]
    Tls {
        /// What was wrong.
        reason: String,
    },
    /// The connection ended in the middle, or the answer was no HTTP.
    #[error("The host's answer broke off or could not be understood.")]
    Broken,
    /// More than is read.
    #[error("The document is larger than {} MB, the most that is read.", most / 1024 / 1024)]
    TooLarge {
        /// The limit in bytes.
        most: usize,
    },
    /// A chain or a circle.
    #[error("The host redirected more than {most} times.")]
    TooManyRedirects {
        /// The limit.
        most: usize,
    },
    /// A redirect to what is no address.
    #[error("The host redirected to something that is no address.")]
    BadRedirect,
    /// 404.
    #[error("The host says that there is nothing at this address (404).")]
    NotFound,
    /// 410.
    #[error("The host says that this is gone for good (410).")]
    Gone,
    /// Its `robots.txt` says so.
    #[error("The host's robots.txt asks programs not to read this page.")]
    Robots,
    /// A host that wants to know who asks.
    #[error(
        "This host answers those only who can be reached: give an address of mail with --contact or WATTLINE_CONTACT."
    )]
    NoContact,
    /// 401, 402, 403, 451.
    #[error("The host does not let us read this ({status}).")]
    Forbidden {
        /// The status.
        status: u16,
    },
    /// 429.
    #[error("The host asks for fewer requests (429).")]
    TooManyRequests {
        /// When it may be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// 5xx.
    #[error("The host has a problem of its own ({status}).")]
    Server {
        /// The status.
        status: u16,
        /// When it may be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// Any other status.
    #[error("The host answered with status {status}, which gives nothing to read.")]
    Status {
        /// The status.
        status: u16,
    },
}

impl FetchError {
    /// What this means for the source ([`next_due`](crate::ingest::poll::next_due)).
    pub fn outcome(&self) -> Outcome {
        if *self == FetchError::Gone { Outcome::Gone } else { Outcome::Failed }
    }

    /// Whether the same request may come through another time.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            FetchError::UnknownHost
                | FetchError::Refused
                | FetchError::Unreachable
                | FetchError::Timeout
                | FetchError::Broken
                | FetchError::TooManyRequests { .. }
                | FetchError::Server { .. }
        )
    }

    /// When the host may be asked again, where it said so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            FetchError::TooManyRequests { retry_after } | FetchError::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(super) fn of_status(status: StatusCode, retry_after: Option<RetryAfter>) -> FetchError {
        match status.as_u16() {
            404 => FetchError::NotFound,
            410 => FetchError::Gone,
            429 => FetchError::TooManyRequests { retry_after },
            status @ (401 | 402 | 403 | 451) => FetchError::Forbidden { status },
            status @ 500.. => FetchError::Server { status, retry_after },
            status => FetchError::Status { status },
        }
    }

    /// The cause of a failed request, looked for in the chain of the client's error.
    pub(super) fn of_transport(error: &reqwest::Error) -> FetchError {
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        let mut refused = false;
        let mut timeout = error.is_timeout();
        while let Some(cause) = next {
            if let Some(cause) = cause.downcast_ref::<ResolveError>() {
                return match cause {
                    ResolveError::Unknown => FetchError::UnknownHost,
                    ResolveError::Private(address) => FetchError::Private { address: *address },
                };
            }
            if let Some(cause) = cause.downcast_ref::<rustls::Error>() {
                return FetchError::Tls { reason: cause.to_string() };
            }
            next = cause.source();
            if let Some(cause) = cause.downcast_ref::<io::Error>() {
                refused |= cause.kind() == io::ErrorKind::ConnectionRefused;
                timeout |= cause.kind() == io::ErrorKind::TimedOut;
                // An I/O error hides what it wraps from `source`.
                next = cause.get_ref().map(|inner| inner as &(dyn Error + 'static)).or(next);
            }
        }
        if timeout {
            FetchError::Timeout
        } else if refused {
            FetchError::Refused
        } else if error.is_connect() {
            FetchError::Unreachable
        } else {
            FetchError::Broken
        }
    }
}
