//! Bounds how many action attempts and events are kept, for each session of its own: what one
//! session does never removes what belongs to another. The numbers are our choice.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::ids::Id;

/// How many are kept of a session. Of events, how many of each device, and as many again that no
/// other guest sees: otherwise what a session does unseen would remove what others see.
const MAX_OF_SESSION: usize = 1_000;
/// How many are kept of the back end and of what happens by itself.
const MAX_OF_BACK_END: usize = 20_000;

/// What counts together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Group {
    BackEnd,
    /// The action attempts of a session.
    Attempts(Id),
    /// The events that a session caused.
    Events {
        session: Id,
        device: Option<Id>,
        is_private: bool,
    },
}

impl Group {
    fn max(self) -> usize {
        match self {
            Self::BackEnd => MAX_OF_BACK_END,
            Self::Attempts(_) | Self::Events { .. } => MAX_OF_SESSION,
        }
    }

    /// Returns the name in a saved state.
    fn name(self) -> String {
        match self {
            Self::BackEnd => "back_end".to_owned(),
            Self::Attempts(session) => session.to_string(),
            Self::Events {
                session,
                device,
                is_private,
            } => {
                let device = device.map_or_else(String::new, |it| format!("/{it}"));
                let private = if is_private { "/private" } else { "" };
                format!("{session}{device}{private}")
            }
        }
    }
}

/// The ids of what is kept, oldest first, by group. What a state of an earlier version had is not
/// counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Quota(BTreeMap<String, VecDeque<Id>>);

impl Quota {
    /// Counts one more of a group. If there are too many, returns the one to remove: the oldest that
    /// may go, or else the oldest.
    pub(super) fn add(&mut self, group: Group, id: Id, may_go: impl Fn(Id) -> bool) -> Option<Id> {
        let kept = self.0.entry(group.name()).or_default();
        kept.push_back(id);
        let max = group.max();
        if kept.len() <= max {
            return None;
        }
        let index = kept.iter().position(|it| may_go(*it)).unwrap_or(0);
        kept.remove(index)
    }
}

#[cfg(test)]
mod tests {
    use super::{Group, MAX_OF_BACK_END, MAX_OF_SESSION, Quota};
    use crate::ids::Id;

    #[test]
    fn each_group_has_a_limit_of_its_own() {
        let [session, device] = [1, 2].map(Id::version_4);
        let number = |it: usize| Id::version_4(it.try_into().expect("a number"));
        let events = |device, is_private| Group::Events {
            session,
            device,
            is_private,
        };
        let mut quota = Quota::default();
        for (group, max) in [
            (Group::BackEnd, MAX_OF_BACK_END),
            (Group::Attempts(device), MAX_OF_SESSION),
            (events(None, false), MAX_OF_SESSION),
            (events(None, true), MAX_OF_SESSION),
            (events(Some(device), false), MAX_OF_SESSION),
            (events(Some(device), true), MAX_OF_SESSION),
        ] {
            for nth in 0..max {
                assert_eq!(quota.add(group, number(nth), |_| true), None, "{group:?}");
            }
            for nth in 0..10 {
                let surplus = quota.add(group, number(max + nth), |_| true);
                assert_eq!(surplus, Some(number(nth)), "{group:?}");
            }
        }
    }

    #[test]
    fn what_may_not_go_is_kept_while_anything_else_may() {
        let mut quota = Quota::default();
        let [first, second, last] = [1, 2, 3].map(Id::version_4);
        let group = Group::Attempts(Id::version_4(9));
        for id in [first, second] {
            quota.add(group, id, |_| true);
        }
        for _ in 2..MAX_OF_SESSION {
            quota.add(group, last, |_| true);
        }
        assert_eq!(quota.add(group, last, |it| it != first), Some(second));
        assert_eq!(quota.add(group, last, |_| false), Some(first));
    }
}
