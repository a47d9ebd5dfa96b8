use std::borrow::Cow;

/// What a JSON string says: its bytes in UTF-8, without escapes. A surrogate
/// that stands alone keeps its three bytes, as JavaScript keeps it.
pub(super) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(plain) = raw.iter().position(|byte| *byte == b'\\') else {
        return Cow::Borrowed(raw);
    };
    let (plain, mut rest) = raw.split_at(plain);
    let mut out = plain.to_vec();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else {
            break;
        };
        rest = after;
        let code_point = match escape {
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => code_point(&mut rest),
            other => u32::from(other),
        };
        push(&mut out, code_point);
    }
    Cow::Owned(out)
}

/// What the digits after `\u` stand for, with those of a second escape if the
/// two are a pair.
fn code_point(rest: &mut &[u8]) -> u32 {
    let high = unit(rest);
    if (0xd800..0xdc00).contains(&high)
        && let Some(mut pair) = rest.strip_prefix(b"\\u")
    {
        let low = unit(&mut pair);
        if (0xdc00..0xe000).contains(&low) {
            *rest = pair;
            return 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    high
}

/// Takes four hexadecimal digits.
fn unit(rest: &mut &[u8]) -> u32 {
    let mut value = 0;
    for _ in 0..4 {
        let Some((digit, after)) = rest.split_first() else {
            break;
        };
        *rest = after;
        // The low bits of a letter are 1 to 6.
        let letter = if *digit > b'9' { 9 } else { 0 };
        value = (value << 4) | (u32::from(digit & 15) + letter);
    }
    value
}

/// As `char::encode_utf8`, which has no surrogates.
fn push(out: &mut Vec<u8>, code_point: u32) {
    let (lead, mut shift) = match code_point {
        0..0x80 => (0, 0),
        0x80..0x800 => (0xc0, 6),
        0x800..0x1_0000 => (0xe0, 12),
        _ => (0xf0, 18),
    };
    let mut byte = lead | code_point >> shift;
    loop {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "no more than eight bits are set"
        )]
        out.push(byte as u8);
        if shift == 0 {
            return;
        }
        shift -= 6;
        byte = 0x80 | code_point >> shift & 0x3f;
    }
}
