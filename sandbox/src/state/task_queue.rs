//! What is to happen later, and what happens when something does: as data, so that a state can be
//! written down whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::State;
use super::record::Requester;
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

/// A change to the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Gives the device these `properties`, over those that it has.
    DeviceProperties { device: Id, properties: JsonObject },
    /// Gives the thing these members, over those that it has; what comes after is left undone if
    /// there is no such thing any more.
    Change {
        #[serde(rename = "noun")]
        resource_type: ResourceType,
        id: Id,
        members: JsonObject,
    },
    /// Takes the thing away; what comes after is left undone if it is gone already.
    Remove {
        #[serde(rename = "noun")]
        resource_type: ResourceType,
        id: Id,
    },
    /// Records an event of this type with these members, as [`State::record`] does: for everyone
    /// who sees what it is about, or, where that is somebody's own (`of`), for its owner alone,
    /// whoever asked.
    Event {
        event_type: String,
        members: JsonObject,
        #[serde(rename = "of")]
        owner: Option<Requester>,
    },
}

/// Something that is to happen at its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScheduledTask {
    /// A pending action attempt comes to its end.
    #[serde(rename = "finish")]
    FinishAttempt(Id),
    /// These effects, one after the other.
    #[serde(rename = "do")]
    ApplyEffects { effects: Vec<Effect> },
}

/// What is to happen, by its time and then in the order in which it was put down.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Entry>")]
pub(super) struct TaskQueue {
    tasks: BTreeMap<(Millis, u64), ScheduledTask>,
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
        self.tasks.insert((at, self.count), task);
    }

    fn next_until(&mut self, now: Millis) -> Option<(Millis, ScheduledTask)> {
        let first = self.tasks.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
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

impl State {
    /// Lets happen what is due by now, each at its own time.
    pub(crate) fn run_due_tasks(&mut self, now: Millis) -> bool {
        let mut any = false;
        while let Some((at, task)) = self.task_queue.next_until(now) {
            any = true;
            match task {
                ScheduledTask::FinishAttempt(attempt) => self.finish(attempt, at),
                ScheduledTask::ApplyEffects { effects } => self.apply(&effects, at),
            }
        }
        any
    }

    /// Lets these effects happen at this time.
    pub(super) fn apply(&mut self, effects: &[Effect], at: Millis) {
        for effect in effects {
            let done = match effect {
                Effect::DeviceProperties { device, properties } => self
                    .devices
                    .change(*device, |it| it.set_properties(properties)),
                Effect::Change {
                    resource_type,
                    id,
                    members,
                } => {
                    let table = self.records.table_mut(*resource_type);
                    table.change(*id, |it| it.object.extend(members.clone()))
                }
                Effect::Remove { resource_type, id } => {
                    let removed = self.records.table_mut(*resource_type).remove(*id);
                    removed.map(|_| ())
                }
                Effect::Event {
                    event_type,
                    members,
                    owner,
                } => {
                    self.record_event(at, event_type, members.clone(), *owner);
                    Some(())
                }
            };
            if done.is_none() {
                return;
            }
        }
    }
}
