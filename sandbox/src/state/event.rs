//! The log of events, to which only this module writes.

use serde_json::Value;

use super::State;
use super::record::{Record, Requester};
use super::resource_type::ResourceType;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// The number of events that are kept. The oldest are removed, so that memory stays bounded.
const MAX_EVENTS: usize = 20_000;

impl State {
    /// Records an event. `members` are those that the API's schema gives this type of event, such
    /// as the ids of its subject. The members that all events have, and the account of a device,
    /// are filled in.
    ///
    /// `owner` is the owner of an access code or an action attempt, if it has one: the event is
    /// visible only to the owner then.
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
            position: log.next_position(at),
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
