use crate::secret::Secret;

/// What the core reads of an HTTP response. The host keeps the body in its own form, such as a parsed
/// value in JavaScript, or bytes in [`HttpResponse`](crate::HttpResponse).
pub trait ResponseView: Clone {
    /// Whether the host itself removes the token from errors.
    const REDACTS_LATER: bool = false;

    /// Returns the HTTP status: 0 for no response, as in `Response.error()`, and any 3xx for a
    /// redirect that the platform hides.
    fn status(&self) -> u16;

    /// Returns `Retry-After` (RFC 9110, 10.2.3) in milliseconds, if it can be read. `now` is wall
    /// time, for a date.
    fn retry_after(&self, now: u64) -> Option<u64>;

    /// Returns whether the body is a JSON object, with a member named `member` if that is given.
    fn check_body(&self, member: Option<&str>) -> BodyCheck;

    /// Returns the string at `path` in the body: the names of members with dots between them, such
    /// as `error.type`.
    fn text(&self, path: &str) -> Option<String>;

    /// Returns the response without `secret`, which the server may have repeated in it.
    #[must_use]
    fn redacted(self, secret: &Secret) -> Self;
}

/// The result of [`ResponseView::check_body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCheck {
    /// A JSON object, with the member.
    Ok,
    /// A JSON object without the member.
    MissingKey,
    /// No bytes, or only white space.
    Empty,
    /// HTML.
    Html,
    /// Something else, or only a part of an object.
    NotJson,
}
