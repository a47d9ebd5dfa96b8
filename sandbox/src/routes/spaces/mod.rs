//! `/spaces`. A space groups devices and entrances; an access grant of a space covers whatever is
//! in it.

mod members;
mod related;
mod space;
mod write;

pub(super) use members::{
    add_acs_entrances, add_connected_account, add_devices, remove_acs_entrances,
    remove_connected_account, remove_devices,
};
pub(super) use related::get_related;
pub(super) use space::{get, list};
pub(super) use write::{create, delete, update};
