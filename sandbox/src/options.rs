//! The options of a sandbox.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use serde_json::{Map, Value};

use crate::seed::Seed;

/// The options of a sandbox. As JSON they come from the command line and the npm package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The number of devices, in place of the default eight.
    #[serde(default)]
    pub devices: Option<usize>,
    /// The workspace to start with; [`Seed`] describes the format.
    #[serde(default)]
    pub seed: Option<Seed>,
    /// The seed of all ids, keys and tokens that the workspace's seed does not give; at most 2^53
    /// from JavaScript. The default is fixed. Tests can then expect the same ids, but anyone can
    /// compute the keys, and the token of one run is valid in the next.
    #[serde(default)]
    pub random_seed: Option<u64>,
    /// 256 bits that keys and tokens are made from. By default they are derived from the random
    /// seed, and then they can be computed from an id.
    #[serde(default)]
    pub key_seed: Option<[u32; 8]>,
    /// The response about a device that exists outside of the caller's scope.
    #[serde(default)]
    pub out_of_scope: OutOfScope,
    /// The base URL of the sandbox, for `next_page_url`. Trailing slashes are removed.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The faults to start with, as `POST /_sandbox/faults` takes them.
    #[serde(default)]
    pub faults: Vec<Map<String, Value>>,
    /// Whether the documented limits per device and minute apply; by default they do.
    #[serde(default)]
    pub rate_limits: Option<bool>,
    /// How long an action attempt is pending, in milliseconds; 400 by default. With 0 it has ended
    /// in the response that starts it.
    #[serde(default)]
    pub attempt_ms: Option<u64>,
}

/// The response about a record that exists outside of the caller's scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfScope {
    /// 404, exactly as if it did not exist.
    #[default]
    NotFound,
    /// 401 `unauthorized`, as from Seam's own fake server.
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
