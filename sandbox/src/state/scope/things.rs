//! Things within scope: the one way by which a route reads, makes, changes and removes them.

use serde_json::Value;

use super::rule::{self, Changes};
use super::viewer::Viewer;
use super::{Caller, Scope, full, only_an_api_key};
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::access_grant;
use crate::state::agenda::{Deed, Effect};
use crate::state::noun::Noun;
use crate::state::session::ClientSession;
use crate::state::table::Row;
use crate::state::thing::{Asker, Members, Thing};
use crate::time::{self, Millis};

/// How many things of one kind may be about one device.
const MOST_OF_A_DEVICE: usize = 1_000;

/// A thing to be made.
#[derive(Debug, Default)]
pub(crate) struct NewThing {
    /// The members of its object; its id, the workspace's and its time of creation are filled in.
    pub(crate) object: Members,
    /// What the object does not tell; ids in it count as what it is about.
    pub(crate) hidden: Members,
    /// Whose it is, where other guests are not to see it.
    pub(crate) of: Option<Asker>,
}

impl Scope<'_> {
    /// The things of this noun that the caller sees, in order.
    pub(crate) fn things(&self, noun: Noun) -> Vec<&Thing> {
        match (self.caller, self.viewer()) {
            (Caller::Workspace, _) => self.state.things.of(noun).in_order().collect(),
            (Caller::Session(_), Some(viewer)) => {
                let rule = rule::of(noun);
                let mut seen = (rule.candidates)(viewer, noun);
                seen.retain(|it| (rule.sees)(viewer, it));
                seen.sort_unstable_by_key(|it| it.key());
                seen.dedup_by_key(|it| it.key());
                seen
            }
            _ => Vec::new(),
        }
    }

    /// The things of this noun that the caller sees and that are about this one: the access codes
    /// of a device, the entrances of a system.
    pub(crate) fn things_about(&self, noun: Noun, id: Id) -> Vec<&Thing> {
        let about = self.state.things.of(noun).about(id);
        about.filter(|it| self.sees_thing(noun, it)).collect()
    }

    /// The thing of this id, if the caller sees it.
    pub(crate) fn thing(&self, noun: Noun, id: Id) -> Result<&Thing, ApiError> {
        let thing = self.state.things.of(noun).get(id);
        thing
            .filter(|it| self.sees_thing(noun, it))
            .ok_or_else(|| self.refusal(thing.is_some(), noun.resource()))
    }

    /// Makes a thing and gives its id. The caller must see the device that it is on, if it names
    /// one.
    pub(crate) fn make(&mut self, noun: Noun, new: NewThing) -> Result<Id, ApiError> {
        self.check_makes(noun)?;
        let device = new.object.get("device_id").and_then(Value::as_str);
        if let Some(device) = device.and_then(Id::parse) {
            self.device(device)?;
            self.check_room(noun, device)?;
        }
        let now = self.now;
        Ok(self.state.make(noun, new.object, new.hidden, new.of, now))
    }

    /// Changes a thing that the caller sees and may change; gives what `change` gives.
    pub(crate) fn change<R>(
        &mut self,
        noun: Noun,
        id: Id,
        change: impl FnOnce(&mut Members) -> R,
    ) -> Result<R, ApiError> {
        self.check_changes(noun, id)?;
        let changed = self.state.things.of_mut(noun);
        let changed = changed.change(id, |it| change(&mut it.object));
        changed.ok_or_else(|| noun.resource().not_found())
    }

    /// The same for an access grant, which then shows nothing of a time in which it was not in force.
    pub(crate) fn change_grant(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut Members),
    ) -> Result<(), ApiError> {
        self.check_changes(Noun::AccessGrant, id)?;
        let now = self.now;
        let grants = self.state.things.of_mut(Noun::AccessGrant);
        let changed = grants.change(id, |it| {
            access_grant::keep_since(it, now);
            change(&mut it.object);
        });
        changed.ok_or_else(|| Noun::AccessGrant.resource().not_found())
    }

    /// Removes a thing that the caller sees and may change; gives what it was.
    pub(crate) fn remove(&mut self, noun: Noun, id: Id) -> Result<Thing, ApiError> {
        self.check_changes(noun, id)?;
        let removed = self.state.things.of_mut(noun).remove(id);
        removed.ok_or_else(|| noun.resource().not_found())
    }

    /// Lets these effects happen after so many milliseconds; with 0, now. Only what the caller may
    /// change belongs in them.
    pub(crate) fn soon(&mut self, after: Millis, effects: Vec<Effect>) {
        if after == 0 {
            self.state.apply(&effects, self.now);
        } else {
            let at = self.now.saturating_add(after);
            self.state.agenda.add(at, Deed::Do { effects });
        }
    }

    /// Records an event; `members` are what the API's schema gives an event of this type, beside
    /// what every event has. An event about a thing that is its owner's own (`of`) is shown to
    /// nobody else.
    pub(crate) fn record(&mut self, event_type: &str, members: Members, of: Option<Asker>) {
        self.state.record(self.now, event_type, members, of);
    }

    /// The caller as whoever asks for something; none for an API key.
    pub(crate) fn asker(&self) -> Option<Asker> {
        self.session().map(|it| Asker {
            session: it.id(),
            user_identity: it.user_identity(),
        })
    }

    /// The time of the request.
    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    /// The caller's session as one that looks at the workspace.
    pub(super) fn viewer(&self) -> Option<Viewer<'_>> {
        self.session().map(|it| self.view_of(it))
    }

    /// This session as one that looks at the workspace.
    pub(super) fn view_of<'s>(&'s self, session: &'s ClientSession) -> Viewer<'s> {
        Viewer {
            state: self.state,
            session,
            now: self.now,
        }
    }

    pub(super) fn sees_thing(&self, noun: Noun, thing: &Thing) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => {
                let viewer = self.viewer();
                viewer.is_some_and(|it| (rule::of(noun).sees)(it, thing))
            }
            Caller::Publishable => false,
        }
    }

    /// A device has room for so many of everything: a session must not fill the memory.
    fn check_room(&self, noun: Noun, device: Id) -> Result<(), ApiError> {
        let there = self.state.things.of(noun).about(device).count();
        if there < MOST_OF_A_DEVICE {
            return Ok(());
        }
        Err(full(&format!("{MOST_OF_A_DEVICE} of these")))
    }

    fn check_makes(&self, noun: Noun) -> Result<(), ApiError> {
        match (self.caller, rule::of(noun).changes) {
            (Caller::Workspace, _) | (Caller::Session(_), Changes::WhatItSees) => Ok(()),
            _ => Err(only_an_api_key()),
        }
    }

    fn check_changes(&self, noun: Noun, id: Id) -> Result<(), ApiError> {
        let thing = self.thing(noun, id)?;
        let account = thing.linked("connected_account_id");
        let holds = || {
            let viewer = self.viewer();
            viewer.is_some_and(|it| account.is_some_and(|account| it.holds_account(account)))
        };
        match (self.caller, rule::of(noun).changes) {
            (Caller::Workspace, _) | (Caller::Session(_), Changes::WhatItSees) => Ok(()),
            (Caller::Session(_), Changes::OfItsAccounts) if holds() => Ok(()),
            _ => Err(only_an_api_key()),
        }
    }
}

impl crate::state::State {
    /// Puts in a new thing, its ids and its time filled in.
    pub(in crate::state) fn make(
        &mut self,
        noun: Noun,
        members: Members,
        hidden: Members,
        asker: Option<Asker>,
        now: Millis,
    ) -> Id {
        let name = noun.resource().id;
        let own = members
            .get(name)
            .and_then(Value::as_str)
            .and_then(Id::parse);
        let id = own.unwrap_or_else(|| self.entropy.id());
        let mut object = Members::new();
        object.insert(name.to_owned(), id.to_string().into());
        for (member, value) in [
            ("workspace_id", self.workspace.id.to_string()),
            ("created_at", time::to_iso(now)),
        ] {
            if noun.has(member) {
                object.insert(member.to_owned(), value.into());
            }
        }
        object.extend(members);
        self.things.of_mut(noun).insert(Thing {
            id,
            created_at: now,
            place: 0,
            object,
            hidden,
            asker,
        });
        id
    }
}
