//! Single values whose fate is worth reading.

use seam_session::resources::devices::DeviceType;
use seam_session::resources::{
    ActionAttempt, ClientSession, Device, Event, NoiseThreshold, Nullable, UserIdentity, Webhook,
};
use serde_json::{Value, json};

fn identity() -> Value {
    json!({
        "user_identity_id": "u", "user_identity_key": null, "email_address": "a@example.com",
        "phone_number": null, "full_name": "Ada", "display_name": "Ada", "created_at": "2026",
        "workspace_id": "w", "acs_user_ids": [], "errors": [], "warnings": [],
    })
}

#[test]
fn absent_and_null_are_told_apart() {
    let read: UserIdentity = serde_json::from_value(identity()).unwrap();
    assert_eq!(read.phone_number, Nullable(None));
    assert_eq!(read.email_address.as_deref(), Some("a@example.com"));
    let mut without = identity();
    without.as_object_mut().unwrap().remove("phone_number");
    let error = serde_json::from_value::<UserIdentity>(without).unwrap_err();
    assert!(error.to_string().starts_with("phone_number: "), "{error}");
}

#[test]
fn events_and_action_attempts_of_no_known_kind_are_kept_whole() {
    for unknown in [
        json!({}),
        json!({ "event_type": null, "action_type": 1 }),
        json!({ "event_type": "lock.melted", "event_id": "e", "heat": 1538.0 }),
        json!({ "action_type": "MELT_LOCK", "status": "success", "action_attempt_id": "a" }),
        // Known, but without what the schema requires.
        json!({ "action_type": "LOCK_DOOR", "status": "success", "result": null }),
        json!({ "event_type": "device.connected" }),
    ] {
        let event: Event = serde_json::from_value(unknown.clone()).unwrap();
        assert!(matches!(event, Event::Other(_)));
        assert_eq!(event.event_type(), unknown["event_type"].as_str());
        assert_eq!(event.event_id(), unknown["event_id"].as_str());
        assert_eq!(serde_json::to_value(event).unwrap(), unknown);

        let attempt: ActionAttempt = serde_json::from_value(unknown.clone()).unwrap();
        assert!(matches!(attempt, ActionAttempt::Other(_)));
        assert_eq!(attempt.status(), unknown["status"].as_str());
        assert_eq!(serde_json::to_value(attempt).unwrap(), unknown);
    }
    serde_json::from_value::<Event>(json!([])).unwrap_err();
}

#[test]
fn an_action_attempt_is_one_variant_by_what_it_does_and_how_far_it_is() {
    let attempt: ActionAttempt = serde_json::from_value(json!({
        "action_attempt_id": "a", "action_type": "UNLOCK_DOOR", "status": "success",
        "result": { "was_confirmed_by_device": false, "new": 1 }, "error": null,
    }))
    .unwrap();
    assert_eq!(attempt.action_type(), Some("UNLOCK_DOOR"));
    assert_eq!(attempt.action_attempt_id(), Some("a"));
    let ActionAttempt::UnlockDoorSuccess(done) = attempt else {
        panic!("{attempt:?}")
    };
    assert_eq!(done.result.was_confirmed_by_device, Some(false));
    assert_eq!(done.result.other["new"], 1);
}

#[test]
fn an_enum_keeps_a_value_that_is_not_listed() {
    let read: DeviceType = serde_json::from_value(json!("hubitat_lock")).unwrap();
    assert_eq!(read, DeviceType::from("hubitat_lock"));
    assert!(matches!(&read, DeviceType::Unlisted(name) if name == "hubitat_lock"));
    assert_eq!(DeviceType::from("august_lock"), DeviceType::AugustLock);
    assert_eq!(DeviceType::AugustLock.to_string(), "august_lock");
}

#[test]
fn numbers_keep_every_digit_that_the_text_had() {
    for number in [
        "1",
        "1.0",
        "-7",
        "18446744073709551615",
        "31.245270191439438",
        "121.48791951161945",
        "0.1",
    ] {
        let text = format!(
            r#"{{"device_id":"d","ends_daily_at":"","name":"n","noise_threshold_decibels":{number},"noise_threshold_id":"t","starts_daily_at":""}}"#
        );
        let read: NoiseThreshold = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}

#[test]
fn tokens_and_signing_secrets_are_not_in_debug_output() {
    let webhook: Webhook =
        serde_json::from_value(json!({ "webhook_id": "w", "url": "u", "secret": "hunter2" }))
            .unwrap();
    assert!(!format!("{webhook:?}").contains("hunter2"));
    let session: ClientSession = serde_json::from_value(json!({
        "client_session_id": "c", "workspace_id": "w", "created_at": "", "expires_at": "",
        "token": "seam_cst1_hunter2", "user_identifier_key": null, "device_count": 1,
        "connected_account_ids": [], "connect_webview_ids": [], "user_identity_ids": [],
    }))
    .unwrap();
    assert!(!format!("{session:?}").contains("hunter2"));
    assert_eq!(session.token.expose(), "seam_cst1_hunter2");
}

#[test]
fn an_error_names_the_member_and_not_its_value() {
    let mut sample = identity();
    sample["errors"] = json!([{ "error_code": "x", "message": { "hunter2": 1 } }]);
    let error = serde_json::from_value::<UserIdentity>(sample).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("errors.0."), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    serde_json::from_value::<Device>(json!("hunter2")).unwrap_err();
}
