use crate::secret::Secret;

/// What the core asks of an HTTP response. Whoever runs the core holds the body as suits it:
/// JavaScript as the value that `JSON.parse` made of it, [`HttpResponse`](crate::HttpResponse) as
/// bytes.
pub trait ResponseView: Clone {
    /// Whether the host removes the token from errors, which it decodes only then.
    const REDACTS_LATER: bool = false;

    /// The HTTP status; 0 stands for no response, as in `Response.error()`. A redirect that the
    /// browser hides is a 3xx of any number.
    fn status(&self) -> u16;

    /// How long `Retry-After` asks to wait, in milliseconds (RFC 9110, 10.2.3), where it may be
    /// read: seconds, or a date less `now`, which is in milliseconds since 1970.
    fn retry_after(&self, now: u64) -> Option<u64>;

    /// What the body is, and whether the object that it should be has a member of its own named
    /// `member`, if one is asked for.
    fn check_body(&self, member: Option<&str>) -> BodyCheck;

    /// The string at `path` in the body, the members' names with dots between: `error.type`.
    fn text(&self, path: &str) -> Option<String>;

    /// The same without `secret`, which the server may have repeated in it.
    #[must_use]
    fn redacted(self, secret: &Secret) -> Self;
}

/// What an response's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCheck {
    /// A JSON object that has what it is asked for.
    Ok,
    /// A JSON object that lacks it.
    MissingKey,
    /// No bytes, or white space.
    Empty,
    /// It begins as a page does.
    Html,
    /// Something else, or a part of an object.
    NotJson,
}
