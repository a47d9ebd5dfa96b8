//! Everything that the workspace holds. The fields are private to this module and its children,
//! and [`scope`] is the only child that lets a request at them: whoever handles a route has a
//! [`Scope`] and nothing else.
//!
//! All of it can be written down as JSON and read again.

mod access_grant;
mod agenda;
mod attempt;
mod auth;
mod device;
mod event;
mod identity;
mod noun;
mod removal;
mod scope;
mod session;
mod start;
mod table;
mod thing;
mod webview;
mod workspace;

pub(crate) use agenda::Effect;
pub(crate) use attempt::Act;
pub(crate) use device::{Class, Device};
pub(crate) use identity::{Profile, UserIdentity};
pub(crate) use noun::Noun;
pub(crate) use scope::{IfKnown, NewThing, Scope, SessionChange, SessionFilter, SessionRef};
pub(crate) use start::Keys;
pub(crate) use table::{Key, Row};
pub(crate) use thing::{Members, Thing, members};
pub(crate) use webview::Login;

use serde::{Deserialize, Serialize};

use agenda::Agenda;
use attempt::ActionAttempt;
use session::ClientSession;
use table::Table;
use thing::Things;
use workspace::Workspace;

use crate::ids::Entropy;
use crate::options::OutOfScope;

/// The state of a workspace.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    workspace: Workspace,
    devices: Table<Device>,
    identities: Table<UserIdentity>,
    sessions: Table<ClientSession>,
    attempts: Table<ActionAttempt>,
    /// Whatever is kept as the API's own object, by its noun.
    things: Things,
    /// What is to happen later.
    agenda: Agenda,
    entropy: Entropy,
    out_of_scope: OutOfScope,
}

impl State {
    /// All that can be told apart, as JSON text; two equal ones are the same state.
    pub(crate) fn snapshot(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::State;
    use crate::{Options, OutOfScope, seed};

    #[test]
    fn a_state_that_was_written_down_is_read_again_as_it_was() {
        let Options { seed, .. } = Options::default();
        let seed = seed::chosen(seed, None).expect("the default seed");
        let (state, _) = State::start(seed, Some(1), OutOfScope::Unauthorized, 1_000_000)
            .expect("a seed that holds together");

        let written = serde_json::to_string(&state).expect("JSON");
        let read: State = serde_json::from_str(&written).expect("the same state");

        assert_eq!(read.snapshot(), state.snapshot());
    }
}
