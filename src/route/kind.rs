/// What a call of a route does, which decides whether it may be sent again.
///
/// By the API's description, a route that offers GET is a read, one that responds with an action
/// attempt and does not offer GET is an action, and any other one is a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// Changes nothing. It is sent again after any transient failure.
    Read,
    /// Changes what Seam stores. It is sent again only if the server asked to wait.
    Write,
    /// May move a device. It is never sent again.
    Action,
}
