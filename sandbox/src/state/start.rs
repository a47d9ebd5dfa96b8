//! Creates the state that a seed describes.

mod records;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attempt::ATTEMPT_MS;
use super::device::Device;
use super::quota::Quota;
use super::record::{Record, RecordStore};
use super::resource_type::ResourceType;
use super::scope::SessionChange;
use super::table::Table;
use super::task_queue::TaskQueue;
use super::workspace::Workspace;
use super::{Profile, State};
use crate::device_class::DeviceClass;
use crate::faults::Faults;
use crate::ids::{Entropy, Id};
use crate::json::JsonObject;
use crate::limits::Limits;
use crate::options::OutOfScope;
use crate::seed::{self, Seed, SeedAccount, SeedDevice, SeedError, SeedIdentity, SeedSession};
use crate::time::Millis;

/// How long before the start of the sandbox its first device was created.
const AGE_MS: Millis = 86_400_000;

/// The first client session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Demo {
    pub(crate) user_identity_id: Option<Id>,
    pub(crate) client_session_token: String,
}

/// The keys and ids that the sandbox reports when it starts.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) api_key: String,
    pub(crate) publishable_key: String,
    pub(crate) personal_access_token: String,
    pub(crate) workspace_id: Id,
    pub(crate) device_ids: Vec<Id>,
}

/// The options of a new state.
#[derive(Debug)]
pub(crate) struct StartOptions {
    pub(crate) entropy: Entropy,
    pub(crate) out_of_scope: OutOfScope,
    /// Whether the rate limits apply.
    pub(crate) limits: bool,
    /// How long an action attempt is pending.
    pub(crate) attempt_ms: Option<Millis>,
    pub(crate) now: Millis,
}

impl State {
    /// Creates the workspace of a seed. What the seed does not name is made from the random seed.
    ///
    /// # Errors
    ///
    /// If the seed is inconsistent.
    pub(crate) fn start(seed: Seed, start: StartOptions) -> Result<(Self, Demo), SeedError> {
        let StartOptions {
            mut entropy, now, ..
        } = start;
        let workspace = Workspace {
            id: id_or_new(seed.workspace.workspace_id.as_deref(), &mut entropy)?,
            name: seed.workspace.name.unwrap_or_else(|| "Sandbox".to_owned()),
            api_key: entropy.token("seam_test", 4),
            publishable_key: entropy.token("seam_pk1", 6),
            personal_access_token: None,
            settings: JsonObject::new(),
        };
        let mut state = Self {
            workspace,
            devices: Table::default(),
            identities: Table::default(),
            sessions: Table::default(),
            attempts: Table::default(),
            records: RecordStore::default(),
            task_queue: TaskQueue::default(),
            entropy,
            out_of_scope: start.out_of_scope,
            faults: Faults::default(),
            limits: Limits::new(!start.limits),
            attempt_quota: Quota::default(),
            event_quota: Quota::default(),
            acting_session: None,
            attempt_ms: start.attempt_ms.unwrap_or(ATTEMPT_MS),
        };
        let mut created_at = now.saturating_sub(AGE_MS);
        let accounts = state.add_seed_accounts(seed.connected_accounts, created_at)?;
        for device in &seed.devices {
            state.add_seed_device(device, &accounts, created_at)?;
            created_at = created_at.saturating_add(1).min(now);
        }
        for identity in seed.user_identities {
            state.add_seed_identity(identity, now)?;
        }
        for (resource_type, records) in [
            (ResourceType::ConnectWebview, &seed.connect_webviews),
            (ResourceType::AccessGrant, &seed.access_grants),
            (ResourceType::AccessCode, &seed.access_codes),
            (ResourceType::NoiseThreshold, &seed.noise_thresholds),
            (ResourceType::ThermostatSchedule, &seed.thermostat_schedules),
            (
                ResourceType::ThermostatDailyProgram,
                &seed.thermostat_daily_programs,
            ),
            (ResourceType::Phone, &seed.phones),
            // In this order, because an entrance names its system, a user its entrances, and so on.
            (ResourceType::AcsSystem, &seed.acs_systems),
            (ResourceType::AcsEntrance, &seed.acs_entrances),
            (ResourceType::Space, &seed.spaces),
            (ResourceType::AcsUser, &seed.acs_users),
            (ResourceType::AcsAccessGroup, &seed.acs_access_groups),
            (ResourceType::AcsCredential, &seed.acs_credentials),
            (ResourceType::AcsEncoder, &seed.acs_encoders),
        ] {
            let mut created_at = now.saturating_sub(AGE_MS);
            for record in records {
                state.add_seed_record(resource_type, record, &accounts, created_at)?;
                created_at = created_at.saturating_add(1).min(now);
            }
        }
        let codes = state.records.table(ResourceType::AccessCode).in_order();
        for code in codes.map(Record::id).collect::<Vec<_>>() {
            state.start_access_code(code, now);
        }
        let sensors = state
            .devices
            .in_order()
            .map(|it| (it.id(), it.created_at()));
        for (sensor, created_at) in sensors.collect::<Vec<_>>() {
            state.add_built_in_thresholds(sensor, created_at)?;
        }
        state.start_schedules(now);
        let demo = state.add_seed_sessions(&seed.client_sessions, &accounts, now)?;
        state.ensure_personal_access_token();
        Ok((state, demo))
    }

    /// Gives the workspace a personal access token if it has none.
    pub(crate) fn ensure_personal_access_token(&mut self) {
        let token = &mut self.workspace.personal_access_token;
        token.get_or_insert_with(|| self.entropy.token("seam_at1", 8));
    }

    /// Returns the keys and ids that the sandbox reports when it starts.
    pub(crate) fn keys(&self) -> Keys {
        let managed = self.devices.in_order().filter(|it| it.is_managed());
        Keys {
            api_key: self.workspace.api_key.clone(),
            publishable_key: self.workspace.publishable_key.clone(),
            personal_access_token: self
                .workspace
                .personal_access_token
                .clone()
                .unwrap_or_default(),
            workspace_id: self.workspace.id,
            device_ids: managed.map(Device::id).collect(),
        }
    }

    fn add_seed_accounts(
        &mut self,
        seeds: Vec<SeedAccount>,
        now: Millis,
    ) -> Result<Accounts, SeedError> {
        let mut accounts = Accounts::default();
        let fallback = SeedAccount {
            name: "default".to_owned(),
            connected_account_id: None,
            connect_webview_id: None,
            rest: JsonObject::new(),
        };
        let fallback = seeds.is_empty().then_some(fallback);
        for seed in seeds.into_iter().chain(fallback) {
            let id = id_or_new(seed.connected_account_id.as_deref(), &mut self.entropy)?;
            let webview = id_or_new(seed.connect_webview_id.as_deref(), &mut self.entropy)?;
            if self
                .records
                .table(ResourceType::ConnectedAccount)
                .contains(id)
                || accounts.by_name.contains_key(&seed.name)
            {
                return Err(duplicate("connected account", &seed.name));
            }
            self.add_seed_account(&seed, id, webview, now)?;
            accounts.first.get_or_insert(id);
            accounts.by_name.insert(seed.name, id);
        }
        Ok(accounts)
    }

    fn add_seed_device(
        &mut self,
        seed: &SeedDevice,
        accounts: &Accounts,
        created_at: Millis,
    ) -> Result<(), SeedError> {
        let account = match &seed.connected_account {
            Some(name) => self.account_by_name(name, accounts)?,
            None => accounts
                .first
                .ok_or_else(|| unknown("connected account", "default"))?,
        };
        self.add_device(seed, account, created_at).map(|_| ())
    }

    /// Adds a device to an account and returns its id.
    pub(super) fn add_device(
        &mut self,
        seed: &SeedDevice,
        account: Id,
        created_at: Millis,
    ) -> Result<Id, SeedError> {
        self.check_device(seed, created_at)?;
        let mut object = seed::device_object(seed, created_at)?;
        let id = id_or_new(seed.device_id.as_deref(), &mut self.entropy)?;
        for (name, value) in [
            ("device_id", id),
            ("connected_account_id", account),
            ("workspace_id", self.workspace.id),
        ] {
            object.insert(name.to_owned(), value.to_string().into());
        }
        let device = Device::new(id, account, created_at, &object);
        self.create_named_spaces(device.space_ids(), created_at);
        self.devices.insert(device);
        Ok(id)
    }

    /// Checks that the device can be added: the seed is valid and the id is free.
    pub(super) fn check_device(&self, seed: &SeedDevice, now: Millis) -> Result<(), SeedError> {
        seed::device_object(seed, now)?;
        let Some(text) = seed.device_id.as_deref() else {
            return Ok(());
        };
        match Id::parse(text) {
            Some(id) if self.devices.contains(id) => Err(duplicate("device", text)),
            Some(_) => Ok(()),
            None => Err(invalid_uuid(text)),
        }
    }

    fn add_seed_identity(&mut self, seed: SeedIdentity, now: Millis) -> Result<(), SeedError> {
        let mut devices = BTreeMap::new();
        for name in &seed.devices {
            devices.insert(self.device_by_name(name)?, now);
        }
        let managed = seed.is_managed.unwrap_or(true);
        let profile = Profile {
            user_identity_key: seed.user_identity_key,
            email_address: seed.email_address,
            phone_number: seed.phone_number,
            full_name: seed.full_name,
        };
        self.check_unique(&profile, None)
            .map_err(|it| SeedError::new(it.message()))?;
        self.add_identity(profile, devices, managed, now);
        Ok(())
    }

    /// Adds the sessions of a seed and returns the first. Without any, adds one for a demo user.
    fn add_seed_sessions(
        &mut self,
        seeds: &[SeedSession],
        accounts: &Accounts,
        now: Millis,
    ) -> Result<Demo, SeedError> {
        let mut first = None;
        for seed in seeds {
            let key = seed.user_identity_key.as_deref();
            let user_identity = key.map(|it| self.identity_by_key(it)).transpose()?;
            let mut of_accounts = Vec::new();
            for name in &seed.connected_accounts {
                of_accounts.push(self.account_by_name(name, accounts)?);
            }
            let session = self.add_seed_session(user_identity, of_accounts, seed, now);
            first.get_or_insert(session);
        }
        if let Some(demo) = first {
            return Ok(demo);
        }
        let profile = Profile {
            user_identity_key: Some("demo-user".to_owned()),
            full_name: Some("Demo User".to_owned()),
            ..Profile::default()
        };
        let granted = self.devices.in_order().find(|it| {
            it.class() == DeviceClass::Lock && it.online() && it.can("can_remotely_unlock")
        });
        let granted = granted.map(|it| (it.id(), now)).into_iter().collect();
        let identity = match self.identity_by_key("demo-user") {
            Ok(id) => id,
            Err(_) => self.add_identity(profile, granted, true, now),
        };
        Ok(self.add_seed_session(Some(identity), Vec::new(), &SeedSession::default(), now))
    }

    fn add_seed_session(
        &mut self,
        user_identity: Option<Id>,
        accounts: Vec<Id>,
        seed: &SeedSession,
        now: Millis,
    ) -> Demo {
        let wanted = SessionChange {
            user_identifier_key: seed.user_identifier_key.clone(),
            user_identity,
            accounts: Some(accounts),
            ..SessionChange::default()
        };
        let id = self.add_session(wanted, now);
        let token = self.sessions.get(id).map(|it| it.token.clone());
        Demo {
            user_identity_id: user_identity,
            client_session_token: token.unwrap_or_default(),
        }
    }

    fn account_by_name(&self, name: &str, accounts: &Accounts) -> Result<Id, SeedError> {
        let known = self.records.table(ResourceType::ConnectedAccount);
        let by_id = || Id::parse(name).filter(|it| known.contains(*it));
        let by_name = accounts.by_name.get(name).copied();
        by_name
            .or_else(by_id)
            .ok_or_else(|| unknown("connected account", name))
    }

    fn device_by_name(&self, name: &str) -> Result<Id, SeedError> {
        let by_id = Id::parse(name).filter(|it| self.devices.contains(*it));
        let mut devices = self.devices.in_order();
        let by_name = || devices.find(|it| it.display_name() == name).map(Device::id);
        by_id
            .or_else(by_name)
            .ok_or_else(|| unknown("device", name))
    }

    fn identity_by_key(&self, key: &str) -> Result<Id, SeedError> {
        let mut identities = self.identities.in_order();
        identities
            .find(|it| it.profile().user_identity_key.as_deref() == Some(key))
            .map(super::UserIdentity::id)
            .ok_or_else(|| unknown("user identity", key))
    }
}

/// The accounts of a seed, by their names in the seed.
#[derive(Default)]
struct Accounts {
    by_name: BTreeMap<String, Id>,
    first: Option<Id>,
}

fn id_or_new(own: Option<&str>, entropy: &mut Entropy) -> Result<Id, SeedError> {
    match own {
        Some(text) => Id::parse(text).ok_or_else(|| invalid_uuid(text)),
        None => Ok(entropy.id()),
    }
}

fn invalid_uuid(text: &str) -> SeedError {
    SeedError::new(format!("\"{text}\" is not a UUID"))
}

fn unknown(what: &str, name: &str) -> SeedError {
    SeedError::new(format!("the seed has no {what} \"{name}\""))
}

fn duplicate(what: &str, name: &str) -> SeedError {
    SeedError::new(format!("the seed has more than one {what} \"{name}\""))
}
