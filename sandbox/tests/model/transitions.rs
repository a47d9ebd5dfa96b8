//! Which error each step gets, and what it changes.

use std::collections::BTreeSet;

use crate::model::{AccessGrant, Attempt, Device, Id, Ids, Kind, Model, Outcome, Owner, Session};
use crate::steps::{Associations, End, Mode, OpenMethod, Step};

const YEAR: u64 = 365 * 86_400_000;

/// A status and the type of the error; the type is empty where it may be one of several.
pub(crate) type ExpectedError = (u16, &'static str);

const NO_DEVICE: ExpectedError = (404, "device_not_found");
const NO_IDENTITY: ExpectedError = (404, "user_identity_not_found");
const NO_SPACE: ExpectedError = (404, "space_not_found");
const NO_SESSION: ExpectedError = (404, "client_session_not_found");

/// What a step created, as the response says.
#[derive(Debug, Default)]
pub(crate) struct Created {
    /// The id of the identity, grant, session, webview, account or code.
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) attempt: Option<Id>,
    /// The access codes of a grant, each with its device.
    pub(crate) codes: Vec<(Id, Id)>,
    /// The session of a grant's mobile key, with its token.
    pub(crate) session: Option<(Id, String)>,
}

impl Model {
    /// Returns the error that the step gets; `None` if it succeeds.
    #[expect(clippy::too_many_lines, reason = "a few lines for each kind of step")]
    pub(crate) fn expected_error(&self, step: &Step) -> Option<ExpectedError> {
        if let Some(auth_error) = step.caller().and_then(|it| self.auth_error(&it)) {
            return Some((401, auth_error));
        }
        let caller = step
            .caller()
            .and_then(|it| Some((it.clone(), self.sessions.get(&it)?)));
        let unless =
            |is_there: bool, expected_error: ExpectedError| (!is_there).then_some(expected_error);
        let managed = |id: &Id| self.devices.get(id).is_some_and(|it| it.is_managed);
        // Looks the device up as the caller sees it.
        let device = |id: &Id| {
            let seen = caller
                .as_ref()
                .is_none_or(|(_, it)| self.can_see_device(it, id));
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
            Step::Wait(_) | Step::CreateIdentity | Step::CreateWebview(_) => None,
            Step::DeleteIdentity(it) => unless(self.identities.contains_key(it), NO_IDENTITY),
            Step::Grant(identity, id) => {
                unless(self.identities.contains_key(identity), NO_IDENTITY)
                    .or(unless(managed(id), NO_DEVICE))
            }
            Step::Revoke(identity, id) => {
                unless(self.identities.contains_key(identity), NO_IDENTITY)
                    .or(unless(self.devices.contains_key(id), NO_DEVICE))
            }
            Step::CreateAccessGrant {
                identity,
                devices,
                spaces,
                starts_at,
                ends_at,
                ..
            } => {
                let fits = self.are_valid_times(starts_at.unwrap_or(self.now), *ends_at)
                    && devices.iter().all(managed)
                    && spaces.iter().all(|it| self.spaces.contains(it))
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
                    let fits = self.are_valid_times(starts_at, ends_at.unwrap_or(it.ends_at));
                    unless(fits, (400, "invalid_input"))
                }
            },
            Step::DeleteAccessGrant(it) => unless(
                self.grants.contains_key(it),
                (404, "access_grant_not_found"),
            ),
            Step::CreateSpace(devices) => {
                unless(devices.iter().all(managed), (400, "device_not_found"))
            }
            Step::AddToSpace(space, id) => unless(managed(id), (400, "device_not_found"))
                .or(unless(self.spaces.contains(space), NO_SPACE)),
            Step::RemoveFromSpace(space, _) | Step::DeleteSpace(space) => {
                unless(self.spaces.contains(space), NO_SPACE)
            }
            Step::OpenSession(open_method, associations) => {
                let known =
                    *open_method == OpenMethod::Create && self.of_key(associations).is_some();
                unless(self.exist(associations), (400, ""))
                    .or(unless(!known, (400, "client_session_token_already_exists")))
            }
            Step::GrantAccess(id, associations) => {
                let session = self.sessions.get(id).filter(|_| self.is_alive(id));
                let is_named = session
                    .is_some_and(|it| associations.key.is_none() || it.key == associations.key);
                unless(self.exist(associations), (400, "")).or(unless(is_named, NO_SESSION))
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
                let has_account = caller
                    .as_ref()
                    .is_none_or(|(_, it)| self.has_account_of(it, id));
                device(id).or(unless(has_account, (401, "unauthorized")))
            }
            Step::Manage(it) => unless(self.devices.contains_key(it), NO_DEVICE)
                .or(unless(!managed(it), (400, "device_managed"))),
            Step::Connect(it, _) => unless(self.devices.contains_key(it), NO_DEVICE),
            Step::Unlock(_, it) | Step::CreateCode(_, it) => lock(it),
            Step::DeleteCode(_, it) => {
                let can_see =
                    |(id, session): &(Id, &Session)| self.codes_of(id, session).contains(it);
                let code = self
                    .codes
                    .get(it)
                    .filter(|it| it.is_managed)
                    .filter(|_| caller.as_ref().is_none_or(can_see));
                match code {
                    None => Some((404, "access_code_not_found")),
                    Some(code) => device(&code.device),
                }
            }
        }
    }

    /// A grant must end in the future and after it starts.
    fn are_valid_times(&self, starts_at: u64, ends_at: Option<u64>) -> bool {
        ends_at.is_none_or(|it| it > self.now && it > starts_at)
    }

    /// Returns whether everything exists that a session is to be associated with.
    fn exist(&self, associations: &Associations) -> bool {
        let mut accounts = associations.accounts.iter().flatten();
        let mut webviews = associations.webviews.iter().flatten();
        associations
            .identity
            .as_ref()
            .is_none_or(|it| self.identities.contains_key(it))
            && accounts.all(|it| self.accounts.contains_key(it))
            && webviews.all(|it| self.webviews.contains_key(it))
    }

    /// Returns the session of this key that is alive.
    fn of_key(&self, associations: &Associations) -> Option<Id> {
        let key = associations.key.as_ref()?;
        let mut sessions = self.sessions.iter();
        let found = sessions.find(|(id, it)| it.key.as_ref() == Some(key) && self.is_alive(id));
        found.map(|(id, _)| id.clone())
    }

    /// Returns the sessions of which one is returned; empty if a new one is opened.
    pub(crate) fn existing_sessions(
        &self,
        open_method: OpenMethod,
        associations: &Associations,
    ) -> Ids {
        if associations.key.is_some() {
            return self.of_key(associations).into_iter().collect();
        }
        let same = |it: &Session| {
            it.key.is_none() && it.identity == associations.identity && it.only_grant.is_none()
        };
        let by_identity = open_method == OpenMethod::GetOrCreate && associations.identity.is_some();
        let sessions = self.sessions.iter();
        sessions
            .filter(|(id, it)| by_identity && same(it) && self.is_alive(id))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Applies a step that succeeds.
    #[expect(clippy::too_many_lines, reason = "a few lines for each kind of step")]
    pub(crate) fn apply(&mut self, step: &Step, created: Created) {
        let caller = step.caller();
        let owner = self.owner(caller.as_ref());
        match step {
            Step::Wait(milliseconds) => self.advance(*milliseconds),
            Step::CreateIdentity => {
                self.identities.insert(created.id, Ids::new());
            }
            Step::DeleteIdentity(id) => {
                self.identities.remove(id);
                let grants = self.grants.iter().filter(|(_, it)| &it.identity == id);
                for grant in grants.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                    self.delete_grant(&grant);
                }
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
            Step::CreateAccessGrant {
                mode,
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
                    has_codes: *mode == Some(Mode::Code),
                };
                self.add_methods(*mode, &grant, &created);
                self.grants.insert(created.id, grant);
            }
            Step::ChangeTimes {
                grant,
                starts_at,
                ends_at,
            } => {
                let changed = self.grants.get_mut(grant).expect("it is there");
                let before = (changed.starts_at, changed.ends_at);
                changed.starts_at = starts_at.unwrap_or(changed.starts_at);
                changed.ends_at = ends_at.unwrap_or(changed.ends_at);
                if before != (changed.starts_at, changed.ends_at) {
                    let expires_at = changed.ends_at.unwrap_or(self.now + YEAR);
                    for session in self.sessions.values_mut() {
                        if session.only_grant.as_ref() == Some(grant) {
                            session.expires_at = expires_at;
                        }
                    }
                }
            }
            Step::DeleteAccessGrant(it) => self.delete_grant(it),
            Step::CreateSpace(devices) => {
                for device in devices {
                    self.spaces_of(device).insert(created.id.clone());
                }
                self.spaces.insert(created.id);
            }
            Step::AddToSpace(space, device) => {
                self.spaces_of(device).insert(space.clone());
            }
            Step::RemoveFromSpace(space, device) => {
                if let Some(device) = self.devices.get_mut(device) {
                    device.spaces.remove(space);
                }
            }
            Step::DeleteSpace(space) => {
                self.spaces.remove(space);
                for device in self.devices.values_mut() {
                    device.spaces.remove(space);
                }
                for grant in self.grants.values_mut() {
                    grant.spaces.remove(space);
                }
            }
            Step::OpenSession(_, associations) => self.open_session(created, associations),
            Step::GrantAccess(id, associations) => {
                let session = self.sessions.get_mut(id).expect("it is there");
                session
                    .accounts
                    .extend(associations.accounts.iter().flatten().cloned());
                session
                    .webviews
                    .extend(associations.webviews.iter().flatten().cloned());
                session.identity = associations.identity.clone().or(session.identity.take());
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
            Step::CreateWebview(_) => {
                if let Some(session) = caller.and_then(|it| self.sessions.get_mut(&it)) {
                    session.webviews.insert(created.id.clone());
                }
                self.webviews.insert(created.id, true);
            }
            Step::LogIn(webview, devices) => {
                self.webviews.insert(webview.clone(), false);
                for new in devices.iter().flatten() {
                    let device = Device {
                        account: created.id.clone(),
                        kind: new.kind,
                        is_managed: new.is_managed,
                        is_online: true,
                        spaces: new.space.iter().cloned().collect(),
                    };
                    // A space that a device names exists.
                    self.spaces.extend(new.space.clone());
                    self.devices.insert(new.id.clone(), device);
                }
                if devices.is_some() {
                    self.accounts.insert(created.id, Some(webview.clone()));
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
                if !device.is_managed {
                    self.unmanage_codes(id);
                }
            }
            Step::Connect(id, is_online) => {
                let device = self.devices.get_mut(id).expect("it is there");
                let comes_online = *is_online && !device.is_online;
                device.is_online = *is_online;
                if comes_online {
                    self.retry_codes(id);
                }
            }
            Step::Unlock(_, device) => self.add_attempt(device, created.attempt, owner, true),
            Step::CreateCode(_, device) => {
                self.create_code(created.id, device, owner.clone());
                self.add_attempt(device, created.attempt, owner, true);
            }
            Step::DeleteCode(_, id) => {
                let (needs_device, device) = self.delete_code(id);
                self.add_attempt(&device, created.attempt, owner, needs_device);
            }
        }
    }

    fn spaces_of(&mut self, device: &Id) -> &mut Ids {
        &mut self.devices.get_mut(device).expect("it is there").spaces
    }

    fn open_session(&mut self, created: Created, associations: &Associations) {
        let new = Session {
            token: created.token,
            key: associations.key.clone(),
            identity: None,
            accounts: Ids::new(),
            webviews: Ids::new(),
            expires_at: self.now + YEAR,
            is_revoked: false,
            only_grant: None,
        };
        let session = self.sessions.entry(created.id).or_insert(new);
        // Lists replace the current ones.
        if let Some(accounts) = &associations.accounts {
            session.accounts = accounts.iter().cloned().collect();
        }
        if let Some(webviews) = &associations.webviews {
            session.webviews = webviews.iter().cloned().collect();
        }
        session.identity = associations.identity.clone().or(session.identity.take());
        session.expires_at = associations.expires_at.unwrap_or(session.expires_at);
    }

    /// Adds what a new grant creates: a code on each of its managed locks, or a session.
    fn add_methods(&mut self, mode: Option<Mode>, grant: &AccessGrant, created: &Created) {
        let takes_codes = |it: &Device| it.is_managed && it.kind == Kind::Lock;
        let locks = self.devices_of_grant(grant).into_iter();
        let locks = locks.filter(|it| self.devices.get(it).is_some_and(takes_codes));
        let expected: Ids = match mode {
            Some(Mode::Code) => locks.collect(),
            _ => Ids::new(),
        };
        let devices = created.codes.iter().map(|(_, device)| device.clone());
        assert_eq!(devices.collect::<Ids>(), expected, "the codes of a grant");
        let owner = Owner {
            session: created.id.clone(),
            identity: Some(grant.identity.clone()),
        };
        for (id, device) in &created.codes {
            self.create_code(id.clone(), device, Some(owner.clone()));
            self.codes.get_mut(id).expect("it is there").grant = Some(created.id.clone());
        }
        assert_eq!(created.session.is_some(), mode == Some(Mode::MobileKey));
        if let Some((id, token)) = &created.session {
            let session = Session {
                token: token.clone(),
                key: None,
                identity: Some(grant.identity.clone()),
                accounts: Ids::new(),
                webviews: Ids::new(),
                expires_at: grant.ends_at.unwrap_or(self.now + YEAR),
                is_revoked: false,
                only_grant: Some(created.id.clone()),
            };
            self.sessions.insert(id.clone(), session);
        }
    }

    /// Deletes a grant with its codes, and ends its session.
    fn delete_grant(&mut self, id: &Id) {
        self.grants.remove(id);
        self.remove_codes_of_grant(id);
        for session in self.sessions.values_mut() {
            session.is_revoked |= session.only_grant.as_ref() == Some(id);
        }
    }

    fn add_attempt(
        &mut self,
        device: &Id,
        id: Option<Id>,
        owner: Option<Owner>,
        needs_device: bool,
    ) {
        let id = id.expect("an action attempt");
        let attempt = Attempt {
            device: device.clone(),
            owner,
            requested_at: self.now,
            outcome: Outcome::Pending,
            needs_device,
        };
        self.attempts.insert(id, attempt);
    }

    /// Deletes the account and everything that belongs to it.
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
