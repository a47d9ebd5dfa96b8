//! Adds devices, entrances and accounts to a space, and removes them.

use std::collections::BTreeSet;

use super::space::{SPACE, record_event};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::routes::named_members::{devices, entrances};
use crate::state::{ResourceType, Scope, SpaceMembers};

pub(in crate::routes) fn add_devices(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let devices = devices(scope, call)?;
    change(scope, call, |it| it.devices.extend(devices))
}

pub(in crate::routes) fn remove_devices(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let devices: BTreeSet<Id> = call
        .params
        .ids("device_ids")
        .into_iter()
        .flatten()
        .collect();
    change(scope, call, |it| {
        it.devices.retain(|it| !devices.contains(it));
    })
}

pub(in crate::routes) fn add_acs_entrances(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let entrances = entrances(scope, call)?;
    change(scope, call, |it| it.entrances.extend(entrances))
}

pub(in crate::routes) fn remove_acs_entrances(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let entrances = call.params.ids("acs_entrance_ids");
    let entrances: BTreeSet<Id> = entrances.into_iter().flatten().collect();
    change(scope, call, |it| {
        it.entrances.retain(|it| !entrances.contains(it));
    })
}

/// The account is only kept: it gives the space no members.
pub(in crate::routes) fn add_connected_account(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let (space, account) = space_and_account(scope, call)?;
    let mut accounts = scope
        .record(SPACE, space)?
        .linked_ids("connected_account_ids");
    if !accounts.contains(&account) {
        accounts.push(account);
    }
    scope.set_space_accounts(space, &accounts)?;
    Ok(Reply::new())
}

pub(in crate::routes) fn remove_connected_account(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let (space, account) = space_and_account(scope, call)?;
    let mut accounts = scope
        .record(SPACE, space)?
        .linked_ids("connected_account_ids");
    accounts.retain(|it| *it != account);
    scope.set_space_accounts(space, &accounts)?;
    Ok(Reply::new())
}

fn space_and_account(scope: &Scope<'_>, call: &Call<'_>) -> Result<(Id, Id), ApiError> {
    let space = call.required_id("space_id")?;
    scope.record(SPACE, space)?;
    let account = call.required_id("connected_account_id")?;
    let found = scope.record(ResourceType::ConnectedAccount, account);
    found.map_err(|_| ResourceType::ConnectedAccount.resource().bad_reference())?;
    Ok((space, account))
}

/// Changes the members of the space that `space_id` names.
fn change(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
    change: impl FnOnce(&mut SpaceMembers),
) -> Result<Reply, ApiError> {
    let space = call.required_id("space_id")?;
    let mut members = scope.space_members(space)?;
    change(&mut members);
    set(scope, space, &members)?;
    Ok(Reply::new())
}

/// Gives a space these members, and records the event if that changed anything.
pub(super) fn set(
    scope: &mut Scope<'_>,
    space: Id,
    members: &SpaceMembers,
) -> Result<(), ApiError> {
    if scope.set_space_members(space, members)? {
        let object = scope.record(SPACE, space)?.object().clone();
        let event_type = "space.device_membership_changed";
        record_event(scope, event_type, &object, members);
    }
    Ok(())
}
