/// Puts a text into lower case, for finding one in a name. The letters of Latin,
/// Greek and Cyrillic names are folded by rule: the full tables would be larger
/// than all the rest of the store.
pub(super) fn fold(text: &mut [u8]) {
    let mut rest = text;
    loop {
        match rest {
            [lead @ 0xc3..=0xd1, tail @ 0x80..=0xbf, after @ ..] => {
                let letter = u16::from(*lead & 0x1f) << 6 | u16::from(*tail & 0x3f);
                let [high, low] = (lower(letter) << 2).to_be_bytes();
                (*lead, *tail) = (0xc0 | high, 0x80 | low >> 2);
                rest = after;
            }
            [byte, after @ ..] => {
                byte.make_ascii_lowercase();
                rest = after;
            }
            [] => return,
        }
    }
}

fn lower(letter: u16) -> u16 {
    match letter {
        0xd7 => letter,
        // À to Þ; Α to Ϋ; А to Я
        0xc0..=0xde | 0x391..=0x3ab | 0x410..=0x42f => letter + 0x20,
        // Ѐ to Џ
        0x400..=0x40f => letter + 0x50,
        // Latin Extended-A, and the Cyrillic after it: pairs, the even one is the capital
        0x100..=0x12f | 0x132..=0x137 | 0x14a..=0x177 | 0x460..=0x47f => letter | 1,
        // the same, the odd one is the capital
        0x139..=0x148 | 0x179..=0x17e => letter + (letter & 1),
        _ => letter,
    }
}
