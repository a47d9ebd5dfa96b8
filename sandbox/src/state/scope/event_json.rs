//! The object of an event, as the caller may see it.

use serde_json::{Value, json};

use super::Scope;
use crate::json::JsonObject;
use crate::state::Record;
use crate::state::resource_type::ResourceType;

impl Scope<'_> {
    /// Returns the API's object of an event that the caller may see. Custom metadata and errors of an
    /// account are shown only to those who may see the account, and an action attempt only to those
    /// who may see the attempt.
    ///
    /// The custom metadata is what the device and the account have now (our choice).
    pub(crate) fn event_json(&self, event: &Record) -> Value {
        let mut object = event.object().clone();
        self.add_custom_metadata(event, &mut object);
        if let Some(attempt) = self.attempt_of_event(event.id()) {
            object.insert("action_attempt_id".to_owned(), json!(attempt));
        }
        Value::Object(object)
    }

    fn add_custom_metadata(&self, event: &Record, object: &mut JsonObject) {
        let event_type = event.text("event_type").unwrap_or_default();
        let has_metadata = !["action_attempt.", "acs_"]
            .iter()
            .any(|it| event_type.starts_with(it));
        let account = event.linked_id("connected_account_id").map(|id| {
            let account = self.record(ResourceType::ConnectedAccount, id);
            account.ok().map(|it| it.object().get("custom_metadata"))
        });
        match account {
            Some(Some(metadata)) if has_metadata => {
                let metadata = metadata.cloned();
                object.extend(metadata.map(|it| (ACCOUNT_METADATA.to_owned(), it)));
            }
            Some(None) if self.is_session() => {
                for name in ["connected_account_errors", "connected_account_warnings"] {
                    if let Some(list) = object.get_mut(name) {
                        *list = json!([]);
                    }
                }
            }
            _ => {}
        }
        let device = event.linked_id("device_id").filter(|_| has_metadata);
        if let Some(device) = device.and_then(|it| self.any_device(it).ok()) {
            let metadata = device.custom_metadata().clone();
            object.insert("device_custom_metadata".to_owned(), metadata.into());
        }
    }
}

const ACCOUNT_METADATA: &str = "connected_account_custom_metadata";
