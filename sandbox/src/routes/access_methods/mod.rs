//! `/access_methods`, and the methods that an access grant requests.

mod code;
mod issue;
mod method;
mod read;
mod related;
mod request;
mod unlock;

pub(super) use issue::{create_requested, request};
pub(super) use read::{delete, get, list, methods_of};
pub(super) use related::{get_related, get_related_of_grants};
pub(super) use request::{check_requested, shown_requests};
pub(super) use unlock::unlock_door;
