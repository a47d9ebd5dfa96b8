//! The filters that all lists of devices have. They only narrow what the caller may see.

use serde_json::Value;

use crate::input::Params;
use crate::json::JsonObject;
use crate::state::{Device, Scope};

/// The length from which a search text is compared with the beginning of ids.
const MIN_ID_PREFIX: usize = 4;

/// Returns the managed devices in scope that match all filters, in order.
pub(super) fn matching<'s>(scope: &'s Scope<'_>, params: &Params) -> Vec<&'s Device> {
    filter(scope, params, scope.devices())
}

/// Returns those of these devices that match all filters.
pub(super) fn filter<'s>(
    scope: &'s Scope<'_>,
    params: &Params,
    mut found: Vec<&'s Device>,
) -> Vec<&'s Device> {
    retain_matching(&mut found, params.ids("device_ids"), |it, ids| {
        ids.contains(&it.id())
    });
    retain_matching(&mut found, params.id("connected_account_id"), |it, id| {
        it.account() == *id
    });
    retain_matching(
        &mut found,
        params.ids("connected_account_ids"),
        |it, ids| ids.contains(&it.account()),
    );
    retain_matching(&mut found, params.id("connect_webview_id"), |it, id| {
        scope.is_authorized_through(it, *id)
    });
    retain_matching(&mut found, params.text("device_type"), |it, name| {
        it.device_type() == *name
    });
    retain_matching(&mut found, params.texts("device_types"), |it, names| {
        names.contains(&it.device_type())
    });
    retain_matching(&mut found, params.text("manufacturer"), |it, name| {
        it.manufacturer() == *name
    });
    retain_matching(&mut found, params.time("created_before"), |it, time| {
        it.created_at() < *time
    });
    for name in ["space_id", "unstable_location_id"] {
        retain_matching(&mut found, params.id(name), |it, id| {
            it.space_ids().contains(id)
        });
    }
    retain_matching(&mut found, params.texts("include_if"), |it, flags| {
        flags.iter().all(|flag| it.can(flag))
    });
    retain_matching(&mut found, params.texts("exclude_if"), |it, flags| {
        !flags.iter().any(|flag| it.can(flag))
    });
    retain_matching(
        &mut found,
        params.object("custom_metadata_has"),
        |it, wanted| has_metadata(it, wanted),
    );
    retain_matching(&mut found, params.text("search"), |it, text| {
        matches_search(it, text)
    });
    let of_key = params.text("user_identifier_key");
    retain_matching(
        &mut found,
        of_key.map(|it| scope.devices_of_key(it)),
        |it, ids| ids.contains(&it.id()),
    );
    // The sandbox has no customers.
    retain_matching(&mut found, params.text("customer_key"), |_, _| false);
    found
}

fn retain_matching<T>(
    found: &mut Vec<&Device>,
    filter: Option<T>,
    matches: impl Fn(&Device, &T) -> bool,
) {
    if let Some(filter) = filter {
        found.retain(|it| matches(it, &filter));
    }
}

fn has_metadata(device: &Device, wanted: &JsonObject) -> bool {
    let has = device.custom_metadata();
    wanted
        .iter()
        .all(|(name, value)| has.get(name) == Some(value))
}

/// Returns whether a search finds the device: by the beginning of its id, or by a part of its
/// account's id, its name, its location or a value of its metadata, ignoring case.
fn matches_search(device: &Device, text: &str) -> bool {
    let text = text.to_lowercase();
    let within = |it: &str| it.to_lowercase().contains(&text);
    let by_id = text.chars().count() >= MIN_ID_PREFIX && device.id().to_string().starts_with(&text);
    let metadata = device.custom_metadata().values();
    by_id
        || within(device.display_name())
        || within(device.location_name())
        || within(&device.account().to_string())
        || metadata.filter_map(Value::as_str).any(within)
}
