//! Access methods: when they are issued, and what is removed with them.
//!
//! A method belongs to the access grant in its hidden member `access_grant_id`. A method of mode
//! `code` has an access code on each device that it opens; the hidden member `access_method_id` of
//! the code names the method.

use serde_json::{Value, json};

use super::State;
use super::record::{Record, Requester};
use super::resource_type::ResourceType;
use super::task_queue::ScheduledTask;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};

/// The hidden member of a method and of an access code that names the access grant.
pub(crate) const GRANT: &str = "access_grant_id";

/// The hidden member of an access code that names its method.
pub(crate) const METHOD: &str = "access_method_id";

/// The hidden member of a method that was issued before, so that the next time it is reissued.
const WAS_ISSUED: &str = "was_issued";

/// The hidden member of a grant of which all methods have been issued.
const COMPLETE: &str = "access_granted_to_all_doors";

/// How long before its grant starts a method that is not issued gets a warning (our choice).
const WARNING_MS: Millis = 3_600_000;

/// The first interval between two attempts to issue a method. It doubles up to the last one.
const FIRST_RETRY_MS: Millis = 60_000;
const LAST_RETRY_MS: Millis = 86_400_000;

/// Why a method is not issued.
const NOT_ISSUED: &str = "A device of the access grant is offline";

impl State {
    /// Issues a key now, because nothing has to be set on a device, and a code when its devices have
    /// it. (Our choice: Seam documents no time.)
    pub(super) fn schedule_issue(&mut self, method: Id, now: Millis) {
        let methods = self.records.table(ResourceType::AccessMethod);
        let mode = methods.get(method).and_then(|it| it.text("mode"));
        if self.attempt_ms == 0 || mode != Some("code") {
            return self.issue_access_method(method, FIRST_RETRY_MS, now);
        }
        let at = now.saturating_add(self.attempt_ms);
        let task = ScheduledTask::IssueAccessMethod {
            method,
            retry_ms: FIRST_RETRY_MS,
        };
        self.task_queue.add(at, task);
    }

    /// Issues the access method if all devices that need its codes are online; otherwise tries again
    /// after `retry_ms`. Until then the method has a warning shortly before its grant starts, and an
    /// error afterwards, as documented.
    pub(super) fn issue_access_method(&mut self, method: Id, retry_ms: Millis, at: Millis) {
        let methods = self.records.table(ResourceType::AccessMethod);
        let is_issued = |it: &&Record| it.flag("is_issued") == Some(true);
        let Some(record) = methods.get(method).filter(|it| !is_issued(it)) else {
            return;
        };
        let grant = record.linked_id(GRANT);
        let grants = self.records.table(ResourceType::AccessGrant);
        let Some(grant) = grant.and_then(|it| grants.get(it)) else {
            return;
        };
        let grant_id = grant.id();
        let time_of = |name| grant.text(name).and_then(time::parse);
        let (starts_at, ends_at) = (time_of("starts_at").unwrap_or(at), time_of("ends_at"));
        if ends_at.is_some_and(|it| it <= at) {
            return;
        }
        if self.has_unreachable_device(method) {
            self.delay_issue(method, starts_at, at);
            let task = ScheduledTask::IssueAccessMethod {
                method,
                retry_ms: retry_ms.saturating_mul(2).min(LAST_RETRY_MS),
            };
            self.task_queue.add(at.saturating_add(retry_ms), task);
            return;
        }
        let code = self
            .codes_of_method(method)
            .find_map(|it| it.object().get("code").cloned());
        let table = self.records.table_mut(ResourceType::AccessMethod);
        let was_issued = table.change(method, |it| {
            it.object.extend(json_object(json!({
                "is_issued": true,
                "issued_at": time::to_iso(at),
                "pending_mutations": [],
                "errors": [],
                "warnings": [],
            })));
            it.object
                .extend(code.clone().map(|it| ("code".to_owned(), it)));
            it.hidden.insert(WAS_ISSUED.to_owned(), true.into()) == Some(Value::Bool(true))
        });
        let event_type = match was_issued {
            Some(true) => "access_method.reissued",
            _ => "access_method.issued",
        };
        let code = code.filter(Value::is_string);
        let more = code.map(|it| ("code".to_owned(), it)).into_iter().collect();
        self.record_method_event(event_type, method, grant_id, more, at);
        self.record_access_granted(grant_id, at);
    }

    /// Revokes the methods of a grant whose times have changed, until their devices have the new
    /// times: as documented, each is revoked and then reissued.
    pub(super) fn reissue_access_methods(&mut self, grant: Id, mutation: &Value, now: Millis) {
        for method in self.methods_of_grant(grant) {
            let table = self.records.table_mut(ResourceType::AccessMethod);
            let was_issued = table.change(method, |it| {
                it.object
                    .insert("pending_mutations".to_owned(), json!([mutation]));
                it.object.insert("is_issued".to_owned(), false.into()) == Some(Value::Bool(true))
            });
            if was_issued == Some(true) {
                let none = JsonObject::new();
                self.record_method_event("access_method.revoked", method, grant, none, now);
            }
            self.schedule_issue(method, now);
        }
    }

    /// Removes an access method with its access codes.
    pub(super) fn remove_access_method(&mut self, method: Id, now: Millis) {
        let codes = self.codes_of_method(method).map(Record::id);
        for code in codes.collect::<Vec<_>>() {
            self.remove_access_code(code, now);
        }
        self.remove_instant_keys_of(method);
        let methods = self.records.table_mut(ResourceType::AccessMethod);
        let Some(removed) = methods.remove(method) else {
            return;
        };
        let Some(grant) = removed.linked_id(GRANT) else {
            return;
        };
        let grants = self.records.table_mut(ResourceType::AccessGrant);
        grants.change(grant, |it| forget_method(&mut it.object, method));
        self.update_mobile_keys_of(grant, now);
        let none = JsonObject::new();
        self.record_method_event("access_method.deleted", method, grant, none, now);
    }

    /// Removes an access grant with its access methods.
    pub(super) fn remove_access_grant(&mut self, grant: Id, now: Millis) {
        for method in self.methods_of_grant(grant) {
            self.remove_access_method(method, now);
        }
        let removed = self
            .records
            .table_mut(ResourceType::AccessGrant)
            .remove(grant);
        if removed.is_some() {
            let fields = json_object(json!({ "access_grant_id": grant }));
            self.record_event(now, "access_grant.deleted", fields, None);
        }
    }

    /// Records an event of an access method. It is visible to no session: grants are the back end's.
    pub(super) fn record_method_event(
        &mut self,
        event_type: &str,
        method: Id,
        grant: Id,
        mut fields: JsonObject,
        at: Millis,
    ) {
        fields.insert("access_method_id".to_owned(), json!(method));
        fields.insert("access_grant_ids".to_owned(), json!([grant]));
        let grants = self.records.table(ResourceType::AccessGrant);
        let key = grants.get(grant).and_then(|it| it.text("access_grant_key"));
        if let Some(key) = key {
            fields.insert("access_grant_keys".to_owned(), json!([key]));
        }
        self.record_event(at, event_type, fields, None::<Requester>);
    }

    /// Returns the access methods of a grant, in order.
    pub(super) fn methods_of_grant(&self, grant: Id) -> Vec<Id> {
        let methods = self.records.table(ResourceType::AccessMethod);
        let methods = methods.referencing(grant);
        methods.map(Record::id).collect()
    }

    /// Returns the access codes of a method, in order.
    pub(super) fn codes_of_method(&self, method: Id) -> impl Iterator<Item = &Record> {
        let codes = self.records.table(ResourceType::AccessCode);
        codes.referencing(method)
    }

    /// Whether a device that must be programmed is offline.
    fn has_unreachable_device(&self, method: Id) -> bool {
        self.codes_of_method(method)
            .filter_map(|it| self.devices.get(it.linked_id("device_id")?))
            .any(|it| !it.online())
    }

    /// Shows that a method is not issued although its grant is about to start, or has started.
    fn delay_issue(&mut self, method: Id, starts_at: Millis, at: Millis) {
        let (member, event_type, entry) = if starts_at <= at {
            let entry = json!({
                "error_code": "failed_to_issue",
                "message": NOT_ISSUED,
                "created_at": time::to_iso(at),
            });
            ("errors", "access_method.failed_to_issue", entry)
        } else if starts_at <= at.saturating_add(WARNING_MS) {
            let entry = json!({
                "warning_code": "delay_in_issuing",
                "message": NOT_ISSUED,
                "created_at": time::to_iso(at),
            });
            ("warnings", "access_method.delay_in_issuing", entry)
        } else {
            return;
        };
        let table = self.records.table_mut(ResourceType::AccessMethod);
        let is_new = table.change(method, |it| {
            let list = it.object.get_mut(member).and_then(Value::as_array_mut);
            list.filter(|it| it.is_empty())?.push(entry);
            it.linked_id(GRANT)
        });
        if let Some(Some(grant)) = is_new {
            self.record_method_event(event_type, method, grant, JsonObject::new(), at);
        }
    }

    /// Records, once, that all access methods of a grant are issued.
    fn record_access_granted(&mut self, grant: Id, at: Millis) {
        let methods = self.records.table(ResourceType::AccessMethod);
        if methods
            .referencing(grant)
            .any(|it| it.flag("is_issued") != Some(true))
        {
            return;
        }
        let table = self.records.table_mut(ResourceType::AccessGrant);
        let first = table.change(grant, |it| {
            it.hidden.insert(COMPLETE.to_owned(), true.into()).is_none()
        });
        if first != Some(true) {
            return;
        }
        let grants = self.records.table(ResourceType::AccessGrant);
        let entrances = grants.get(grant).map(|it| self.entrances_of_grant(it));
        for entrance in entrances.into_iter().flatten() {
            let fields = json_object(json!({
                "access_grant_id": grant,
                "acs_entrance_id": entrance,
            }));
            self.record_event(at, "access_grant.access_granted_to_door", fields, None);
        }
        let fields = json_object(json!({ "access_grant_id": grant }));
        self.record_event(at, "access_grant.access_granted_to_all_doors", fields, None);
    }
}

/// Removes a method from the object of its grant.
fn forget_method(grant: &mut JsonObject, method: Id) {
    let method = json!(method);
    let remove = |ids: Option<&mut Value>| {
        if let Some(ids) = ids.and_then(Value::as_array_mut) {
            ids.retain(|it| *it != method);
        }
    };
    remove(grant.get_mut("access_method_ids"));
    let requested = grant.get_mut("requested_access_methods");
    let requested = requested.and_then(Value::as_array_mut);
    for one in requested.into_iter().flatten() {
        remove(one.get_mut("created_access_method_ids"));
    }
}
