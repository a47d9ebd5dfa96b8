//! The sandbox that is compared with the model.

use seam_session_sandbox::{Options, Request, Sandbox};
use serde_json::{Value, json};

use crate::model::{Device, Ids, Kind, Model, Session};
use crate::steps::{Known, SPACES, Step};
use crate::time::START;

pub(crate) struct World {
    sandbox: Sandbox,
    pub(crate) now: u64,
}

impl World {
    /// Creates a workspace with two accounts, three devices, and a guest; and the model of it.
    pub(crate) fn new(seed: u64) -> (Self, Model, Known) {
        let options = json!({
            "random_seed": seed,
            "rate_limits": false,
            "seed": {
                "connected_accounts": [{ "name": "house" }, { "name": "annex" }],
                "devices": [
                    { "device_type": "yale_lock", "display_name": "Front", "space_ids": [SPACES[0]] },
                    {
                        "device_type": "ecobee_thermostat",
                        "display_name": "Hall",
                        "can_simulate_disconnection": true,
                    },
                    {
                        "device_type": "yale_lock",
                        "display_name": "Shed",
                        "connected_account": "annex",
                        "space_ids": [SPACES[1]],
                    },
                ],
                "user_identities": [{ "user_identity_key": "guest", "devices": ["Front"] }],
                "client_sessions": [{ "user_identity_key": "guest" }],
            },
        });
        let options: Options = serde_json::from_value(options).expect("valid options");
        let sandbox = Sandbox::new(options, START).expect("a valid seed");
        let mut world = Self {
            sandbox,
            now: START,
        };
        let (model, known) = world.read();
        (world, model, known)
    }

    /// Reads the model from the workspace that the seed has created.
    fn read(&mut self) -> (Model, Known) {
        let info = self.sandbox.info();
        let mut model = Model {
            now: START,
            ..Model::default()
        };
        let mut known = Known::default();
        let webviews = self.items("/connect_webviews/list", "connect_webviews");
        for it in &webviews {
            let account = text(&it["connected_account_id"]);
            model
                .accounts
                .insert(account, Some(text(&it["connect_webview_id"])));
            model
                .webviews
                .insert(text(&it["connect_webview_id"]), false);
        }
        for it in &self.items("/devices/list", "devices") {
            let device = Device {
                account: text(&it["connected_account_id"]),
                kind: if it["device_type"] == "yale_lock" {
                    Kind::Lock
                } else {
                    Kind::Thermostat
                },
                is_managed: true,
                is_online: true,
                spaces: it["space_ids"][0]
                    .as_str()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            };
            model.devices.insert(text(&it["device_id"]), device);
        }
        let identity = info.user_identity_id.expect("a guest");
        let granted = Ids::from([info.device_ids[0].clone()]);
        model.identities.insert(identity.clone(), granted);
        for it in &self.items("/client_sessions/list", "client_sessions") {
            let session = Session {
                token: text(&it["token"]),
                key: None,
                identity: Some(identity.clone()),
                accounts: Ids::new(),
                webviews: Ids::new(),
                expires_at: u64::MAX,
                is_revoked: false,
                only_grant: None,
            };
            let id = text(&it["client_session_id"]);
            known.sessions.push((id.clone(), session.token.clone()));
            model.sessions.insert(id, session);
        }
        let spaces = model.devices.values().flat_map(|it| it.spaces.clone());
        model.spaces = spaces.collect();
        known.spaces.extend(model.spaces.iter().cloned());
        known.devices.extend(model.devices.keys().cloned());
        known.accounts.extend(model.accounts.keys().cloned());
        known.webviews.extend(model.webviews.keys().cloned());
        known.identities.push(identity);
        (model, known)
    }

    fn items(&mut self, path: &str, list: &str) -> Vec<Value> {
        self.found(path, list, json!({}))
    }

    /// Returns the items of a list that match these parameters, as the API key sees them.
    pub(crate) fn found(&mut self, path: &str, list: &str, params: Value) -> Vec<Value> {
        let key = self.sandbox.info().api_key;
        let (status, mut body) = self.send(
            "authorization",
            &format!("Bearer {key}"),
            "POST",
            path,
            params,
        );
        assert_eq!(status, 200, "{path}: {body}");
        match body[list].take() {
            Value::Array(items) => items,
            other => panic!("{path}: {other}"),
        }
    }

    /// Runs a step and returns the response.
    pub(crate) fn run(&mut self, step: &Step, known: &Known) -> (u16, Value) {
        if let Step::Wait(milliseconds) = step {
            self.now += milliseconds;
            return (200, json!({}));
        }
        let (method, path, params) = step.request().expect("a request");
        match step.caller() {
            None => {
                let key = format!("Bearer {}", self.sandbox.info().api_key);
                self.send("authorization", &key, method, path, params)
            }
            Some(session) => {
                let mut sessions = known.sessions.iter();
                let found = sessions.find(|(id, _)| *id == session);
                let token = found.map_or("seam_cst1nobody", |(_, token)| token);
                self.send("client-session-token", token, method, path, params)
            }
        }
    }

    pub(crate) fn as_session(&mut self, token: &str, path: &str, params: Value) -> (u16, Value) {
        self.send("client-session-token", token, "POST", path, params)
    }

    fn send(
        &mut self,
        name: &str,
        credential: &str,
        method: &str,
        path: &str,
        params: Value,
    ) -> (u16, Value) {
        let headers = [(name, credential), ("content-type", "application/json")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = Request {
            method: method.to_owned(),
            target: path.to_owned(),
            headers: headers.to_vec(),
            body: params.to_string().into_bytes(),
        };
        let response = self.sandbox.handle(&request, self.now);
        let body = serde_json::from_str(&response.body).expect("a JSON body");
        (response.status, body)
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
