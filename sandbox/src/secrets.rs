//! Keys and tokens. They come from `ChaCha20` with a seed of their own, so that they cannot be
//! computed from ids or from other tokens. The same seed gives the same secrets.

use serde::{Deserialize, Serialize};

/// 256 bits.
pub(crate) type KeySeed = [u32; 8];

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Bytes from here on are skipped: they would make the first characters of the alphabet more
/// likely.
const UNBIASED_BELOW: u8 = 4 * 58;

/// A generator of secrets.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Secrets {
    seed: KeySeed,
    blocks: u32,
}

impl Secrets {
    pub(crate) fn new(seed: KeySeed) -> Self {
        Self { seed, blocks: 0 }
    }

    /// Returns a secret: `<prefix><short characters>_<24 characters>`.
    pub(crate) fn token(&mut self, prefix: &str, short: usize) -> String {
        let mut digits = String::new();
        while digits.len() < short + 24 {
            let bytes = block(&self.seed, self.blocks);
            self.blocks = self.blocks.wrapping_add(1);
            let fair = bytes.into_iter().filter(|it| *it < UNBIASED_BELOW);
            let digit = |it: u8| BASE58.get(usize::from(it % 58)).copied().map(char::from);
            digits.extend(fair.filter_map(digit));
        }
        let (first, rest) = digits.split_at(short);
        let second = rest.get(..24).unwrap_or(rest);
        format!("{prefix}{first}_{second}")
    }
}

macro_rules! quarter_round {
    ($words:ident, $a:literal, $b:literal, $c:literal, $d:literal) => {
        $words[$a] = $words[$a].wrapping_add($words[$b]);
        $words[$d] = ($words[$d] ^ $words[$a]).rotate_left(16);
        $words[$c] = $words[$c].wrapping_add($words[$d]);
        $words[$b] = ($words[$b] ^ $words[$c]).rotate_left(12);
        $words[$a] = $words[$a].wrapping_add($words[$b]);
        $words[$d] = ($words[$d] ^ $words[$a]).rotate_left(8);
        $words[$c] = $words[$c].wrapping_add($words[$d]);
        $words[$b] = ($words[$b] ^ $words[$c]).rotate_left(7);
    };
}

/// Returns a block of `ChaCha20` as in RFC 8439, with a nonce of zero.
fn block(seed: &KeySeed, count: u32) -> Vec<u8> {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = *seed;
    let start: [u32; 16] = [
        0x6170_7865,
        0x3320_646e,
        0x7962_2d32,
        0x6b20_6574,
        k0,
        k1,
        k2,
        k3,
        k4,
        k5,
        k6,
        k7,
        count,
        0,
        0,
        0,
    ];
    let mut words = start;
    for _ in 0..10 {
        quarter_round!(words, 0, 4, 8, 12);
        quarter_round!(words, 1, 5, 9, 13);
        quarter_round!(words, 2, 6, 10, 14);
        quarter_round!(words, 3, 7, 11, 15);
        quarter_round!(words, 0, 5, 10, 15);
        quarter_round!(words, 1, 6, 11, 12);
        quarter_round!(words, 2, 7, 8, 13);
        quarter_round!(words, 3, 4, 9, 14);
    }
    words
        .into_iter()
        .zip(start)
        .flat_map(|(word, start)| word.wrapping_add(start).to_le_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Secrets, block};

    #[test]
    fn a_block_matches_the_published_test_vector() {
        // RFC 8439, appendix A.1, test vector 1: key and nonce are zero.
        let expected = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
            da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586";
        let digits = |it: &u8| [it >> 4, it & 15].map(|it| char::from_digit(it.into(), 16));
        let block = block(&[0; 8], 0);
        let block: Option<String> = block.iter().flat_map(digits).collect();
        assert_eq!(block.as_deref(), Some(expected));
    }

    #[test]
    fn tokens_have_the_documented_form_and_are_unique() {
        let mut secrets = Secrets::new([7; 8]);
        let mut seen = BTreeSet::new();
        for _ in 0..1_000 {
            let token = secrets.token("seam_cst1", 8);
            let (first, second) = token.rsplit_once('_').expect("two parts");
            assert_eq!((first.len(), second.len()), ("seam_cst1".len() + 8, 24));
            assert!(second.bytes().all(|it| it.is_ascii_alphanumeric()));
            assert!(seen.insert(token));
        }
    }

    #[test]
    fn a_seed_that_differs_in_one_bit_gives_other_tokens() {
        let mut other = [7; 8];
        other[7] ^= 1;
        let [one, other] = [[7; 8], other].map(|it| Secrets::new(it).token("", 8));
        assert_ne!(one, other);
    }
}
