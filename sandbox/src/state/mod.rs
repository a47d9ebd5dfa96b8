//! Everything that the workspace holds. The fields are private to this module and its children,
//! and [`scope`] is the only child that lets a request at them: whoever handles a route has a
//! [`Scope`] and nothing else.

mod attempt;
mod auth;
mod device;
mod identity;
mod scope;
mod session;
mod start;
mod table;
mod workspace;

pub(crate) use attempt::Action;
pub(crate) use device::{Class, Device};
pub(crate) use identity::{Profile, UserIdentity};
pub(crate) use scope::{IfKnown, Scope, SessionChange, SessionFilter, SessionRef};
pub(crate) use start::Keys;
pub(crate) use table::Key;

use std::collections::{BTreeMap, BTreeSet};

use attempt::{ActionAttempt, Progress};
use session::ClientSession;
use table::Table;
use workspace::{ConnectedAccount, Workspace};

use crate::ids::{Entropy, Id};
use crate::options::OutOfScope;
use crate::time::Millis;

/// The state of a workspace.
#[derive(Debug)]
pub(crate) struct State {
    workspace: Workspace,
    accounts: BTreeMap<Id, ConnectedAccount>,
    devices: Table<Device>,
    devices_by_account: BTreeMap<Id, BTreeSet<Id>>,
    identities: Table<UserIdentity>,
    sessions: Table<ClientSession>,
    /// The session of each token.
    tokens: BTreeMap<String, Id>,
    attempts: BTreeMap<Id, ActionAttempt>,
    /// The attempts still pending, by the time they are due and the order they were asked in.
    pending: BTreeMap<(Millis, u64), Id>,
    asked: u64,
    entropy: Entropy,
    out_of_scope: OutOfScope,
}

impl State {
    /// Lets happen what is due by now: attempts that were pending come to their end.
    pub(crate) fn settle(&mut self, now: Millis) {
        while let Some(first) = self.pending.first_entry() {
            if first.key().0 > now {
                break;
            }
            let id = first.remove();
            self.finish(id);
        }
    }

    fn finish(&mut self, id: Id) {
        let Some(attempt) = self.attempts.get_mut(&id) else {
            return;
        };
        attempt.progress = match self.devices.get_mut(attempt.device) {
            Some(device) if device.online() => {
                device.set_property("locked", attempt.action.locks().into());
                Progress::Succeeded
            }
            Some(_) => Progress::Failed {
                kind: "device_offline",
                message: "The device is offline",
            },
            None => Progress::Failed {
                kind: "device_not_found",
                message: "The device is gone",
            },
        };
    }

    /// Lists in one string all that can be told apart; two equal ones are the same state.
    pub(crate) fn snapshot(&self) -> String {
        format!("{self:#?}")
    }
}
