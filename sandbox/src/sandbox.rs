//! The sandbox: a request and the time in, a response out.

mod clock;
mod control;
mod handle;
mod reset_workspace;
mod saved;

use serde::Serialize;

use crate::coverage::Coverage;
use crate::ids::{Entropy, Id};
use crate::input;
use crate::options::Options;
use crate::schema;
use crate::seed::{self, SeedError};
use crate::state::{Demo, StartOptions, State};
use clock::Clock;

/// The default of [`Options::endpoint`].
const DEFAULT_ENDPOINT: &str = "http://localhost:3020";

/// A Seam workspace in memory.
#[derive(Debug)]
pub struct Sandbox {
    state: State,
    demo: Demo,
    clock: Clock,
    endpoint: String,
    requests: u128,
    coverage: Coverage,
    /// What the sandbox was created with, for a reset.
    options: Options,
}

/// The address of a sandbox and the credentials that it takes. As JSON this is the line that the
/// command prints.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// The base URL.
    pub endpoint: String,
    /// The API key of the workspace.
    pub api_key: String,
    /// The publishable key of the workspace.
    pub publishable_key: String,
    /// The personal access token of a person with access to the workspace. Beside it, a request
    /// has the id of the workspace in the header `seam-workspace`.
    pub personal_access_token: String,
    /// The id of the workspace.
    pub workspace_id: String,
    /// The ids of the managed devices, in the order of the lists.
    pub device_ids: Vec<String>,
    /// The user identity of the first client session, if it has one.
    pub user_identity_id: Option<String>,
    /// The token of the first client session.
    pub client_session_token: String,
}

impl Sandbox {
    /// Creates a sandbox. `now_ms` is the time in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// If the seed is inconsistent, for example with an unknown or a duplicate name, if there are
    /// too many devices, or if a fault is invalid.
    pub fn new(options: Options, now_ms: u64) -> Result<Self, SeedError> {
        let clock = Clock::new(now_ms);
        let endpoint = options.endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT);
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let (state, demo) = start(&options, clock)?;
        Ok(Self {
            state,
            demo,
            clock,
            endpoint,
            requests: 0,
            coverage: Coverage::default(),
            options,
        })
    }

    /// Makes the workspace, its keys, its faults and the clock what they were when the sandbox was
    /// created.
    fn reset(&mut self) -> Result<(), SeedError> {
        let mut clock = self.clock;
        clock.restart();
        (self.state, self.demo) = start(&self.options, clock)?;
        self.clock = clock;
        Ok(())
    }

    /// Returns the address of the sandbox and the credentials that it takes.
    #[must_use]
    pub fn info(&self) -> Info {
        let keys = self.state.keys();
        Info {
            endpoint: self.endpoint.clone(),
            api_key: keys.api_key,
            publishable_key: keys.publishable_key,
            personal_access_token: keys.personal_access_token,
            workspace_id: keys.workspace_id.to_string(),
            device_ids: keys.device_ids.iter().map(Id::to_string).collect(),
            user_identity_id: self.demo.user_identity_id.as_ref().map(Id::to_string),
            client_session_token: self.demo.client_session_token.clone(),
        }
    }

    /// Returns the whole state as text, for tests that compare two states.
    #[doc(hidden)]
    #[must_use]
    pub fn snapshot(&self) -> String {
        self.state.snapshot()
    }
}

fn start(options: &Options, clock: Clock) -> Result<(State, Demo), SeedError> {
    let seed = seed::from_options(options.seed.clone(), options.devices)?;
    let start = StartOptions {
        entropy: Entropy::new(options.random_seed, options.key_seed),
        out_of_scope: options.out_of_scope,
        limits: options.rate_limits.unwrap_or(true),
        attempt_ms: options.attempt_ms,
        now: clock.now(),
    };
    let (mut state, demo) = State::start(seed, start)?;
    for (index, fault) in options.faults.iter().enumerate() {
        input::check(schema::fault(), fault.clone())
            .and_then(|it| state.faults_mut().add(it))
            .map_err(|it| SeedError::new(format!("fault {}: {}", index + 1, it.message())))?;
    }
    Ok((state, demo))
}
