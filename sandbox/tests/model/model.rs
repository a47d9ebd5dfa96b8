//! What is in a workspace, and what a session sees of it: plain sets and maps, and one function for
//! each row of the table in `src/state/scope.rs`. It does not use the sandbox.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Pending;

pub(crate) type Id = String;
pub(crate) type Ids = BTreeSet<Id>;

/// How long an action attempt is pending, in milliseconds.
pub(crate) const ATTEMPT: u64 = 400;

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
    pub(crate) spaces: Ids,
}

#[derive(Debug)]
pub(crate) struct AccessGrant {
    pub(crate) identity: Id,
    pub(crate) devices: Ids,
    pub(crate) spaces: Ids,
    pub(crate) starts_at: u64,
    pub(crate) ends_at: Option<u64>,
    /// Whether it has put codes on its locks.
    pub(crate) has_codes: bool,
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
    /// The access grant whose mobile key opened it.
    pub(crate) only_grant: Option<Id>,
}

/// The session that made a request, or the access grant that created a code; and the user identity
/// at that time.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) session: Id,
    pub(crate) identity: Option<Id>,
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is independent of the others"
)]
pub(crate) struct Code {
    pub(crate) device: Id,
    pub(crate) grant: Option<Id>,
    /// `None` if the code has no owner.
    pub(crate) owner: Option<Owner>,
    pub(crate) is_managed: bool,
    pub(crate) is_on_device: bool,
    pub(crate) is_removing: bool,
    /// Whether the last operation failed, because the device was offline.
    pub(crate) has_failed: bool,
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
    pub(crate) requested_at: u64,
    pub(crate) outcome: Outcome,
    /// Whether it fails while the device is offline.
    pub(crate) needs_device: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: u64,
    /// The webview through which each account was authorized.
    pub(crate) accounts: BTreeMap<Id, Option<Id>>,
    /// Whether the webview is pending.
    pub(crate) webviews: BTreeMap<Id, bool>,
    pub(crate) devices: BTreeMap<Id, Device>,
    /// The devices granted to each identity.
    pub(crate) identities: BTreeMap<Id, Ids>,
    pub(crate) grants: BTreeMap<Id, AccessGrant>,
    pub(crate) spaces: Ids,
    pub(crate) sessions: BTreeMap<Id, Session>,
    pub(crate) codes: BTreeMap<Id, Code>,
    pub(crate) attempts: BTreeMap<Id, Attempt>,
    /// The operations on codes that devices have not ended yet.
    pub(crate) pending: Vec<Pending>,
}

impl AccessGrant {
    fn is_in_force(&self, now: u64) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|it| now < it)
    }
}

impl Model {
    /// Returns the type of the error for a session that has ended; `None` if it is alive.
    pub(crate) fn auth_error(&self, session: &Id) -> Option<&'static str> {
        match self.sessions.get(session) {
            None => Some("client_session_not_found"),
            Some(it) if it.is_revoked => Some("client_session_revoked"),
            Some(it) if it.expires_at <= self.now => Some("client_session_expired"),
            Some(_) => None,
        }
    }

    pub(crate) fn is_alive(&self, session: &Id) -> bool {
        self.auth_error(session).is_none()
    }

    /// Returns its own accounts, and those authorized through its webviews.
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

    /// Returns the devices granted to its identity, those of its access grants in force, and those
    /// of its accounts. A session of a mobile key has only those of its own access grant.
    pub(crate) fn devices_of(&self, session: &Session) -> Ids {
        let mut seen = Ids::new();
        if let Some(identity) = &session.identity {
            if session.only_grant.is_none() {
                seen.extend(self.identities.get(identity).cloned().unwrap_or_default());
            }
            for (id, grant) in &self.grants {
                let counts = session.only_grant.as_ref().is_none_or(|it| it == id);
                if counts && &grant.identity == identity && grant.is_in_force(self.now) {
                    seen.extend(self.devices_of_grant(grant));
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

    /// Returns the devices that a grant names, and those of its spaces.
    pub(crate) fn devices_of_grant(&self, grant: &AccessGrant) -> Ids {
        let within = |it: &Device| !it.spaces.is_disjoint(&grant.spaces);
        let in_spaces = self.devices.iter().filter(|(_, it)| within(it));
        let in_spaces = in_spaces.map(|(id, _)| id.clone());
        grant.devices.iter().cloned().chain(in_spaces).collect()
    }

    pub(crate) fn can_see_device(&self, session: &Session, device: &Id) -> bool {
        self.devices_of(session).contains(device)
    }

    /// Returns whether it has access to the device's account, and not only to the device.
    pub(crate) fn has_account_of(&self, session: &Session, device: &Id) -> bool {
        let device = self.devices.get(device);
        device.is_some_and(|it| self.accounts_of(session).contains(&it.account))
    }

    /// Returns the managed codes on its devices, except those that another identity owns; with access to
    /// the account also those.
    pub(crate) fn codes_of(&self, id: &Id, session: &Session) -> Ids {
        let devices = self.devices_of(session);
        let can_see = |code: &Code| {
            code.is_managed
                && devices.contains(&code.device)
                && match &code.owner {
                    None => true,
                    Some(owner) => {
                        is_owner(id, session, owner) || self.has_account_of(session, &code.device)
                    }
                }
        };
        let codes = self.codes.iter().filter(|(_, it)| can_see(it));
        codes.map(|(id, _)| id.clone()).collect()
    }

    /// Returns whether its own identity requested the attempt, and it sees the device.
    pub(crate) fn can_see_attempt(&self, id: &Id, session: &Session, attempt: &Attempt) -> bool {
        let owner = attempt.owner.as_ref();
        owner.is_some_and(|it| is_owner(id, session, it))
            && self.can_see_device(session, &attempt.device)
    }

    /// Returns the owner of what this session creates now.
    pub(crate) fn owner(&self, session: Option<&Id>) -> Option<Owner> {
        let session = session?;
        Some(Owner {
            session: session.clone(),
            identity: self.sessions.get(session)?.identity.clone(),
        })
    }

    /// Returns the next times at which a grant or a session begins or ends, or an attempt ends.
    /// Steps stop exactly there to test the boundary.
    pub(crate) fn next_deadlines(&self) -> Vec<u64> {
        let grants = self.grants.values();
        let of_grants = grants.flat_map(|it| [Some(it.starts_at), it.ends_at]);
        let sessions = self.sessions.values().map(|it| Some(it.expires_at));
        let attempts = self
            .attempts
            .values()
            .map(|it| Some(it.requested_at + ATTEMPT));
        let codes = self.pending.iter().map(|it| Some(it.at));
        let all = of_grants.chain(sessions).chain(attempts).chain(codes);
        let all = all.flatten();
        let mut next_deadlines: Vec<u64> = all.filter(|it| *it > self.now).collect();
        next_deadlines.sort_unstable();
        next_deadlines.truncate(3);
        // Leaves out the default lifetime of sessions, which is more than a day.
        next_deadlines.retain(|it| *it < self.now + 100_000);
        next_deadlines
    }

    /// Moves the time forward, and ends the attempts that are due.
    pub(crate) fn advance(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        for attempt in self.attempts.values_mut() {
            if attempt.outcome == Outcome::Pending && attempt.requested_at + ATTEMPT <= self.now {
                let online = self.devices.get(&attempt.device).map(|it| it.is_online);
                attempt.outcome = match online {
                    Some(true) => Outcome::Success,
                    _ if !attempt.needs_device => Outcome::Success,
                    _ => Outcome::Offline,
                };
            }
        }
        self.end_operations();
    }
}

/// A session owns what its identity requested; without an identity, what it requested itself. A
/// session of a mobile key owns what it requested itself, and the codes of its access grant.
fn is_owner(id: &Id, session: &Session, owner: &Owner) -> bool {
    match &session.identity {
        Some(_) if session.only_grant.is_some() => {
            let is_own =
                &owner.session == id || Some(&owner.session) == session.only_grant.as_ref();
            is_own && owner.identity == session.identity
        }
        Some(_) => owner.identity == session.identity,
        None => owner.identity.is_none() && &owner.session == id,
    }
}
