//! `/acs`: access systems and what is in them, all of it from the seed.

use serde_json::Value;

use super::Call;
use super::page::Page;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::json_object;
use crate::state::{Record, ResourceType, Scope};

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(super) fn list_systems(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut found = scope.records(ResourceType::AcsSystem);
    filter(&mut found, call, &["connected_account_id"]);
    search(&mut found, call, &["acs_system_id", "name"]);
    Ok(Reply::new().with("acs_systems", &objects(found)))
}

pub(super) fn list_users(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.records(ResourceType::AcsUser);
    filter(&mut found, call, &["acs_system_id", "user_identity_id"]);
    for name in ["user_identity_email_address", "user_identity_phone_number"] {
        if let Some(text) = call.params.text(name) {
            found.retain(|it| it.text(name) == Some(text));
        }
    }
    search(
        &mut found,
        call,
        &[
            "acs_user_id",
            // Derived from the full name, which a seed may leave out.
            "display_name",
            "email_address",
            "full_name",
            "phone_number",
            "user_identity_full_name",
            "user_identity_id",
            "user_identity_phone_number",
        ],
    );
    let (users, pagination) = page.slice(call, found);
    Ok(Reply::new()
        .with("acs_users", &objects(users))
        .with("pagination", &pagination))
}

pub(super) fn list_user_entrances(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let user = match call.params.id("acs_user_id") {
        Some(user) => scope.record(ResourceType::AcsUser, user)?,
        None => user_of_identity(scope, call)?,
    };
    let entrances = scope.entrances_of_user(user.id())?;
    Ok(Reply::new().with("acs_entrances", &objects(entrances)))
}

/// Returns the user of the access system that belongs to the user identity.
fn user_of_identity<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Record, ApiError> {
    let (Some(system), Some(identity)) = (
        call.params.id("acs_system_id"),
        call.params.id("user_identity_id"),
    ) else {
        return Err(ApiError::invalid(
            "Give acs_user_id, or both acs_system_id and user_identity_id",
        ));
    };
    let users = scope
        .records_referencing(ResourceType::AcsUser, identity)
        .into_iter();
    let mut users = users.filter(|it| it.linked_id("acs_system_id") == Some(system));
    users
        .next()
        .ok_or_else(|| ResourceType::AcsUser.resource().not_found())
}

pub(super) fn get_entrance(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let entrance = scope.record(
        ResourceType::AcsEntrance,
        call.required_id("acs_entrance_id")?,
    )?;
    Ok(Reply::new().with("acs_entrance", &entrance.to_json()))
}

pub(super) fn list_entrances(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.records(ResourceType::AcsEntrance);
    filter(&mut found, call, &["acs_system_id", "connected_account_id"]);
    if let Some(ids) = call.params.ids("acs_entrance_ids") {
        found.retain(|it| ids.contains(&it.id()));
    }
    for name in ["space_id", "location_id"] {
        if let Some(space) = call.params.id(name) {
            found.retain(|it| it.linked_ids("space_ids").contains(&space));
        }
    }
    if let Some(credential) = call.params.id("acs_credential_id") {
        // A credential that is out of scope has no entrances, as if it did not exist.
        let credential = scope.record(ResourceType::AcsCredential, credential).ok();
        let opens = credential.map(|it| it.linked_ids("acs_entrance_ids"));
        found.retain(|it| opens.as_ref().is_some_and(|ids| ids.contains(&it.id())));
    }
    search(&mut found, call, &["display_name"]);
    let (entrances, pagination) = page.slice(call, found);
    Ok(Reply::new()
        .with("acs_entrances", &objects(entrances))
        .with("pagination", &pagination))
}

pub(super) fn list_entrance_credentials(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let entrance = scope.record(
        ResourceType::AcsEntrance,
        call.required_id("acs_entrance_id")?,
    )?;
    let mut found = scope.records_referencing(ResourceType::AcsCredential, entrance.id());
    for condition in call.params.texts("include_if").unwrap_or_default() {
        let mut path = condition.splitn(2, '.');
        let (outer, inner) = (
            path.next().unwrap_or_default(),
            path.next().unwrap_or_default(),
        );
        let has_condition = |it: &&Record| it.object().get(outer)?.get(inner)?.as_bool();
        found.retain(|it| has_condition(it) == Some(true));
    }
    Ok(Reply::new().with("acs_credentials", &objects(found)))
}

pub(super) fn list_credentials(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.records(ResourceType::AcsCredential);
    filter(&mut found, call, &["acs_system_id", "acs_user_id"]);
    if let Some(identity) = call.params.id("user_identity_id") {
        let users = scope
            .records_referencing(ResourceType::AcsUser, identity)
            .into_iter();
        let users: Vec<Id> = users.map(Record::id).collect();
        found.retain(|it| {
            it.linked_id("acs_user_id")
                .is_some_and(|it| users.contains(&it))
        });
    }
    let several = "is_multi_phone_sync_credential";
    if let Some(wanted) = call.params.flag(several) {
        found.retain(|it| it.flag(several).unwrap_or(false) == wanted);
    }
    search(&mut found, call, &["acs_credential_id", "display_name"]);
    let (credentials, pagination) = page.slice(call, found);
    Ok(Reply::new()
        .with("acs_credentials", &objects(credentials))
        .with("pagination", &pagination))
}

pub(super) fn delete_access_group(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let id = call.required_id("acs_access_group_id")?;
    let group = scope.remove(ResourceType::AcsAccessGroup, id)?;
    let fields = serde_json::json!({
        "acs_access_group_id": id.to_string(),
        "acs_system_id": group.text("acs_system_id"),
        "connected_account_id": group.text("connected_account_id"),
    });
    scope.record_event("acs_access_group.deleted", json_object(fields), None);
    Ok(Reply::new())
}

/// Keeps the records that have the ids in these parameters and that were created before
/// `created_before`.
fn filter(found: &mut Vec<&Record>, call: &Call<'_>, names: &[&str]) {
    for name in names {
        if let Some(id) = call.params.id(name) {
            found.retain(|it| it.linked_id(name) == Some(id));
        }
    }
    if let Some(before) = call.params.time("created_before") {
        found.retain(|it| it.created_at() < before);
    }
    // The sandbox has no customers.
    if call.params.has("customer_key") {
        found.clear();
    }
}

/// Keeps the records that contain the search text in one of these members, which are those that
/// Seam documents for the route.
fn search(found: &mut Vec<&Record>, call: &Call<'_>, names: &[&str]) {
    let Some(text) = call.params.text("search").map(str::to_lowercase) else {
        return;
    };
    let within = |it: &str| it.to_lowercase().contains(&text);
    found.retain(|record| {
        names
            .iter()
            .any(|name| record.text(name).is_some_and(within))
    });
}

fn objects(found: Vec<&Record>) -> Value {
    found.into_iter().map(Record::to_json).collect()
}
