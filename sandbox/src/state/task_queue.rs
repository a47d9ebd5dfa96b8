//! Scheduled tasks: changes of the state that are due later. They are data, so that a state can be
//! saved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::record::Requester;
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

/// A change of the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Sets these properties of a device.
    DeviceProperties { device: Id, properties: JsonObject },
    /// Sets these members of a record. If the record does not exist, the effects after this one are
    /// skipped.
    Change {
        #[serde(rename = "noun")]
        resource_type: ResourceType,
        id: Id,
        members: JsonObject,
    },
    /// Merges these members into the climate setting of a thermostat.
    AdjustClimate { device: Id, members: JsonObject },
    /// Activates a climate preset of a thermostat.
    ActivatePreset { device: Id, key: String },
    /// Removes a record. If it does not exist, the effects after this one are skipped.
    Remove {
        #[serde(rename = "noun")]
        resource_type: ResourceType,
        id: Id,
    },
    /// Records an event as [`State::record_event`](super::State::record_event) does. It is visible to the owner only, if it has
    /// one, whoever made the request.
    Event {
        event_type: String,
        members: JsonObject,
        #[serde(rename = "of")]
        owner: Option<Requester>,
    },
    /// The device is programmed with an access code.
    ProgramAccessCode { id: Id },
    /// The device removes an access code.
    RemoveAccessCode { id: Id },
}

/// A task that runs at its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScheduledTask {
    /// Ends a pending action attempt.
    #[serde(rename = "finish")]
    FinishAttempt(Id),
    /// Applies these effects in order.
    #[serde(rename = "do")]
    ApplyEffects { effects: Vec<Effect> },
    /// Does what is due for an access code, such as its removal at its end.
    AdvanceAccessCode(Id),
    /// The device is programmed with an access code, if it is online.
    ProgramAccessCode(Id),
    /// The device removes an access code, if it is online.
    RemoveAccessCode(Id),
    /// Issues an access method, or tries again after `retry_ms` milliseconds.
    IssueAccessMethod { method: Id, retry_ms: Millis },
    /// A timer runs out.
    Timer(Timer),
}

/// A timer. There is one of each kind for a device, so that calls in a row do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Timer {
    /// Something may change in the schedules of a thermostat.
    Schedules(Id),
    /// The room of a thermostat reaches its set point.
    Room(Id),
    /// The noise at a sensor ends.
    Noise(Id),
}

/// The scheduled tasks, by time and then in the order in which they were added.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Entry>")]
pub(super) struct TaskQueue {
    tasks: BTreeMap<(Millis, u64), ScheduledTask>,
    /// The place of each timer among the tasks.
    timers: BTreeMap<Timer, (Millis, u64)>,
    count: u64,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    at: Millis,
    #[serde(rename = "deed")]
    task: ScheduledTask,
}

impl TaskQueue {
    pub(super) fn add(&mut self, at: Millis, task: ScheduledTask) {
        self.count += 1;
        let key = (at, self.count);
        if let ScheduledTask::Timer(timer) = task {
            self.timers.insert(timer, key);
        }
        self.tasks.insert(key, task);
    }

    /// Sets a timer, instead of any earlier one of its kind and device.
    pub(super) fn set_timer(&mut self, at: Millis, timer: Timer) {
        self.clear_timer(timer);
        self.add(at, ScheduledTask::Timer(timer));
    }

    pub(super) fn clear_timer(&mut self, timer: Timer) {
        if let Some(key) = self.timers.remove(&timer) {
            self.tasks.remove(&key);
        }
    }

    pub(super) fn next_until(&mut self, now: Millis) -> Option<(Millis, ScheduledTask)> {
        let first = self.tasks.first_entry()?;
        let at = first.key().0;
        if at > now {
            return None;
        }
        let task = first.remove();
        if let ScheduledTask::Timer(timer) = &task {
            self.timers.remove(timer);
        }
        Some((at, task))
    }
}

impl From<Vec<Entry>> for TaskQueue {
    fn from(entries: Vec<Entry>) -> Self {
        let mut task_queue = Self::default();
        for Entry { at, task } in entries {
            task_queue.add(at, task);
        }
        task_queue
    }
}

impl Serialize for TaskQueue {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.tasks.iter().map(|((at, _), task)| Entry {
            at: *at,
            task: task.clone(),
        }))
    }
}
