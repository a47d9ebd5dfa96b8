//! `/spaces/get_related`: spaces with what is in them, and the access methods of their grants.

use super::space::{SPACE, to_json};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::routes::access_methods::methods_of;
use crate::routes::batch::{Batch, Contents, push_once};
use crate::state::{Record, ResourceType, Scope};

pub(in crate::routes) fn get_related(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let spaces = spaces(scope, call)?;
    let mut contents = Contents::default();
    let mut grants = Vec::new();
    for space in &spaces {
        let members = scope.space_members(space.id())?;
        contents.devices.extend(members.devices);
        contents.entrances.extend(members.entrances);
        let accounts = space.linked_ids("connected_account_ids");
        contents.accounts.extend(accounts);
        let of_space = scope.records_referencing(ResourceType::AccessGrant, space.id());
        for grant in of_space {
            if grant.linked_ids("space_ids").contains(&space.id()) {
                push_once(&mut grants, grant);
            }
        }
    }
    let methods: Vec<Id> = grants
        .iter()
        .flat_map(|it| methods_of(scope, it.id()))
        .collect();
    let mut batch = Batch::new(scope, call, contents);
    let objects = spaces.iter().map(|it| to_json(scope, it));
    batch.add("spaces", objects.collect());
    batch.add_records(scope, ResourceType::AccessMethod, methods);
    Ok(batch.reply())
}

/// Returns the spaces that are named by id or key, each once.
fn spaces<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<Vec<&'s Record>, ApiError> {
    let ids = call.params.ids("space_ids");
    let keys = call.params.texts("space_keys");
    if ids.is_none() && keys.is_none() {
        return Err(ApiError::invalid("space_ids or space_keys is required"));
    }
    let mut spaces = Vec::new();
    for id in ids.into_iter().flatten() {
        push_once(&mut spaces, scope.record(SPACE, id)?);
    }
    for key in keys.into_iter().flatten() {
        let space = scope.space_with_key(key);
        push_once(
            &mut spaces,
            space.ok_or_else(|| SPACE.resource().not_found())?,
        );
    }
    Ok(spaces)
}
