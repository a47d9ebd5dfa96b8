//! `/user_identities`.

use serde_json::Value;

use super::Call;
use super::page::Page;
use crate::error::ApiError;
use crate::http::{Reply, array};
use crate::input::Params;
use crate::state::{Device, Profile, Record, Scope, UserIdentity};

pub(super) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    // Seam would make a user in each of these access systems.
    if call
        .params
        .texts("acs_system_ids")
        .is_some_and(|it| !it.is_empty())
    {
        let what = format!("acs_system_ids on {}", call.path);
        return Err(ApiError::not_simulated(&what));
    }
    let mut profile = Profile::default();
    apply_params(&mut profile, call.params);
    let id = scope.create_identity(profile)?;
    let identity = scope.identity_where(|it| it.id() == id)?;
    Ok(Reply::new().with("user_identity", &scope.identity_json(identity)))
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("user_identity_id");
    let key = call.params.text("user_identity_key");
    let identity = scope.identity_where(|it| {
        id.is_none_or(|id| it.id() == id)
            && key.is_none_or(|_| it.profile().user_identity_key.as_deref() == key)
    })?;
    Ok(Reply::new().with("user_identity", &scope.identity_json(identity)))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    paged(scope, call, scope.identities())
}

pub(super) fn list_unmanaged(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    paged(scope, call, scope.unmanaged_identities())
}

fn paged(
    scope: &Scope<'_>,
    call: &Call<'_>,
    mut found: Vec<&UserIdentity>,
) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    found.retain(|it| matches_filters(it, call.params));
    let (shown, pagination) = page.slice(call, found);
    let identities = shown.into_iter().map(|it| scope.identity_json(it));
    Ok(Reply::new()
        .with("user_identities", &identities.collect::<Value>())
        .with("pagination", &pagination))
}

/// The only update is to convert an unmanaged identity to a managed one.
pub(super) fn update_unmanaged(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("user_identity_id")?;
    scope.manage_identity(id, call.params.text("user_identity_key"))?;
    Ok(Reply::new())
}

pub(super) fn list_accessible_entrances(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let entrances = scope.entrances_of_identity(call.required_id("user_identity_id")?)?;
    let entrances = entrances.into_iter().map(Record::to_json);
    Ok(Reply::new().with("acs_entrances", &entrances.collect::<Value>()))
}

pub(super) fn list_acs_systems(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let systems = scope.systems_of_identity(call.required_id("user_identity_id")?)?;
    let systems = systems.into_iter().map(Record::to_json);
    Ok(Reply::new().with("acs_systems", &systems.collect::<Value>()))
}

pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("user_identity_id")?;
    scope.update_identity(id, |profile| apply_params(profile, call.params))?;
    Ok(Reply::new())
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.delete_identity(call.required_id("user_identity_id")?)?;
    Ok(Reply::new())
}

pub(super) fn grant_access_to_device(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    scope.grant(call.required_id("user_identity_id")?, device)?;
    Ok(Reply::new())
}

pub(super) fn revoke_access_to_device(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    scope.revoke_grant(call.required_id("user_identity_id")?, device)?;
    Ok(Reply::new())
}

pub(super) fn list_accessible_devices(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let granted = scope.granted_devices(call.required_id("user_identity_id")?)?;
    let devices = array(granted.into_iter().map(Device::json));
    Ok(Reply::new()
        .with_text("devices", &devices)
        .with_text("accessible_devices", &devices))
}

/// Given members replace the current ones; a null removes one.
pub(super) fn apply_params(profile: &mut Profile, params: &Params) {
    for (name, member) in [
        ("user_identity_key", &mut profile.user_identity_key),
        ("email_address", &mut profile.email_address),
        ("phone_number", &mut profile.phone_number),
        ("full_name", &mut profile.full_name),
    ] {
        if params.has(name) {
            *member = params.text(name).map(str::to_owned);
        }
    }
}

fn matches_filters(identity: &UserIdentity, params: &Params) -> bool {
    let ids = params.ids("user_identity_ids");
    let before = params.time("created_before");
    let search = params.text("search").map(str::to_lowercase);
    ids.is_none_or(|it| it.contains(&identity.id()))
        && before.is_none_or(|it| identity.created_at() < it)
        && search.is_none_or(|it| matches_search(identity, &it))
        // Credential managers are not simulated, so no identity has one.
        && !params.has("credential_manager_acs_system_id")
}

/// Seam documents that the search looks in the name, the phone number, the email address and the
/// id.
fn matches_search(identity: &UserIdentity, text: &str) -> bool {
    let profile = identity.profile();
    let members = [
        &profile.full_name,
        &profile.email_address,
        &profile.phone_number,
    ];
    let within = |it: &str| it.to_lowercase().contains(text);
    within(&identity.id().to_string()) || members.into_iter().flatten().any(|it| within(it))
}
