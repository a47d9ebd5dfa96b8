use std::borrow::Cow;

/// What a JSON string says: its bytes in UTF-8, without escapes. A surrogate
/// that stands alone keeps its three bytes, as JavaScript keeps it.
pub(super) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.iter().any(|byte| is_backslash(*byte)) {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        at += 1;
        let mut code_point = u32::from(*byte);
        // A byte of a character that is not escaped is taken as it is.
        let (mut lead, mut shift) = (0, 0);
        if is_backslash(*byte) {
            let escape = raw.get(at).copied().unwrap_or_default();
            at += 1;
            code_point = match escape {
                b'b' => 8,
                b'f' => 12,
                b'n' => 10,
                b'r' => 13,
                b't' => 9,
                b'u' => unit(raw, &mut at),
                other => other.into(),
            };
            if code_point >> 10 == 0x36 {
                let mut after = at + 2;
                let low = unit(raw, &mut after);
                if raw.get(at + 1) == Some(&b'u') && low >> 10 == 0x37 {
                    at = after;
                    code_point = 0x1_0000 + ((code_point & 0x3ff) << 10 | low & 0x3ff);
                }
            }
            // As `char::encode_utf8`, which has no surrogates.
            (lead, shift) = match code_point {
                0..0x80 => (0, 0),
                0x80..0x800 => (0xc0, 6),
                0x800..0x1_0000 => (0xe0, 12),
                _ => (0xf0, 18),
            };
        }
        loop {
            #[expect(clippy::cast_possible_truncation, reason = "it is eight bits at most")]
            out.push((lead | code_point >> shift) as u8);
            if shift == 0 {
                break;
            }
            code_point &= (1 << shift) - 1;
            shift -= 6;
            lead = 0x80;
        }
    }
    Cow::Owned(out)
}

fn is_backslash(byte: u8) -> bool {
    byte == b'\\'
}

/// Takes four hexadecimal digits; 0 if they are not there.
fn unit(raw: &[u8], at: &mut usize) -> u32 {
    let digits = raw.get(*at..*at + 4).unwrap_or_default();
    *at += 4;
    digits.iter().fold(0, |value, digit| {
        // The low bits of a letter are 1 to 6.
        let letter = if *digit > b'9' { 9 } else { 0 };
        (value << 4) | (u32::from(digit & 15) + letter)
    })
}
