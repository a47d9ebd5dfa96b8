use js_sys::{Date, Math};
use seam_session::millis::{as_number, millis};
use seam_session::{
    Call, CallError, CallOptions, Client, Command, Credential, CredentialKind, Error, Event,
    Moment, PollOptions, Route, TransportError,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::error::fail;
use crate::host::{JsHost, JsResponse};
use crate::request::build;

/// Makes the call that `host` describes. It ends with one `done` or `fail` of the host, or with
/// neither after an abort.
///
/// `kind` is the index of the route's kind in the core's list, or any other number for an unknown
/// route. `polling_timeout` and `polling_interval` are in milliseconds; without `polling_timeout`,
/// the call does not wait for an action attempt in the response. `called_at` is when the caller
/// made the call, by [`JsHost::now`]; `wall` is the same moment in milliseconds since 1970, or 0
/// for a read.
#[wasm_bindgen]
pub fn call(
    host: JsHost,
    kind: u8,
    max_retries: u32,
    polling_timeout: Option<f64>,
    polling_interval: f64,
    called_at: f64,
    wall: f64,
) {
    let mut options = CallOptions::default();
    options.response_key = host.text("responseKey");
    options.polling =
        polling_timeout.map(|timeout| PollOptions::from_millis(timeout, polling_interval));
    options.called_at = Some(Moment {
        monotonic: millis(called_at),
        wall: millis(wall),
    });
    match begin(&host, kind, max_retries, options) {
        Ok((client, call)) => spawn_local(run(host, client, call, wall == 0.0)),
        Err(error) => fail(&host, *CallError::new(error)),
    }
}

fn begin(
    host: &JsHost,
    kind: u8,
    max_retries: u32,
    options: CallOptions,
) -> Result<(Client, Call<JsResponse>), Error> {
    let option = host.text("kind").unwrap_or_default();
    // JavaScript has checked the token before it loaded the module.
    let credential = Credential::accept(
        [
            CredentialKind::ApiKey,
            CredentialKind::PublishableKey,
            CredentialKind::PersonalAccessToken,
        ]
        .into_iter()
        .find(|kind| kind.option() == option)
        .unwrap_or(CredentialKind::ClientSessionToken),
        host.text("token").unwrap_or_default(),
        host.text("workspaceId"),
    )?;
    let client = Client::with(credential, host.text("endpoint").as_deref(), max_retries)?;
    let path = host.text("path").unwrap_or_default();
    let route = Route::with_kind(&path, kind)?;
    let call = client.call_route(route, host.text("params").as_deref(), options)?;
    Ok((client, call))
}

/// Executes the commands of the call until it ends. A read uses neither the wall clock nor
/// randomness before its first response: a framework that renders on a server takes either as a
/// sign that the page cannot be cached.
async fn run(host: JsHost, client: Client, mut call: Call<JsResponse>, is_read: bool) {
    let mut event = Event::Start;
    loop {
        let monotonic = millis(host.now());
        let wall = if is_read { 0 } else { millis(Date::now()) };
        let jitter = if matches!(event, Event::Start) {
            0
        } else {
            jitter()
        };
        let promise = match call.step(event, Moment { monotonic, wall }, jitter) {
            Command::Send { request, limit } => {
                match build(&host, client.endpoint(), &request, limit) {
                    Ok((request, init)) => host.fetch(request, init),
                    Err(error) => {
                        event = Event::Failed(error);
                        continue;
                    }
                }
            }
            Command::Wait(ms) => host.wait(as_number(ms)),
            // JavaScript still has the response.
            Command::Done(_) => return host.done(),
            Command::Fail(error) => return fail(&host, *error),
            Command::Ignore => return,
        };
        let Ok(response) = JsFuture::from(promise).await else {
            return;
        };
        let response: JsResponse = response.unchecked_into();
        event = match response.status() {
            -1 => Event::Failed(TransportError::Network),
            -2 => Event::Failed(TransportError::TimedOut),
            -3 => return,
            -4 => Event::Failed(TransportError::NotAResponse),
            -5 => Event::Waited,
            _ => Event::Response(response),
        };
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 1000"
)]
fn jitter() -> u32 {
    (Math::random() * 1_000.0) as u32
}
