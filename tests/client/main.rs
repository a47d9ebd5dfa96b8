//! The async client, with a transport that needs neither a network nor real time.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod builder;
mod calls;
mod lists;
mod soak;
mod spans;
mod tokens;
mod world;
