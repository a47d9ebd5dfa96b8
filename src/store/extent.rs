/// Finds where what stands between two separators ends, in JSON whose bytes may
/// still be arriving, by its quotes and brackets alone: whether it is a value at
/// all is for others to see.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// What has been looked at.
    pub(super) length: usize,
    /// The number of brackets that are open.
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Extent {
    /// How long that is which `bytes` begin with, if the separator after it is
    /// there: a comma, a colon, or a bracket that closes what it stands in. More
    /// bytes may have come since the last time, and none may have gone.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(byte) = bytes.get(self.length) {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.quoted,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'{' | b'[' => self.depth += 1,
                b',' | b':' | b'}' | b']' if self.depth == 0 => return Some(self.length),
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            self.length += 1;
        }
        None
    }
}
