/// Parses a JSON string (RFC 8259) whose first quote is before `at`, and moves `at` behind its last
/// one. Returns its value if it has no escapes; otherwise the value is in `out`, which is empty
/// else: in UTF-8, where a lone surrogate keeps its three bytes, as in JavaScript.
pub(super) fn read<'a>(text: &'a [u8], at: &mut usize, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    out.clear();
    let mut start = *at;
    loop {
        let byte = *text.get(*at)?;
        *at += 1;
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        let run = text.get(start..*at - 1)?;
        if byte == b'"' && out.is_empty() {
            return Some(run);
        }
        out.extend_from_slice(run);
        match byte {
            b'"' => return Some(&[]),
            b'\\' => escape(text, at, out)?,
            _ => return None,
        }
        start = *at;
    }
}

/// Decodes an escape whose backslash is before `at`.
fn escape(text: &[u8], at: &mut usize, out: &mut Vec<u8>) -> Option<()> {
    let byte = *text.get(*at)?;
    *at += 1;
    let mut point = match byte {
        b'"' | b'\\' | b'/' => u32::from(byte),
        b'b' => 8,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'u' => unit(text, at)?,
        _ => return None,
    };
    if point >> 10 == 0x36 && text.get(*at..*at + 2) == Some(b"\\u") {
        let mut after = *at + 2;
        let low = unit(text, &mut after)?;
        if low >> 10 == 0x37 {
            *at = after;
            point = 0x1_0000 + ((point & 0x3ff) << 10 | low & 0x3ff);
        }
    }
    // As `char::encode_utf8`, which does not take surrogates.
    let (lead, mut shift) = match point {
        0..0x80 => (0, 0),
        0x80..0x800 => (0xc0, 6),
        0x800..0x1_0000 => (0xe0, 12),
        _ => (0xf0, 18),
    };
    point |= lead << shift;
    loop {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most eight bits are left"
        )]
        out.push((point >> shift) as u8);
        if shift == 0 {
            return Some(());
        }
        point &= (1 << shift) - 1;
        shift -= 6;
        point |= 0x80 << shift;
    }
}

/// Parses four hexadecimal digits.
fn unit(text: &[u8], at: &mut usize) -> Option<u32> {
    let digits = text.get(*at..*at + 4)?;
    *at += 4;
    digits.iter().try_fold(0, |value, digit| {
        Some(value << 4 | char::from(*digit).to_digit(16)?)
    })
}
