/// So many digits decide how a number is rounded; those after them only matter
/// for not all being 0.
const DIGITS: i32 = 800;

/// The float that `JSON.parse` makes of a number. The standard library's parser
/// has tables that are larger than all the rest of the store, so this one counts
/// on its fingers: the digits become one large integer, which is multiplied or
/// divided by ten as often as the exponent says, and rounded once.
pub(super) fn value(text: &[u8]) -> f64 {
    if let Some(value) = short(text) {
        return value;
    }
    let mut limbs = Vec::new();
    let (mut power, mut exponent) = (0, 0_i32);
    let (mut kept, mut sticky) = (0, false);
    let (mut point, mut in_exponent, mut small) = (false, false, false);
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        match byte {
            b'.' => point = true,
            b'e' | b'E' => in_exponent = true,
            b'-' => small = in_exponent,
            b'+' => {}
            _ if in_exponent => exponent = (exponent * 10 + i32::from(digit)).min(100_000_000),
            _ if kept < DIGITS => {
                multiply(&mut limbs, 10, digit);
                kept += i32::from(!limbs.is_empty());
                power -= i32::from(point);
            }
            _ => {
                sticky |= digit != 0;
                power += i32::from(!point);
            }
        }
    }
    power += if small { -exponent } else { exponent };
    let sign = if text.starts_with(b"-") { -1.0 } else { 1.0 };
    if limbs.is_empty() || kept + power < -330 {
        return 0.0;
    }
    if kept + power > 310 {
        return sign * f64::INFINITY;
    }
    let mut binary: i32 = 0;
    while power > 0 {
        multiply(&mut limbs, 10, 0);
        power -= 1;
    }
    // Nine tenfolds are less than a limb: more than two of them remain in the end.
    for _ in 0..3 - power / 9 {
        limbs.insert(0, 0);
        binary -= 32;
    }
    while power < 0 {
        sticky |= divide(&mut limbs);
        power += 1;
    }
    // All the way to the left: then the two highest limbs hold what counts.
    while limbs.last().is_some_and(|limb| limb >> 31 == 0) {
        multiply(&mut limbs, 2, 0);
        binary -= 1;
    }
    let mut bits = 0;
    for (nth, limb) in limbs.iter().rev().enumerate() {
        match nth {
            0 | 1 => bits = bits << 32 | u64::from(*limb),
            _ => {
                sticky |= *limb != 0;
                binary += 32;
            }
        }
    }
    // A float has 53 bits, and none below 2^-1074.
    let shift = (-1074 - binary).max(11);
    if shift > 64 {
        return 0.0;
    }
    let whole = bits.checked_shr(shift.cast_unsigned()).unwrap_or(0);
    let rest = bits - whole.checked_shl(shift.cast_unsigned()).unwrap_or(0);
    let half = 1 << (shift - 1);
    let up = rest > half || rest == half && (sticky || whole & 1 == 1);
    #[expect(clippy::cast_precision_loss, reason = "no more than 2^53")]
    let value = (whole + u64::from(up)) as f64;
    let exponent = binary + shift;
    sign * value * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2)
}

/// A few digits are one exact integer over one exact power of ten.
fn short(text: &[u8]) -> Option<f64> {
    if text.len() > 15 {
        return None;
    }
    let (mut digits, mut power) = (0.0, 1.0);
    let mut point = false;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10.0 + f64::from(byte - b'0');
                power *= if point { 10.0 } else { 1.0 };
            }
            b'.' => point = true,
            _ => return None,
        }
    }
    Some(digits / power)
}

/// So many times a large integer, whose lowest limb is the first, and `add`.
fn multiply(limbs: &mut Vec<u32>, factor: u64, add: u8) {
    let mut carry = u64::from(add);
    for limb in limbs.iter_mut() {
        carry += u64::from(*limb) * factor;
        (*limb, carry) = (low(carry), carry >> 32);
    }
    if carry > 0 {
        limbs.push(low(carry));
    }
}

/// Divides a large integer by ten; says whether something remains.
fn divide(limbs: &mut Vec<u32>) -> bool {
    let mut remainder = 0;
    for limb in limbs.iter_mut().rev() {
        let value = remainder << 32 | u64::from(*limb);
        (*limb, remainder) = (low(value / 10), value % 10);
    }
    if limbs.last() == Some(&0) {
        limbs.pop();
    }
    remainder > 0
}

/// For exponents of normal floats.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(u64::from((exponent + 1023).cast_unsigned()) << 52)
}

#[expect(clippy::cast_possible_truncation, reason = "it is what is meant")]
fn low(value: u64) -> u32 {
    value as u32
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the very same float is meant")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_every_float_as_the_standard_library_does(bits in any::<u64>()) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite());
            let tiny = f64::from_bits(bits >> 12);
            for text in [float.to_string(), format!("{float:e}"), format!("{tiny:.25e}")] {
                prop_assert_eq!(value(text.as_bytes()), text.parse::<f64>().unwrap(), "{}", text);
            }
        }

        #[test]
        fn reads_every_number_as_the_standard_library_does(
            text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?",
        ) {
            prop_assert_eq!(value(text.as_bytes()), text.parse::<f64>().unwrap(), "{}", text);
        }
    }

    #[test]
    fn reads_what_is_hard_to_read() {
        for text in [
            "0",
            "-0",
            "0.0e9",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.9999999",
            "0.1",
            "0.10000000000000001",
            "2.2250738585072014e-308",
            "5e-324",
            "2.4703282292062328e-324",
            "2.4703282292062327e-324",
            "1e-330",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "1e400",
            "-1e999999999999",
            "1e-400",
            "1e-99999999999",
            "123456789012345678901234567890",
            "0.000000000000000000000000000001",
        ] {
            assert_eq!(
                value(text.as_bytes()),
                text.parse::<f64>().unwrap(),
                "{text}"
            );
        }
        let half = "1".to_owned() + &"0".repeat(900) + "1e-900";
        assert_eq!(value(half.as_bytes()), half.parse::<f64>().unwrap());
        let long = "0.".to_owned() + &"0".repeat(2_000) + "25e2002";
        assert_eq!(value(long.as_bytes()), 25.0);
    }
}
