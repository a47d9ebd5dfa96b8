//! Access codes: what their device has, and how that changes as time passes.
//!
//! The rules are those of Seam's guide "Lifecycle of Access Codes". A code that starts later is
//! programmed ahead of its start: by 72 hours on a lock with native scheduling, which activates the
//! code by itself, and by an hour on any other. At its end it is removed from the device and then
//! no longer exists.

mod failures;
mod lifecycle;
mod mutations;
mod programming;
mod removal;
mod scheduling;
mod shown;
mod unmanaged;

pub(in crate::state) use lifecycle::Programmer;
pub(crate) use mutations::{DELETING, creation, has_mutation};
pub(in crate::state) use removal::is_on_device;
pub(in crate::state) use scheduling::PREFERS_JUST_IN_TIME;
pub(crate) use unmanaged::to_unmanaged;

use serde_json::Value;

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};

/// The values of a code's `status`.
mod status {
    pub(super) const SET: &str = "set";
    pub(super) const SETTING: &str = "setting";
    pub(super) const UNSET: &str = "unset";
    pub(super) const REMOVING: &str = "removing";
    /// What is on the device is not known.
    pub(super) const UNKNOWN: &str = "unknown";
}

impl State {
    /// Returns a managed code.
    fn managed_code(&self, id: Id) -> Option<&Record> {
        let code = self.records.table(ResourceType::AccessCode).get(id)?;
        (code.flag("is_managed") != Some(false)).then_some(code)
    }

    fn set_code_members(&mut self, id: Id, members: Value) {
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.change(id, |it| it.object.extend(json_object(members)));
    }

    /// Records an event about a code. It is visible to the code's owner only, if the code has one,
    /// whoever made the request.
    fn record_code_event(&mut self, at: Millis, event_type: &str, code: &Record, more: Value) {
        self.record_event(at, event_type, event_members(code, more), code.owner());
    }
}

fn event_members(code: &Record, more: Value) -> JsonObject {
    let mut about = json_object(more);
    about.insert("access_code_id".to_owned(), code.id().to_string().into());
    let device = code.object().get("device_id").cloned();
    about.insert("device_id".to_owned(), device.unwrap_or(Value::Null));
    about
}

/// Returns the number of a code for an event, which requires a string.
fn number_of(code: &Record) -> &str {
    code.text("code").unwrap_or_default()
}

fn time_of(code: &Record, name: &str) -> Option<Millis> {
    code.text(name).and_then(time::parse)
}

fn is_offline(code: &Record) -> bool {
    code.flag("is_offline_access_code") == Some(true)
}
