/// Finds where a JSON value ends, whose bytes may still be arriving, by its
/// quotes and brackets alone: whether it is one at all is for others to see.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// What has been looked at.
    length: usize,
    /// The number of brackets that are open.
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Extent {
    /// How long the value is that `bytes` begin with, if its end is there. More
    /// bytes may have come since the last time, and none may have gone.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(byte) = bytes.get(self.length) {
            let scalar = self.depth == 0 && !self.quoted;
            if scalar && matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r') {
                return Some(self.length);
            }
            self.length += 1;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => continue,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => continue,
            }
            if self.depth == 0 && !self.quoted && !self.escaped {
                return Some(self.length);
            }
        }
        None
    }
}
