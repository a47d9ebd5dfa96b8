//! The state of the workspace. The fields are private to this module and its children. Handlers of
//! routes reach them only through a [`Scope`].
//!
//! The state can be saved as JSON and restored.

mod access_code;
mod access_grant;
mod access_method;
mod attempt;
mod auth;
pub(crate) mod connection;
mod device;
mod event;
mod identity;
mod instant_key;
mod noise;
mod quota;
mod record;
mod removal;
mod reset;
mod resource_type;
mod run_tasks;
mod scope;
mod session;
mod space;
mod start;
mod table;
mod task_queue;
mod thermostat;
mod thermostat_schedules;
mod webview;
mod workspace;

pub(crate) use access_code::{DELETING, creation, has_mutation, to_unmanaged};
pub(crate) use access_method::{GRANT, METHOD};
pub(crate) use attempt::{ActionAttempt, DeviceAction};
pub(crate) use device::Device;
pub(crate) use identity::{Profile, UserIdentity};
pub(crate) use record::Record;
pub(crate) use resource_type::ResourceType;
pub(crate) use scope::{
    IfKnown, NewRecord, Scope, SessionChange, SessionFilter, SessionRef, limit_reached,
};
pub(crate) use space::SpaceMembers;
pub(crate) use start::{Demo, StartOptions};
pub(crate) use table::{Key, Row};
pub(crate) use task_queue::Effect;
pub(crate) use webview::Login;

use serde::{Deserialize, Serialize};

use quota::Quota;
use record::RecordStore;
use session::ClientSession;
use table::Table;
use task_queue::TaskQueue;
use workspace::Workspace;

use crate::faults::Faults;
use crate::ids::{Entropy, Id};
use crate::limits::Limits;
use crate::options::OutOfScope;
use crate::time::Millis;

/// The state of a workspace.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    workspace: Workspace,
    devices: Table<Device>,
    identities: Table<UserIdentity>,
    sessions: Table<ClientSession>,
    attempts: Table<ActionAttempt>,
    /// The records that are kept as the API's own objects, by resource type.
    #[serde(rename = "things")]
    records: RecordStore,
    /// The changes that are due later.
    #[serde(rename = "agenda")]
    task_queue: TaskQueue,
    entropy: Entropy,
    out_of_scope: OutOfScope,
    faults: Faults,
    limits: Limits,
    #[serde(default)]
    attempt_quota: Quota,
    #[serde(default)]
    event_quota: Quota,
    /// The session that causes what happens now; `None` if it is the back end, or happens by itself.
    #[serde(skip)]
    acting_session: Option<Id>,
    /// How long an action attempt is pending.
    #[serde(default = "default_attempt_ms")]
    attempt_ms: Millis,
}

/// The value in states that were saved before it could be set.
fn default_attempt_ms() -> Millis {
    attempt::ATTEMPT_MS
}

impl State {
    pub(crate) fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Returns the whole state as JSON text. Two states are equal if their texts are.
    pub(crate) fn snapshot(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::record::Requester;
    use super::task_queue::{Effect, ScheduledTask, TaskQueue};
    use super::{ResourceType, StartOptions, State};
    use crate::auth::Credential;
    use crate::ids::{Entropy, Id};
    use crate::json::JsonObject;
    use crate::{Options, OutOfScope, schema, seed};

    pub(super) fn start(devices: Option<usize>) -> (State, String) {
        let Options { seed, .. } = Options::default();
        let seed = seed::from_options(seed, devices).expect("the default seed");
        let start = StartOptions {
            entropy: Entropy::new(Some(1), None),
            out_of_scope: OutOfScope::Unauthorized,
            limits: true,
            attempt_ms: None,
            now: 1_000_000,
        };
        let (state, demo) = State::start(seed, start).expect("a consistent seed");
        (state, demo.client_session_token)
    }

    /// Returns how many rows are read for this request of the demo user.
    fn cost(devices: usize, path: &str) -> usize {
        let (mut state, token) = start(Some(devices));
        let rows_read = |state: &State| {
            state.devices.rows_read()
                + state.identities.rows_read()
                + state.sessions.rows_read()
                + state
                    .records
                    .table(ResourceType::ConnectedAccount)
                    .rows_read()
                + state.records.table(ResourceType::Event).rows_read()
        };
        let before = rows_read(&state);
        let route = schema::route(path, schema::GET).expect("a documented route");
        let credential = Credential::SessionToken(&token);
        let scope = state
            .authenticate(credential, route, 1_000_000)
            .expect("its token");
        let seen = match path {
            "/devices/list" => scope.devices().len(),
            _ => scope.records(ResourceType::Event).len() + scope.devices().len(),
        };
        assert_eq!(seen, 1);
        rows_read(&state) - before
    }

    #[test]
    fn reading_within_scope_costs_no_more_in_a_larger_workspace() {
        for path in ["/devices/list", "/events/list"] {
            let small = cost(10, path);
            assert!(small > 0);
            assert_eq!(cost(2_000, path), small, "{path}");
        }
    }

    #[test]
    fn a_saved_state_is_restored_unchanged() {
        let (state, _) = start(None);

        let written = serde_json::to_string(&state).expect("JSON");
        let read: State = serde_json::from_str(&written).expect("the same state");

        assert_eq!(read.snapshot(), state.snapshot());
    }

    /// States that users have saved must stay readable, so names in them outlive those in the code.
    #[test]
    fn the_names_in_a_saved_state_stay_the_same() {
        let id = Id::version_4(1);
        let requester = Requester {
            session: id,
            user_identity: None,
        };
        let effects = vec![
            Effect::Remove {
                resource_type: ResourceType::Phone,
                id,
            },
            Effect::Event {
                event_type: "phone.deactivated".to_owned(),
                members: JsonObject::new(),
                owner: Some(requester),
            },
        ];
        let mut queue = TaskQueue::default();
        queue.add(7, ScheduledTask::FinishAttempt(id));
        queue.add(8, ScheduledTask::ApplyEffects { effects });
        let owner = json!({ "session": id, "user_identity": null });
        assert_eq!(
            serde_json::to_value(queue).expect("JSON"),
            json!([
                { "at": 7, "deed": { "finish": id } },
                { "at": 8, "deed": { "do": { "effects": [
                    { "remove": { "noun": "phone", "id": id } },
                    { "event": {
                        "event_type": "phone.deactivated",
                        "members": {},
                        "of": owner,
                    } },
                ] } } },
            ])
        );
        let (state, _) = start(None);
        let saved = serde_json::to_value(state).expect("JSON");
        let names = |value: &Value| {
            let object = value.as_object().expect("an object");
            object.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(
            names(&saved),
            [
                "workspace",
                "devices",
                "identities",
                "sessions",
                "attempts",
                "things",
                "agenda",
                "entropy",
                "out_of_scope",
                "faults",
                "limits",
                "attempt_quota",
                "event_quota",
                "attempt_ms"
            ]
        );
        assert_eq!(
            names(&saved["things"]["access_code"][0]),
            ["id", "created_at", "place", "object", "hidden", "asker"]
        );
    }
}
