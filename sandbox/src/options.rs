//! How a sandbox is set up.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use serde_json::{Map, Value};

use crate::seed::Seed;

/// The options of a sandbox, as the JSON object that the command line and the package hand over.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// So many devices of mixed kinds in place of the default eight.
    #[serde(default)]
    pub devices: Option<usize>,
    /// A workspace of one's own; its format is described at [`Seed`].
    #[serde(default)]
    pub seed: Option<Seed>,
    /// The number that all ids, keys and tokens are made from, other than those that the seed
    /// itself names; through JavaScript exact up to 2^53. Without one they are the same in every
    /// run: good for tests, but anyone can know them, and a token of one run is valid in the next.
    #[serde(default)]
    pub random_seed: Option<u64>,
    /// 256 bits that keys and tokens are made from. Without them they are made from the random
    /// seed, which who has seen an id can reckon.
    #[serde(default)]
    pub key_seed: Option<[u32; 8]>,
    /// What is answered about a device that exists outside the caller's scope.
    #[serde(default)]
    pub out_of_scope: OutOfScope,
    /// Where the sandbox is served, without a trailing slash: the start of `next_page_url`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The faults that are there from the beginning, as `POST /_sandbox/faults` takes them.
    #[serde(default)]
    pub faults: Vec<Map<String, Value>>,
    /// Whether the documented limits per device and minute hold; they do if nothing is said.
    #[serde(default)]
    pub rate_limits: Option<bool>,
}

/// What is answered about what exists outside the caller's scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfScope {
    /// 404, exactly as if it did not exist.
    #[default]
    NotFound,
    /// 401 `unauthorized`, as Seam's own fake server answers.
    Unauthorized,
}

impl<'de> Deserialize<'de> for OutOfScope {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Status;

        impl de::Visitor<'_> for Status {
            type Value = OutOfScope;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("404 or 401")
            }

            fn visit_u64<E: de::Error>(self, status: u64) -> Result<OutOfScope, E> {
                match status {
                    404 => Ok(OutOfScope::NotFound),
                    401 => Ok(OutOfScope::Unauthorized),
                    other => Err(E::invalid_value(de::Unexpected::Unsigned(other), &self)),
                }
            }
        }

        input.deserialize_u64(Status)
    }
}

impl Serialize for OutOfScope {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(match self {
            Self::NotFound => 404,
            Self::Unauthorized => 401,
        })
    }
}
