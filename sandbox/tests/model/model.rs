//! What there is in a workspace, and what a session sees of it: plain sets and maps, and one
//! function for each row of the table in `src/state/scope.rs`. It knows nothing of the sandbox.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Id = String;
pub(crate) type Ids = BTreeSet<Id>;

/// How long an action attempt is pending, in milliseconds.
const ATTEMPT: u64 = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lock,
    Thermostat,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) account: Id,
    pub(crate) kind: Kind,
    pub(crate) is_managed: bool,
    pub(crate) is_online: bool,
    pub(crate) space: Option<Id>,
}

#[derive(Debug)]
pub(crate) struct AccessGrant {
    pub(crate) identity: Id,
    pub(crate) devices: Ids,
    pub(crate) spaces: Ids,
    pub(crate) starts_at: u64,
    pub(crate) ends_at: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) key: Option<String>,
    pub(crate) identity: Option<Id>,
    pub(crate) accounts: Ids,
    pub(crate) webviews: Ids,
    pub(crate) expires_at: u64,
    pub(crate) is_revoked: bool,
}

/// The session that asked for something, and whose it was then.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) session: Id,
    pub(crate) identity: Option<Id>,
}

#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) device: Id,
    /// None if it is nobody's own.
    pub(crate) owner: Option<Owner>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pending,
    Success,
    Offline,
}

#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) device: Id,
    pub(crate) owner: Option<Owner>,
    pub(crate) asked_at: u64,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: u64,
    /// With the webview through which each was authorised.
    pub(crate) accounts: BTreeMap<Id, Option<Id>>,
    /// And whether somebody may still log in.
    pub(crate) webviews: BTreeMap<Id, bool>,
    pub(crate) devices: BTreeMap<Id, Device>,
    /// With what was granted to each.
    pub(crate) identities: BTreeMap<Id, Ids>,
    pub(crate) grants: BTreeMap<Id, AccessGrant>,
    pub(crate) sessions: BTreeMap<Id, Session>,
    pub(crate) codes: BTreeMap<Id, Code>,
    pub(crate) attempts: BTreeMap<Id, Attempt>,
}

impl AccessGrant {
    fn is_in_force(&self, now: u64) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|it| now < it)
    }
}

impl Model {
    /// Why a session is not let in; none if it is alive.
    pub(crate) fn death(&self, session: &Id) -> Option<&'static str> {
        match self.sessions.get(session) {
            None => Some("client_session_not_found"),
            Some(it) if it.is_revoked => Some("client_session_revoked"),
            Some(it) if it.expires_at <= self.now => Some("client_session_expired"),
            Some(_) => None,
        }
    }

    pub(crate) fn is_alive(&self, session: &Id) -> bool {
        self.death(session).is_none()
    }

    /// Its own, and those authorised through its webviews.
    pub(crate) fn accounts_of(&self, session: &Session) -> Ids {
        let through_its_webview = |webview: &Option<Id>| {
            let webview = webview.as_ref();
            webview.is_some_and(|it| session.webviews.contains(it))
        };
        let accounts = self.accounts.iter();
        accounts
            .filter(|(id, webview)| session.accounts.contains(*id) || through_its_webview(webview))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Those granted to its identity, those of its access grants in force, those of its accounts.
    pub(crate) fn devices_of(&self, session: &Session) -> Ids {
        let mut seen = Ids::new();
        if let Some(identity) = &session.identity {
            seen.extend(self.identities.get(identity).cloned().unwrap_or_default());
            for grant in self.grants.values() {
                if &grant.identity == identity && grant.is_in_force(self.now) {
                    seen.extend(grant.devices.iter().cloned());
                    let within = |it: &Device| {
                        let space = it.space.as_ref();
                        space.is_some_and(|it| grant.spaces.contains(it))
                    };
                    let devices = self.devices.iter().filter(|(_, it)| within(it));
                    seen.extend(devices.map(|(id, _)| id.clone()));
                }
            }
        }
        let accounts = self.accounts_of(session);
        let devices = self.devices.iter();
        let of_accounts = devices.filter(|(_, it)| accounts.contains(&it.account));
        seen.extend(of_accounts.map(|(id, _)| id.clone()));
        seen.retain(|it| self.devices.contains_key(it));
        seen
    }

    pub(crate) fn sees_device(&self, session: &Session, device: &Id) -> bool {
        self.devices_of(session).contains(device)
    }

    /// Whether it sees the device by its account, and not only as a guest.
    pub(crate) fn holds(&self, session: &Session, device: &Id) -> bool {
        let device = self.devices.get(device);
        device.is_some_and(|it| self.accounts_of(session).contains(&it.account))
    }

    /// Those on its devices, but for those that another identity's session made; who holds the
    /// account sees these too.
    pub(crate) fn codes_of(&self, id: &Id, session: &Session) -> Ids {
        let devices = self.devices_of(session);
        let sees = |code: &Code| {
            devices.contains(&code.device)
                && match &code.owner {
                    None => true,
                    Some(owner) => owns(id, session, owner) || self.holds(session, &code.device),
                }
        };
        let codes = self.codes.iter().filter(|(_, it)| sees(it));
        codes.map(|(id, _)| id.clone()).collect()
    }

    /// Those that its own identity's sessions asked for, while it sees the device.
    pub(crate) fn sees_attempt(&self, id: &Id, session: &Session, attempt: &Attempt) -> bool {
        let owner = attempt.owner.as_ref();
        owner.is_some_and(|it| owns(id, session, it)) && self.sees_device(session, &attempt.device)
    }

    /// As somebody who asks now.
    pub(crate) fn owner(&self, session: Option<&Id>) -> Option<Owner> {
        let session = session?;
        Some(Owner {
            session: session.clone(),
            identity: self.sessions.get(session)?.identity.clone(),
        })
    }

    /// The next times at which something begins or ends by itself: what holds until then must not
    /// hold at that very millisecond.
    pub(crate) fn turns(&self) -> Vec<u64> {
        let grants = self.grants.values();
        let of_grants = grants.flat_map(|it| [Some(it.starts_at), it.ends_at]);
        let sessions = self.sessions.values().map(|it| Some(it.expires_at));
        let attempts = self.attempts.values().map(|it| Some(it.asked_at + ATTEMPT));
        let all = of_grants.chain(sessions).chain(attempts).flatten();
        let mut turns: Vec<u64> = all.filter(|it| *it > self.now).collect();
        turns.sort_unstable();
        turns.truncate(3);
        // A session that is told nothing lasts longer than the day.
        turns.retain(|it| *it < self.now + 100_000);
        turns
    }

    /// The attempts that are due come to their end.
    pub(crate) fn advance(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        for attempt in self.attempts.values_mut() {
            if attempt.outcome == Outcome::Pending && attempt.asked_at + ATTEMPT <= self.now {
                let online = self.devices.get(&attempt.device).map(|it| it.is_online);
                attempt.outcome = match online {
                    Some(true) => Outcome::Success,
                    _ => Outcome::Offline,
                };
            }
        }
    }
}

/// A session's own is what its identity asked for; without an identity, what it asked for itself.
fn owns(id: &Id, session: &Session, owner: &Owner) -> bool {
    match &session.identity {
        Some(_) => owner.identity == session.identity,
        None => owner.identity.is_none() && &owner.session == id,
    }
}
