//! The log of events. This is the one place that writes to it.

use serde_json::Value;

use super::State;
use super::record::{Record, Requester};
use super::resource_type::ResourceType;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// How many events are kept; the oldest give way, so that a long run does not grow without end.
const MAX_EVENTS: usize = 20_000;

impl State {
    /// Records that this has happened: an event of this type, with the members that the API's
    /// schema gives such an event (the ids of what it is about, and more). What every event has,
    /// and the account of a device, is filled in.
    ///
    /// `owner` is whose thing it is about, where that is a thing that only its owner sees (an
    /// access code, an action attempt): nobody else is shown the event then.
    pub(super) fn record_event(
        &mut self,
        at: Millis,
        event_type: &str,
        mut members: JsonObject,
        owner: Option<Requester>,
    ) {
        let id = self.entropy.id();
        let now = time::to_iso(at);
        let mut object = JsonObject::new();
        for (name, value) in [
            ("event_id", id.to_string()),
            ("event_type", event_type.to_owned()),
            ("workspace_id", self.workspace.id.to_string()),
            ("created_at", now.clone()),
            ("occurred_at", now),
        ] {
            object.insert(name.to_owned(), Value::from(value));
        }
        let device = members.get("device_id").and_then(Value::as_str);
        let device = device.and_then(crate::ids::Id::parse);
        if let Some(device) = device.and_then(|it| self.devices.get(it)) {
            members
                .entry("connected_account_id")
                .or_insert_with(|| device.account().to_string().into());
        }
        object.extend(members);
        let log = self.records.table_mut(ResourceType::Event);
        log.insert(Record {
            id,
            created_at: at,
            place: log.next_place(at),
            object,
            hidden: JsonObject::new(),
            owner,
        });
        while log.len() > MAX_EVENTS {
            let oldest = log.in_order().next().map(Record::id);
            let Some(oldest) = oldest else { break };
            log.remove(oldest);
        }
    }
}
