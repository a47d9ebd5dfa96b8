use core::fmt;

/// Why the cache rejects a body. The fetch is over then, and the list is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListCacheError {
    /// The body is not JSON, is incomplete, or has a value that is too long.
    NotJson = 1,
    /// The body has no list under the response key.
    NoList,
    /// A record of the list has no id.
    NoId,
    /// No fetch is in progress.
    NoFetch,
}

impl fmt::Display for ListCacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "the body is not complete JSON",
            Self::NoList => "the body has no list under the response key",
            Self::NoId => "a record of the list has no id",
            Self::NoFetch => "no fetch is in progress",
        })
    }
}

impl core::error::Error for ListCacheError {}
