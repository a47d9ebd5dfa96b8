use std::rc::Rc;

use js_sys::{Date, Math, Promise};
use seam_session::{Call, CallOptions, ClientOptions, Command, CredentialKind, Event, Polling};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::error::thrown;
use crate::host::Host;
use crate::send::{Aborted, send};

/// A client with one credential and one endpoint.
#[wasm_bindgen]
pub struct Client(Rc<seam_session::Client>);

#[wasm_bindgen]
impl Client {
    /// Checks the credential and the endpoint. `kind` is the name of the option
    /// that the token came in: `apiKey`, `clientSessionToken`, `publishableKey`
    /// or `personalAccessToken`.
    ///
    /// # Errors
    /// A plain object that describes the error.
    #[wasm_bindgen(constructor)]
    pub fn new(
        kind: &str,
        token: String,
        workspace_id: Option<String>,
        endpoint: Option<String>,
        max_retries: u32,
    ) -> Result<Client, JsValue> {
        let kind = [
            CredentialKind::ApiKey,
            CredentialKind::PublishableKey,
            CredentialKind::PersonalAccessToken,
        ]
        .into_iter()
        .find(|known| known.option() == kind)
        .unwrap_or(CredentialKind::ClientSessionToken);
        let options = ClientOptions {
            kind,
            token,
            workspace_id,
            endpoint,
            max_retries,
        };
        match seam_session::Client::new(options) {
            Ok(client) => Ok(Self(client)),
            Err(error) => Err(thrown(&error)),
        }
    }

    /// Calls `path` with `params`, the text of a JSON object. When the
    /// promise resolves, the body that the host gave last is the answer; it rejects with a plain object that
    /// describes the error, or with `undefined` after an abort.
    ///
    /// `polling_timeout` and `polling_interval` are in milliseconds; without
    /// the first, an action attempt in the answer is not waited for.
    /// `called_at` is in milliseconds since 1970.
    #[expect(
        clippy::too_many_arguments,
        reason = "an options object would cost 12 KB of deserialiser"
    )]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "JavaScript's values come by value"
    )]
    pub fn call(
        &self,
        host: Host,
        path: &str,
        params: Option<String>,
        response_key: Option<String>,
        polling_timeout: Option<f64>,
        polling_interval: f64,
        called_at: f64,
    ) -> Promise {
        let call = polling_timeout
            .map(|timeout| Polling::new(timeout, polling_interval))
            .transpose()
            .and_then(|polling| {
                let options = CallOptions {
                    response_key,
                    polling,
                    called_at: millis(called_at),
                };
                self.0.call(path, params.as_deref(), options)
            });
        let client = Rc::clone(&self.0);
        future_to_promise(async move {
            match call {
                Ok(call) => run(&client, &host, call).await,
                Err(error) => Err(thrown(&error)),
            }
        })
    }
}

/// Obeys the core until it gives the answer.
async fn run(
    client: &seam_session::Client,
    host: &Host,
    mut call: Call,
) -> Result<JsValue, JsValue> {
    let mut event = Event::Start;
    loop {
        event = match call.step(event, millis(Date::now()), jitter()) {
            Command::Send { request, limit } => {
                match send(host, client.endpoint(), request, limit).await {
                    Ok(event) => event,
                    Err(Aborted) => return Err(JsValue::UNDEFINED),
                }
            }
            Command::Wait(ms) => {
                #[expect(clippy::cast_precision_loss, reason = "waits are at most a minute")]
                JsFuture::from(host.wait(ms as f64)).await?;
                Event::Waited
            }
            // JavaScript has the bytes still: they need not cross back.
            Command::Done(_) => return Ok(JsValue::UNDEFINED),
            Command::Fail(error) => return Err(thrown(&error)),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates: what is negative or no number is 0"
)]
fn millis(value: f64) -> u64 {
    value as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 1000"
)]
fn jitter() -> u32 {
    (Math::random() * 1_000.0) as u32
}
