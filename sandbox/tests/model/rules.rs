//! What each step is refused with, and what it changes.

use std::collections::BTreeSet;

use crate::model::{
    AccessGrant, Attempt, Code, Device, Id, Ids, Kind, Model, Outcome, Owner, Session,
};
use crate::steps::{End, How, Step, With};

const YEAR: u64 = 365 * 86_400_000;

/// A status and the type of the error; no type where it may be one of several.
pub(crate) type Refusal = (u16, &'static str);

const NO_DEVICE: Refusal = (404, "device_not_found");
const NO_IDENTITY: Refusal = (404, "user_identity_not_found");
const NO_SESSION: Refusal = (404, "client_session_not_found");

/// What a step made, as the answer told.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// The id of the identity, grant, session, webview, account or code.
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) attempt: Option<Id>,
}

impl Model {
    /// With what the step is refused; none if it is done.
    #[expect(
        clippy::too_many_lines,
        reason = "a line or a few for each kind of step"
    )]
    pub(crate) fn refusal(&self, step: &Step) -> Option<Refusal> {
        if let Some(death) = step.by().and_then(|it| self.death(&it)) {
            return Some((401, death));
        }
        let by = step
            .by()
            .and_then(|it| Some((it.clone(), self.sessions.get(&it)?)));
        let unless = |is_there: bool, refusal: Refusal| (!is_there).then_some(refusal);
        let managed = |id: &Id| self.devices.get(id).is_some_and(|it| it.is_managed);
        // The device as whoever calls sees it.
        let device = |id: &Id| {
            let seen = by.as_ref().is_none_or(|(_, it)| self.sees_device(it, id));
            match self.devices.get(id).filter(|_| seen) {
                None => Some(NO_DEVICE),
                Some(it) if !it.is_managed => Some((400, "device_unmanaged")),
                Some(_) => None,
            }
        };
        let lock = |id: &Id| {
            let is_lock = self.devices.get(id).is_some_and(|it| it.kind == Kind::Lock);
            device(id).or(unless(is_lock, (400, "capability_not_supported")))
        };
        match step {
            Step::Wait(_) | Step::MakeIdentity | Step::MakeWebview(_) => None,
            Step::DeleteIdentity(it) => unless(self.identities.contains_key(it), NO_IDENTITY),
            Step::Grant(identity, id) => {
                unless(self.identities.contains_key(identity), NO_IDENTITY)
                    .or(unless(managed(id), NO_DEVICE))
            }
            Step::Revoke(identity, id) => {
                unless(self.identities.contains_key(identity), NO_IDENTITY)
                    .or(unless(self.devices.contains_key(id), NO_DEVICE))
            }
            Step::MakeAccessGrant {
                identity,
                devices,
                spaces,
                starts_at,
                ends_at,
            } => {
                let space = |it: &Id| {
                    self.devices
                        .values()
                        .any(|device| device.space.as_ref() == Some(it))
                };
                let fits = self.are_times(starts_at.unwrap_or(self.now), *ends_at)
                    && devices.iter().all(managed)
                    && spaces.iter().all(space)
                    && self.identities.contains_key(identity);
                unless(fits, (400, ""))
            }
            Step::ChangeTimes {
                grant,
                starts_at,
                ends_at,
            } => match self.grants.get(grant) {
                None => Some((404, "access_grant_not_found")),
                Some(_) if starts_at.is_none() && ends_at.is_none() => None,
                Some(it) => {
                    let starts_at = starts_at.unwrap_or(it.starts_at);
                    let fits = self.are_times(starts_at, ends_at.unwrap_or(it.ends_at));
                    unless(fits, (400, "invalid_input"))
                }
            },
            Step::DeleteAccessGrant(it) => unless(
                self.grants.contains_key(it),
                (404, "access_grant_not_found"),
            ),
            Step::OpenSession(how, with) => {
                let known = *how == How::Create && self.of_key(with).is_some();
                unless(self.are_there(with), (400, ""))
                    .or(unless(!known, (400, "client_session_token_already_exists")))
            }
            Step::GrantAccess(id, with) => {
                let session = self.sessions.get(id).filter(|_| self.is_alive(id));
                let is_named = session.is_some_and(|it| with.key.is_none() || it.key == with.key);
                unless(self.are_there(with), (400, "")).or(unless(is_named, NO_SESSION))
            }
            Step::EndSession(it, _) => unless(self.sessions.contains_key(it), NO_SESSION),
            Step::LogIn(it, _) => match self.webviews.get(it) {
                None => Some((404, "connect_webview_not_found")),
                Some(true) => None,
                Some(false) => Some((400, "connect_webview_already_completed")),
            },
            Step::DeleteWebview(it) => unless(
                self.webviews.contains_key(it),
                (404, "connect_webview_not_found"),
            ),
            Step::DeleteAccount(it) => unless(
                self.accounts.contains_key(it),
                (404, "connected_account_not_found"),
            ),
            Step::Unmanage(_, id) => {
                let holds = by.as_ref().is_none_or(|(_, it)| self.holds(it, id));
                device(id).or(unless(holds, (401, "unauthorized")))
            }
            Step::Manage(it) => unless(self.devices.contains_key(it), NO_DEVICE)
                .or(unless(!managed(it), (400, "device_managed"))),
            Step::Connect(it, _) => unless(self.devices.contains_key(it), NO_DEVICE),
            Step::Unlock(_, it) | Step::MakeCode(_, it) => lock(it),
            Step::DeleteCode(_, it) => {
                let sees = |(id, session): &(Id, &Session)| self.codes_of(id, session).contains(it);
                let code = self.codes.get(it).filter(|_| by.as_ref().is_none_or(sees));
                match code {
                    None => Some((404, "access_code_not_found")),
                    Some(code) => device(&code.device),
                }
            }
        }
    }

    /// A grant ends in the future, and after it starts.
    fn are_times(&self, starts_at: u64, ends_at: Option<u64>) -> bool {
        ends_at.is_none_or(|it| it > self.now && it > starts_at)
    }

    /// Whether all that a session is to be associated with exists.
    fn are_there(&self, with: &With) -> bool {
        let mut accounts = with.accounts.iter().flatten();
        let mut webviews = with.webviews.iter().flatten();
        with.identity
            .as_ref()
            .is_none_or(|it| self.identities.contains_key(it))
            && accounts.all(|it| self.accounts.contains_key(it))
            && webviews.all(|it| self.webviews.contains_key(it))
    }

    /// The living session of this key.
    fn of_key(&self, with: &With) -> Option<Id> {
        let key = with.key.as_ref()?;
        let mut sessions = self.sessions.iter();
        let found = sessions.find(|(id, it)| it.key.as_ref() == Some(key) && self.is_alive(id));
        found.map(|(id, _)| id.clone())
    }

    /// The sessions of which one is given back; none if a new one is to be opened.
    pub(crate) fn known(&self, how: How, with: &With) -> Ids {
        if with.key.is_some() {
            return self.of_key(with).into_iter().collect();
        }
        let same = |it: &Session| it.key.is_none() && it.identity == with.identity;
        let by_identity = how == How::GetOrCreate && with.identity.is_some();
        let sessions = self.sessions.iter();
        sessions
            .filter(|(id, it)| by_identity && same(it) && self.is_alive(id))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Carries out a step that is not refused.
    #[expect(
        clippy::too_many_lines,
        reason = "a line or a few for each kind of step"
    )]
    pub(crate) fn carry_out(&mut self, step: &Step, made: Made) {
        let by = step.by();
        let owner = self.owner(by.as_ref());
        match step {
            Step::Wait(milliseconds) => self.advance(*milliseconds),
            Step::MakeIdentity => {
                self.identities.insert(made.id, Ids::new());
            }
            Step::DeleteIdentity(id) => {
                self.identities.remove(id);
                self.grants.retain(|_, it| &it.identity != id);
                self.sessions
                    .retain(|_, it| it.identity.as_ref() != Some(id));
            }
            Step::Grant(identity, device) => {
                self.identities
                    .entry(identity.clone())
                    .or_default()
                    .insert(device.clone());
            }
            Step::Revoke(identity, device) => {
                self.identities
                    .entry(identity.clone())
                    .or_default()
                    .remove(device);
            }
            Step::MakeAccessGrant {
                identity,
                devices,
                spaces,
                starts_at,
                ends_at,
            } => {
                let grant = AccessGrant {
                    identity: identity.clone(),
                    devices: devices.iter().cloned().collect(),
                    spaces: spaces.iter().cloned().collect(),
                    starts_at: starts_at.unwrap_or(self.now),
                    ends_at: *ends_at,
                };
                self.grants.insert(made.id, grant);
            }
            Step::ChangeTimes {
                grant,
                starts_at,
                ends_at,
            } => {
                let grant = self.grants.get_mut(grant).expect("it is there");
                grant.starts_at = starts_at.unwrap_or(grant.starts_at);
                grant.ends_at = ends_at.unwrap_or(grant.ends_at);
            }
            Step::DeleteAccessGrant(it) => {
                self.grants.remove(it);
            }
            Step::OpenSession(_, with) => self.open(made, with),
            Step::GrantAccess(id, with) => {
                let session = self.sessions.get_mut(id).expect("it is there");
                session
                    .accounts
                    .extend(with.accounts.iter().flatten().cloned());
                session
                    .webviews
                    .extend(with.webviews.iter().flatten().cloned());
                session.identity = with.identity.clone().or(session.identity.take());
            }
            Step::EndSession(id, End::Delete) => {
                self.sessions.remove(id);
            }
            Step::EndSession(id, end) => {
                let session = self.sessions.get_mut(id).expect("it is there");
                match end {
                    End::Revoke => session.is_revoked = true,
                    _ => session.expires_at = session.expires_at.min(self.now),
                }
            }
            Step::MakeWebview(_) => {
                if let Some(session) = by.and_then(|it| self.sessions.get_mut(&it)) {
                    session.webviews.insert(made.id.clone());
                }
                self.webviews.insert(made.id, true);
            }
            Step::LogIn(webview, devices) => {
                self.webviews.insert(webview.clone(), false);
                for new in devices.iter().flatten() {
                    let device = Device {
                        account: made.id.clone(),
                        kind: new.kind,
                        is_managed: new.is_managed,
                        is_online: true,
                        space: new.space.clone(),
                    };
                    self.devices.insert(new.id.clone(), device);
                }
                if devices.is_some() {
                    self.accounts.insert(made.id, Some(webview.clone()));
                }
            }
            Step::DeleteWebview(id) => {
                self.webviews.remove(id);
                for through in self.accounts.values_mut() {
                    through.take_if(|it| it == id);
                }
                for session in self.sessions.values_mut() {
                    session.webviews.remove(id);
                }
            }
            Step::DeleteAccount(id) => self.delete_account(id),
            Step::Unmanage(_, id) | Step::Manage(id) => {
                let device = self.devices.get_mut(id).expect("it is there");
                device.is_managed = !device.is_managed;
            }
            Step::Connect(id, is_online) => {
                self.devices.get_mut(id).expect("it is there").is_online = *is_online;
            }
            Step::Unlock(_, device) => self.ask(device, made.attempt, owner),
            Step::MakeCode(_, device) => {
                let code = Code {
                    device: device.clone(),
                    owner: owner.clone(),
                };
                self.codes.insert(made.id, code);
                self.ask(device, made.attempt, owner);
            }
            Step::DeleteCode(_, id) => {
                let code = self.codes.remove(id).expect("it is there");
                self.ask(&code.device, made.attempt, owner);
            }
        }
    }

    fn open(&mut self, made: Made, with: &With) {
        let new = Session {
            token: made.token,
            key: with.key.clone(),
            identity: None,
            accounts: Ids::new(),
            webviews: Ids::new(),
            expires_at: self.now + YEAR,
            is_revoked: false,
        };
        let session = self.sessions.entry(made.id).or_insert(new);
        // The latest list takes the place of the one before.
        if let Some(accounts) = &with.accounts {
            session.accounts = accounts.iter().cloned().collect();
        }
        if let Some(webviews) = &with.webviews {
            session.webviews = webviews.iter().cloned().collect();
        }
        session.identity = with.identity.clone().or(session.identity.take());
        session.expires_at = with.expires_at.unwrap_or(session.expires_at);
    }

    fn ask(&mut self, device: &Id, attempt: Option<Id>, owner: Option<Owner>) {
        let attempt = attempt.expect("an action attempt");
        let asked = Attempt {
            device: device.clone(),
            owner,
            asked_at: self.now,
            outcome: Outcome::Pending,
        };
        self.attempts.insert(attempt, asked);
    }

    /// With it goes all that came with it.
    fn delete_account(&mut self, id: &Id) {
        self.accounts.remove(id);
        self.devices.retain(|_, it| &it.account != id);
        let left: BTreeSet<&Id> = self.devices.keys().collect();
        self.codes.retain(|_, it| left.contains(&it.device));
        self.attempts.retain(|_, it| left.contains(&it.device));
        for granted in self.identities.values_mut() {
            granted.retain(|it| left.contains(it));
        }
        for grant in self.grants.values_mut() {
            grant.devices.retain(|it| left.contains(it));
        }
        for session in self.sessions.values_mut() {
            session.accounts.remove(id);
        }
    }
}
