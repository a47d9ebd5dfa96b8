//! What must hold for every route that a client session may call, each proved by going through all
//! of them and all of their parameters.

mod fake;
mod interference;
mod map;
mod pair;
mod past;
mod refusal;
mod request;
pub(crate) mod sides;
mod values;
mod without;
