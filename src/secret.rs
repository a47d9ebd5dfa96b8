use core::fmt;

/// The replacement for a secret in text.
const REDACTED: &str = "[redacted]";

/// A token or key. It leaves only through [`Secret::expose`], into a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret. [`Credential`](crate::Credential) checks its form.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// Returns the secret, for a request header only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns `text` without the secret, which a server may have repeated.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        // `str::replace` is not used, because its searcher would add a kilobyte to the module.
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix(self.0.as_str()) {
                out.push_str(REDACTED);
                rest = after;
            } else {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        out
    }
}

/// Returns `text` without the words that look like Seam's tokens or keys, as `TOKENS` of
/// pkg/src/core/redact.ts finds them.
#[cfg(feature = "client")]
pub(crate) fn redact_tokens(text: &str) -> String {
    const PREFIX: &str = "seam_";
    let is_in_token = |c: char| c.is_ascii_alphanumeric() || "_.~+/=-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(PREFIX) {
        out.push_str(before);
        rest = after.trim_start_matches(is_in_token);
        let is_token = rest.len() < after.len();
        out.push_str(if is_token { REDACTED } else { PREFIX });
    }
    out + rest
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_secret() {
        let secret = Secret::new("seam_cst1abc_def".to_owned());
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("abc"));
    }

    #[test]
    fn redaction_removes_every_occurrence() {
        let secret = Secret::new("seam_cst1abc_def".to_owned());
        assert_eq!(
            secret.redact("a seam_cst1abc_def b seam_cst1abc_def"),
            "a [redacted] b [redacted]"
        );
        assert_eq!(secret.redact("é seam_cst1abc_de"), "é seam_cst1abc_de");
        assert_eq!(secret.redact(""), "");
    }

    #[cfg(feature = "client")]
    #[test]
    fn what_looks_like_a_token_is_redacted() {
        let cases = [
            ("", ""),
            ("no token", "no token"),
            ("seam_ alone", "seam_ alone"),
            ("seam_cst1abc_def", "[redacted]"),
            (
                "for seam_cst1a.~+/=-b, twice: seam_k",
                "for [redacted], twice: [redacted]",
            ),
            (r#"{"token":"seam_cst1abc"}"#, r#"{"token":"[redacted]"}"#),
            ("xseam_1é seam_2", "x[redacted]é [redacted]"),
            ("seam_ seam_1", "seam_ [redacted]"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact_tokens(text), expected, "{text}");
        }
    }
}
