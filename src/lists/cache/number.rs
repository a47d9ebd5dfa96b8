/// Returns the float of a JSON number with at most 15 digits and no exponent: it is one exact
/// integer over an exact power of ten. For other numbers the platform's parser is called, because
/// the tables of one in Rust are larger than the rest of the cache.
pub(super) fn short(text: &[u8]) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    if digits.len() > 15 {
        return None;
    }
    let (mut whole, mut power) = (0.0, sign);
    let mut point = false;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10.0 + f64::from(byte - b'0');
                power *= if point { 10.0 } else { 1.0 };
            }
            b'.' => point = true,
            _ => return None,
        }
    }
    Some(whole / power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_short_number_is_the_float_of_the_standard_library(
            text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        ) {
            let few = !text.contains(['e', 'E']) && text.trim_start_matches('-').len() <= 15;
            let expected = few.then(|| text.parse::<f64>().unwrap());
            prop_assert_eq!(short(text.as_bytes()), expected, "{}", text);
        }
    }
}
