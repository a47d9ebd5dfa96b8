//! What is to happen later, and what happens when something does: as data, so that a state can be
//! written down whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::State;
use super::noun::Noun;
use super::thing::{Asker, Members};
use crate::ids::Id;
use crate::time::Millis;

/// A change to the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Gives the device these `properties`, over those that it has.
    DeviceProperties { device: Id, properties: Members },
    /// Gives the thing these members, over those that it has; what comes after is left undone if
    /// there is no such thing any more.
    Change {
        noun: Noun,
        id: Id,
        members: Members,
    },
    /// Takes the thing away; what comes after is left undone if it is gone already.
    Remove { noun: Noun, id: Id },
    /// Records an event of this type with these members, as [`State::record`] does: for everyone
    /// who sees what it is about, or, where that is somebody's own (`of`), for its owner alone,
    /// whoever asked.
    Event {
        event_type: String,
        members: Members,
        of: Option<Asker>,
    },
}

/// Something that is to happen at its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deed {
    /// A pending action attempt comes to its end.
    Finish(Id),
    /// These effects, one after the other.
    Do { effects: Vec<Effect> },
}

/// What is to happen, by its time and then in the order in which it was put down.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Entry>")]
pub(super) struct Agenda {
    deeds: BTreeMap<(Millis, u64), Deed>,
    count: u64,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    at: Millis,
    deed: Deed,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Millis, deed: Deed) {
        self.count += 1;
        self.deeds.insert((at, self.count), deed);
    }

    fn next_until(&mut self, now: Millis) -> Option<(Millis, Deed)> {
        let first = self.deeds.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
    }
}

impl From<Vec<Entry>> for Agenda {
    fn from(entries: Vec<Entry>) -> Self {
        let mut agenda = Self::default();
        for Entry { at, deed } in entries {
            agenda.add(at, deed);
        }
        agenda
    }
}

impl Serialize for Agenda {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.deeds.iter().map(|((at, _), deed)| Entry {
            at: *at,
            deed: deed.clone(),
        }))
    }
}

impl State {
    /// Lets happen what is due by now, each at its own time.
    pub(crate) fn settle(&mut self, now: Millis) -> bool {
        let mut any = false;
        while let Some((at, deed)) = self.agenda.next_until(now) {
            any = true;
            match deed {
                Deed::Finish(attempt) => self.finish(attempt, at),
                Deed::Do { effects } => self.apply(&effects, at),
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
                Effect::Change { noun, id, members } => {
                    let table = self.things.of_mut(*noun);
                    table.change(*id, |it| it.object.extend(members.clone()))
                }
                Effect::Remove { noun, id } => {
                    let removed = self.things.of_mut(*noun).remove(*id);
                    removed.map(|_| ())
                }
                Effect::Event {
                    event_type,
                    members,
                    of,
                } => {
                    self.record(at, event_type, members.clone(), *of);
                    Some(())
                }
            };
            if done.is_none() {
                return;
            }
        }
    }
}
