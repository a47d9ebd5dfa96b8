//! `/access_codes`.

mod access_code;
mod backup;
mod changes;
mod code_rules;
mod constraints;
mod create;
mod device_action;
mod frame;
mod number;
mod of_grant;
mod offline;
mod read;
mod unmanaged;

pub(super) use backup::pull_backup_access_code;
pub(super) use changes::{delete, update, update_multiple};
pub(super) use constraints::report_device_constraints;
pub(super) use create::{create, create_multiple};
pub(super) use of_grant::{
    GrantCode, common_number, create_of_grant, has_room, is_free, number_of_method, takes_codes,
    update_times_of_grant,
};
pub(super) use read::{generate_code, get, list};
pub(super) use unmanaged::{
    convert_to_managed, create as create_unmanaged, delete as delete_unmanaged,
    get as get_unmanaged, list as list_unmanaged, update as update_unmanaged,
};
