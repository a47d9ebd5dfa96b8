//! A sandbox and helpers to call it.

use seam_session_sandbox::{Options, Request, Response, Sandbox};
use serde_json::{Value, json};

use crate::responses;

/// 2026-11-23T08:30:00Z.
pub(crate) const START: u64 = 1_795_422_600_000;
/// Milliseconds after which an action attempt has ended.
pub(crate) const AFTER_ATTEMPT: u64 = 1_000;

/// The caller of a request.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    ApiKey,
    Token(String),
    Publishable,
    Nobody,
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) now: u64,
    /// Whether the state is random, so that its responses need not fit the OpenAPI.
    pub(crate) has_random_state: bool,
}

/// A response. Errors are without their request id, which differs in each.
#[derive(Debug, PartialEq)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl ApiResponse {
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
            has_random_state: false,
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
        if !self.has_random_state {
            responses::log(target, &response);
        }
        response
    }

    pub(crate) fn send(
        &mut self,
        caller: &Caller,
        method: &str,
        target: &str,
        body: &str,
    ) -> ApiResponse {
        let info = self.sandbox.info();
        let credential = match caller {
            Caller::ApiKey => ("authorization", format!("Bearer {}", info.api_key)),
            Caller::Token(token) => ("client-session-token", token.clone()),
            Caller::Publishable => ("seam-publishable-key", info.publishable_key),
            Caller::Nobody => ("accept", "*/*".to_owned()),
        };
        let headers = [
            (credential.0, credential.1.as_str()),
            ("content-type", "application/json"),
        ];
        let response = self.raw(method, target, &headers, body);
        let mut body: Value = serde_json::from_str(&response.body).expect("a JSON body");
        if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
            let request_id = error.shift_remove("request_id");
            assert!(request_id.is_some(), "{target}: {}", response.body);
        }
        ApiResponse {
            status: response.status,
            body,
        }
    }

    pub(crate) fn post(&mut self, caller: &Caller, path: &str, params: Value) -> ApiResponse {
        self.send(caller, "POST", path, &params.to_string())
    }

    pub(crate) fn get(&mut self, caller: &Caller, target: &str) -> ApiResponse {
        self.send(caller, "GET", target, "")
    }

    /// Makes a request that must succeed, and returns the body.
    pub(crate) fn expect_ok(&mut self, caller: &Caller, path: &str, params: Value) -> Value {
        let response = self.post(caller, path, params);
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        response.body
    }

    /// Creates a user identity and returns its id.
    pub(crate) fn identity(&mut self, key: &str) -> String {
        let created = self.expect_ok(
            &Caller::ApiKey,
            "/user_identities/create",
            json!({ "user_identity_key": key }),
        );
        text(&created["user_identity"]["user_identity_id"])
    }

    pub(crate) fn grant(&mut self, identity: &str, device: &str) {
        let params = json!({ "user_identity_id": identity, "device_id": device });
        self.expect_ok(
            &Caller::ApiKey,
            "/user_identities/grant_access_to_device",
            params,
        );
    }

    pub(crate) fn revoke(&mut self, identity: &str, device: &str) {
        let params = json!({ "user_identity_id": identity, "device_id": device });
        self.expect_ok(
            &Caller::ApiKey,
            "/user_identities/revoke_access_to_device",
            params,
        );
    }

    /// Creates a client session and returns its object.
    pub(crate) fn session(&mut self, params: Value) -> Value {
        let mut created = self.expect_ok(&Caller::ApiKey, "/client_sessions/create", params);
        created["client_session"].take()
    }

    /// Creates a session of this identity.
    pub(crate) fn token(&mut self, identity: &str) -> Caller {
        let session = self.session(json!({ "user_identity_id": identity }));
        Caller::Token(text(&session["token"]))
    }

    /// Returns the id of the default device of this name.
    pub(crate) fn device(&mut self, name: &str) -> String {
        let found = self.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": name }));
        text(&found["device"]["device_id"])
    }
}
