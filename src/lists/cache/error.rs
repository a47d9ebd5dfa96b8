/// Why a body was refused. The round is over then, and the store is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListCacheError {
    /// It is not JSON, or only a part of it, or nests too deep, or is too long.
    NotJson = 1,
    /// It holds no list, or no single device, under the response key.
    NoList,
    /// Something in the list has no id.
    NoId,
    /// No round has begun, or it has ended.
    NoFetch,
}
