//! The log of events, to which only this module writes.

use serde_json::Value;

use super::State;
use super::quota::Group;
use super::record::{Record, Requester};
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::{self, Millis};

impl State {
    /// Records an event and returns its id. `members` are those that the API's schema gives this
    /// type of event, such as the ids of its subject. The members that all events have, and the
    /// account of a device, are filled in.
    ///
    /// `owner` is the owner of an access code or an action attempt, if it has one: the event is
    /// visible only to the owner then.
    pub(super) fn record_event(
        &mut self,
        at: Millis,
        event_type: &str,
        mut members: JsonObject,
        owner: Option<Requester>,
    ) -> Id {
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
        let device_id = device.and_then(Id::parse);
        if let Some(device) = device_id.and_then(|it| self.devices.get(it)) {
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
        let session = self.acting_session.or(owner.map(|it| it.session));
        let group = session.map_or(Group::BackEnd, |session| Group::Events {
            session,
            device: device_id,
            is_private: owner.is_some(),
        });
        let surplus = self.event_quota.add(group, id, |_| true);
        surplus.and_then(|it| log.remove(it));
        id
    }
}
