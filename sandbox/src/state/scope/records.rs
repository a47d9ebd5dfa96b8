//! Records within scope: how routes read, create, change and remove them.

use serde_json::Value;

use super::policies;
use super::policy::WritePolicy;
use super::session_view::SessionView;
use super::{Caller, Scope, api_key_required, limit_reached};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::record::{Record, Requester};
use crate::state::resource_type::ResourceType;
use crate::state::session::ClientSession;
use crate::state::table::Row;
use crate::time::{self, Millis};

/// The number of records of one type that a device may have.
const MAX_PER_DEVICE: usize = 1_000;

/// A record to create.
#[derive(Debug, Default)]
pub(crate) struct NewRecord {
    /// The members of its object. Its ids and the time of creation are filled in.
    pub(crate) object: JsonObject,
    /// Members that the object does not show. The ids in them count as references.
    pub(crate) hidden: JsonObject,
    /// The owner, if other guests must not see the record.
    pub(crate) owner: Option<Requester>,
}

impl Scope<'_> {
    /// Returns the records of this type that the caller may see, in order.
    pub(crate) fn records(&self, resource_type: ResourceType) -> Vec<&Record> {
        match (self.caller, self.view()) {
            (Caller::Workspace, _) => self.state.records.table(resource_type).in_order().collect(),
            (Caller::Session(_), Some(view)) => {
                let policy = policies::of(resource_type);
                let mut seen = (policy.candidates)(view, resource_type);
                seen.retain(|it| (policy.can_see)(view, it));
                seen.sort_unstable_by_key(|it| it.key());
                seen.dedup_by_key(|it| it.key());
                seen
            }
            _ => Vec::new(),
        }
    }

    /// Returns the records of this type that reference the id and that the caller may see: the
    /// access codes of a device, the entrances of a system.
    pub(crate) fn records_referencing(&self, resource_type: ResourceType, id: Id) -> Vec<&Record> {
        let about = self.state.records.table(resource_type).referencing(id);
        about
            .filter(|it| self.can_see_record(resource_type, it))
            .collect()
    }

    /// Returns a record that the caller may see.
    pub(crate) fn record(&self, resource_type: ResourceType, id: Id) -> Result<&Record, ApiError> {
        let record = self.state.records.table(resource_type).get(id);
        record
            .filter(|it| self.can_see_record(resource_type, it))
            .ok_or_else(|| self.refusal(record.is_some(), resource_type.resource()))
    }

    /// Creates a record and returns its id. If it names a device, the caller must be able to see
    /// the device.
    pub(crate) fn create(
        &mut self,
        resource_type: ResourceType,
        new: NewRecord,
    ) -> Result<Id, ApiError> {
        self.check_can_create(resource_type)?;
        let device = new.object.get("device_id").and_then(Value::as_str);
        if let Some(device) = device.and_then(Id::parse) {
            self.device(device)?;
            self.check_room(resource_type, device)?;
        }
        let now = self.now;
        Ok(self
            .state
            .create(resource_type, new.object, new.hidden, new.owner, now))
    }

    /// Changes the object of a record that the caller may see and change. Returns what `change`
    /// returns.
    pub(crate) fn change<R>(
        &mut self,
        resource_type: ResourceType,
        id: Id,
        change: impl FnOnce(&mut JsonObject) -> R,
    ) -> Result<R, ApiError> {
        self.check_can_change(resource_type, id)?;
        let changed = self.state.records.table_mut(resource_type);
        let changed = changed.change(id, |it| change(&mut it.object));
        changed.ok_or_else(|| resource_type.resource().not_found())
    }

    /// Removes a record that the caller may see and change, and returns it.
    pub(crate) fn remove(
        &mut self,
        resource_type: ResourceType,
        id: Id,
    ) -> Result<Record, ApiError> {
        self.check_can_change(resource_type, id)?;
        let removed = self.state.records.table_mut(resource_type).remove(id);
        removed.ok_or_else(|| resource_type.resource().not_found())
    }

    /// Records an event. `members` are those that the API's schema gives this type of event. An
    /// event with an owner is visible only to the owner.
    pub(crate) fn record_event(
        &mut self,
        event_type: &str,
        members: JsonObject,
        owner: Option<Requester>,
    ) {
        self.state
            .record_event(self.now, event_type, members, owner);
    }

    /// Returns the caller as a requester; `None` for an API key.
    pub(crate) fn requester(&self) -> Option<Requester> {
        self.session().map(|it| Requester {
            session: it.id(),
            user_identity: it.user_identity(),
        })
    }

    /// The time of the request.
    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    /// Returns the view of the calling session.
    pub(super) fn view(&self) -> Option<SessionView<'_>> {
        self.session().map(|it| self.view_of(it))
    }

    /// Returns the view of this session.
    pub(super) fn view_of<'s>(&'s self, session: &'s ClientSession) -> SessionView<'s> {
        SessionView {
            state: self.state,
            session,
            now: self.now,
        }
    }

    pub(super) fn can_see_record(&self, resource_type: ResourceType, record: &Record) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => {
                let view = self.view();
                view.is_some_and(|it| (policies::of(resource_type).can_see)(it, record))
            }
            Caller::Publishable => false,
        }
    }

    /// Limits the records of a device, so that a session cannot fill the memory. What only other
    /// guests see does not count.
    fn check_room(&self, resource_type: ResourceType, device: Id) -> Result<(), ApiError> {
        let records = self.state.records.table(resource_type).referencing(device);
        let there = records
            .filter(|it| self.can_see_record(resource_type, it))
            .count();
        if there < MAX_PER_DEVICE {
            return Ok(());
        }
        Err(limit_reached(&format!(
            "{MAX_PER_DEVICE} of these on the device"
        )))
    }

    fn check_can_create(&self, resource_type: ResourceType) -> Result<(), ApiError> {
        match (self.caller, policies::of(resource_type).write) {
            (Caller::Workspace, _) | (Caller::Session(_), WritePolicy::Visible) => Ok(()),
            _ => Err(api_key_required()),
        }
    }

    pub(super) fn check_can_change(
        &self,
        resource_type: ResourceType,
        id: Id,
    ) -> Result<(), ApiError> {
        let record = self.record(resource_type, id)?;
        let account = record.linked_id("connected_account_id");
        let has_account = || {
            let view = self.view();
            view.is_some_and(|it| account.is_some_and(|account| it.has_account(account)))
        };
        match (self.caller, policies::of(resource_type).write) {
            (Caller::Workspace, _) | (Caller::Session(_), WritePolicy::Visible) => Ok(()),
            (Caller::Session(_), WritePolicy::OwnAccounts) if has_account() => Ok(()),
            _ => Err(api_key_required()),
        }
    }
}

impl crate::state::State {
    /// Inserts a record with its ids and the time of creation, and returns its id.
    pub(in crate::state) fn create(
        &mut self,
        resource_type: ResourceType,
        members: JsonObject,
        hidden: JsonObject,
        owner: Option<Requester>,
        now: Millis,
    ) -> Id {
        let name = resource_type.resource().id;
        let own = members
            .get(name)
            .and_then(Value::as_str)
            .and_then(Id::parse);
        let id = own.unwrap_or_else(|| self.entropy.id());
        let mut object = JsonObject::new();
        object.insert(name.to_owned(), id.to_string().into());
        for (member, value) in [
            ("workspace_id", self.workspace.id.to_string()),
            ("created_at", time::to_iso(now)),
        ] {
            if resource_type.has(member) {
                object.insert(member.to_owned(), value.into());
            }
        }
        object.extend(members);
        let table = self.records.table_mut(resource_type);
        let position = match resource_type {
            // A grant creates several at once, and their list has no pages.
            ResourceType::AccessMethod => table.next_position(now),
            _ => 0,
        };
        table.insert(Record {
            id,
            created_at: now,
            position,
            object,
            hidden,
            owner,
        });
        id
    }
}
