//! Ids, which are random UUIDs made from a seed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::secrets::{KeySeed, Secrets};

/// A UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(u128);

impl Id {
    /// Sorts before all other ids.
    pub(crate) const FIRST: Self = Self(0);

    /// Parses the 36 characters of a UUID of any version, in upper or lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut value = 0_u128;
        for (position, byte) in bytes.iter().enumerate() {
            if matches!(position, 8 | 13 | 18 | 23) {
                if *byte != b'-' {
                    return None;
                }
                continue;
            }
            let digit = char::from(*byte).to_digit(16)?;
            value = value << 4 | u128::from(digit);
        }
        Some(Self(value))
    }

    /// Makes a version 4 UUID of these bits.
    pub(crate) fn version_4(bits: u128) -> Self {
        let version = 0xf_u128 << 76;
        let variant = 0b11_u128 << 62;
        Self(bits & !version & !variant | 4 << 76 | 0b10 << 62)
    }

    /// Returns the 32 hexadecimal digits, without hyphens.
    pub(crate) fn hex(self) -> String {
        format!("{:032x}", self.0)
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |shift: u32, bits: u32| self.0 >> shift & ((1 << bits) - 1);
        write!(
            out,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 32),
            part(80, 16),
            part(64, 16),
            part(48, 16),
            part(0, 48)
        )
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("\"{text}\" is not a UUID")))
    }
}

/// The source of ids and tokens. Two sandboxes with the same seed give the same responses to the
/// same requests.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entropy {
    ids: SplitMix64,
    secrets: Secrets,
}

impl Entropy {
    /// `random_seed` is the seed of ids, with a fixed default. `key_seed` is the seed of secrets;
    /// the default is derived from `random_seed`.
    pub(crate) fn new(random_seed: Option<u64>, key_seed: Option<KeySeed>) -> Self {
        let key_seed = key_seed.unwrap_or_else(|| SplitMix64::new(random_seed).key_seed());
        Self {
            ids: SplitMix64::new(random_seed),
            secrets: Secrets::new(key_seed),
        }
    }

    pub(crate) fn id(&mut self) -> Id {
        let high = u128::from(self.ids.next());
        Id::version_4(high << 64 | u128::from(self.ids.next()))
    }

    /// Returns a secret: `<prefix><short characters>_<24 characters>`.
    pub(crate) fn token(&mut self, prefix: &str, short: usize) -> String {
        self.secrets.token(prefix, short)
    }
}

/// The `SplitMix64` generator. It is predictable: from one id the next ones can be computed. It is
/// serialized as text, because JavaScript's numbers do not have 64 bits.
#[derive(Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn new(random_seed: Option<u64>) -> Self {
        // Mixed first, because similar seeds would give similar states.
        let mixed = random_seed.map_or(0, |it| Self(it).next());
        Self(0x5ea1_5ea1_5ea1_5ea1 ^ mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "half of the bits are dropped"
    )]
    fn key_seed(mut self) -> KeySeed {
        std::array::from_fn(|_| self.next() as u32)
    }
}

impl Serialize for SplitMix64 {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for SplitMix64 {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        let number = u64::from_str_radix(&text, 16);
        number.map(Self).map_err(de::Error::custom)
    }
}
