//! Phones.

use serde_json::json;

use crate::world::{Caller, World, text};

#[test]
fn the_mobile_keys_of_a_user_are_revoked_with_the_last_phone() {
    let mut world = World::with(json!({ "seed": {
        "user_identities": [{ "user_identity_key": "jane" }, { "user_identity_key": "tom" }],
        "phones": [
            { "user_identity_key": "jane", "display_name": "First" },
            { "user_identity_key": "jane", "display_name": "Second" },
            { "user_identity_key": "tom", "display_name": "Tom's" },
        ],
        "acs_systems": [{ "name": "Club" }],
        "acs_users": [
            { "display_name": "Jane", "acs_system": "Club", "user_identity_key": "jane" },
            { "display_name": "Tom", "acs_system": "Club", "user_identity_key": "tom" },
        ],
        "acs_credentials": [
            { "acs_user": "Jane", "display_name": "Jane's card" },
            { "acs_user": "Jane", "display_name": "Jane's key", "access_method": "mobile_key" },
            { "acs_user": "Tom", "display_name": "Tom's key", "access_method": "mobile_key" },
        ],
    } }));
    let jane = json!({ "user_identity_key": "jane" });
    let jane = world.expect_ok(&Caller::ApiKey, "/user_identities/get", jane);
    let jane = text(&jane["user_identity"]["user_identity_id"]);
    let owned = json!({ "owner_user_identity_id": jane });
    let phones = world.post(&Caller::ApiKey, "/phones/list", owned.clone());
    let phones = phones.ids("phones", "device_id");
    assert_eq!(phones.len(), 2);
    let all = world.post(&Caller::ApiKey, "/phones/list", json!({}));
    assert_eq!(all.ids("phones", "device_id").len(), 3);
    let one = json!({ "device_id": phones[0] });
    let shown = world.expect_ok(&Caller::ApiKey, "/phones/get", one.clone());
    assert_eq!(shown["phone"]["display_name"], "First");
    let user = world.token(&jane);
    for (phone, left) in [
        (
            &phones[0],
            &["Jane's card", "Jane's key", "Tom's key"] as &[&str],
        ),
        (&phones[1], &["Jane's card", "Tom's key"]),
    ] {
        world.expect_ok(&user, "/phones/deactivate", json!({ "device_id": phone }));
        let credentials = world.post(&Caller::ApiKey, "/acs/credentials/list", json!({}));
        assert_eq!(credentials.ids("acs_credentials", "display_name"), left);
    }
    let gone = world.post(&Caller::ApiKey, "/phones/get", one);
    assert_eq!(gone.error(), (404, "phone_not_found"));
    let events = json!({ "since": "2000-01-01", "event_type": "acs_credential.deleted" });
    let events = world.post(&Caller::ApiKey, "/events/list", events);
    assert_eq!(events.ids("events", "event_id").len(), 1);
}
