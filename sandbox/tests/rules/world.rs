//! A sandbox, and short ways to ask it.

use seam_session_sandbox::{Options, Request, Response, Sandbox};
use serde_json::{Value, json};

use crate::answers;

/// 2026-11-23T08:30:00Z.
pub(crate) const START: u64 = 1_795_422_600_000;
/// Longer than an action attempt takes.
pub(crate) const A_MOMENT: u64 = 1_000;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) enum By {
    Key,
    Token(String),
    Publishable,
    Nobody,
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) now: u64,
    /// Whether its state is a random one, so that its answers are not what they should be.
    pub(crate) is_invented: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn error(&self) -> (u16, &str) {
        let kind = self.body["error"]["type"].as_str();
        (self.status, kind.unwrap_or("no error"))
    }

    pub(crate) fn ids(&self, list: &str, id: &str) -> Vec<String> {
        let items = self.body[list].as_array().expect("a list");
        items.iter().map(|it| text(&it[id])).collect()
    }

    pub(crate) fn device_ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.ids("devices", "device_id")
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(json!({}))
    }

    pub(crate) fn with(options: Value) -> Self {
        let options: Options = serde_json::from_value(options).expect("valid options");
        let sandbox = Sandbox::new(options, START).expect("a valid seed");
        Self {
            sandbox,
            now: START,
            is_invented: false,
        }
    }

    pub(crate) fn raw(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
        };
        let response = self.sandbox.handle(&request, self.now);
        if !self.is_invented {
            answers::keep(target, &response);
        }
        response
    }

    pub(crate) fn ask(&mut self, by: &By, method: &str, target: &str, body: &str) -> Answer {
        let info = self.sandbox.info();
        let credential = match by {
            By::Key => ("authorization", format!("Bearer {}", info.api_key)),
            By::Token(token) => ("client-session-token", token.clone()),
            By::Publishable => ("seam-publishable-key", info.publishable_key),
            By::Nobody => ("accept", "*/*".to_owned()),
        };
        let headers = [
            (credential.0, credential.1.as_str()),
            ("content-type", "application/json"),
        ];
        let response = self.raw(method, target, &headers, body);
        Answer {
            status: response.status,
            body: serde_json::from_str(&response.body).expect("a JSON body"),
        }
    }

    pub(crate) fn post(&mut self, by: &By, path: &str, params: Value) -> Answer {
        self.ask(by, "POST", path, &params.to_string())
    }

    pub(crate) fn get(&mut self, by: &By, target: &str) -> Answer {
        self.ask(by, "GET", target, "")
    }

    /// An answer that must be a success.
    pub(crate) fn done(&mut self, by: &By, path: &str, params: Value) -> Value {
        let answer = self.post(by, path, params);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// A new user identity's id.
    pub(crate) fn identity(&mut self, key: &str) -> String {
        let made = self.done(
            &By::Key,
            "/user_identities/create",
            json!({ "user_identity_key": key }),
        );
        text(&made["user_identity"]["user_identity_id"])
    }

    pub(crate) fn grant(&mut self, identity: &str, device: &str) {
        let params = json!({ "user_identity_id": identity, "device_id": device });
        self.done(&By::Key, "/user_identities/grant_access_to_device", params);
    }

    pub(crate) fn revoke(&mut self, identity: &str, device: &str) {
        let params = json!({ "user_identity_id": identity, "device_id": device });
        self.done(&By::Key, "/user_identities/revoke_access_to_device", params);
    }

    /// A new client session's object.
    pub(crate) fn session(&mut self, params: Value) -> Value {
        let mut made = self.done(&By::Key, "/client_sessions/create", params);
        made["client_session"].take()
    }

    /// A new session of this identity.
    pub(crate) fn token(&mut self, identity: &str) -> By {
        let session = self.session(json!({ "user_identity_id": identity }));
        By::Token(text(&session["token"]))
    }

    /// The ids of the default eight devices, by name.
    pub(crate) fn device(&mut self, name: &str) -> String {
        let found = self.done(&By::Key, "/devices/get", json!({ "name": name }));
        text(&found["device"]["device_id"])
    }
}
