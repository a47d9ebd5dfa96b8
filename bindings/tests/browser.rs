//! The boundary in real browsers, in a page and in a dedicated worker, against a real sandbox
//! across origins. `cargo xtask test` starts the sandbox and says where it is; it also chooses
//! the place, so no `wasm_bindgen_test_configure!` does.
#![cfg(target_arch = "wasm32")]
#![expect(missing_docs, reason = "a test has a name")]

use js_sys::{Function, JSON, Reflect};
use seam_session_bindings::{Client, Host};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// The line that the sandbox printed when it began to listen.
const SANDBOX: &str = match option_env!("SANDBOX_INFO") {
    Some(info) => info,
    None => "",
};

#[wasm_bindgen(inline_js = r#"
export function host(fetch) {
  return {
    ended: 0,
    browser: true,
    begin: () => new AbortController().signal,
    fetch: (request) => (fetch ?? globalThis.fetch)(request),
    async body(response) {
      const bytes = await response.arrayBuffer();
      this.answer = new TextDecoder().decode(bytes);
      return bytes;
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
export function ending(ended, how) {
  return Object.assign(host(() => { throw 0; }), { ended, fetch: how });
}
export function aborting() {
  const controller = new AbortController();
  return Object.assign(host(), {
    ended: 2,
    begin: () => controller.signal,
    fetch(request) {
      const answer = fetch(request);
      controller.abort();
      return answer.catch((error) => { this.answer = error.name; throw error; });
    },
  });
}
export function recording() {
  return host(async function (request) {
    const { method, mode, credentials, cache, redirect, headers } = request;
    const body = await request.text();
    const names = [...headers.keys()].sort().join();
    const seen = [method, mode, credentials, cache, redirect, body, names].join(" ");
    return Response.json({ devices: [], seen });
  });
}
"#)]
extern "C" {
    fn host(fetch: Option<Function>) -> Host;
    fn ending(ended: u8, how: Function) -> Host;
    fn aborting() -> Host;
    fn recording() -> Host;
}

fn sandbox(name: &str) -> JsValue {
    let info = JSON::parse(SANDBOX).expect("SANDBOX_INFO is set by cargo xtask test");
    Reflect::get(&info, &name.into()).unwrap()
}

/// A member of an error, which is a list (src/error.rs).
fn of_error(error: &JsValue, name: &str) -> String {
    let at = match name {
        "code" => 1,
        "outcome" => 3,
        "reason" => 10,
        other => panic!("{other}"),
    };
    let members = js_sys::Array::from(error);
    members.get(at).as_string().unwrap_or_default()
}

fn text(value: &JsValue, name: &str) -> String {
    Reflect::get(value, &name.into())
        .unwrap()
        .as_string()
        .unwrap_or_default()
}

fn client() -> Client {
    let token = sandbox("client_session_token").as_string().unwrap();
    let endpoint = sandbox("endpoint").as_string();
    Client::new("clientSessionToken", token, None, endpoint, 2).unwrap()
}

async fn call(client: &Client, host: Host, path: &str, params: &str) -> Result<String, JsValue> {
    let key = match path {
        "/devices/list" => "devices",
        "/devices/get" => "device",
        _ => "action_attempt",
    };
    let now = js_sys::Date::now();
    let (params, key) = (Some(params.to_owned()), Some(key.to_owned()));
    let kept: JsValue = host.clone().into();
    let promise = client.call(host, path, params, key, Some(10_000.0), 1_000.0, now);
    JsFuture::from(promise).await?;
    Ok(text(&kept, "answer"))
}

fn device(id: &str) -> String {
    format!(r#"{{"device_id":"{id}"}}"#)
}

/// The granted device's id, and that of another one.
async fn devices() -> (String, String) {
    let body = call(&client(), host(None), "/devices/list", "{}")
        .await
        .unwrap();
    let list = Reflect::get(&JSON::parse(&body).unwrap(), &"devices".into()).unwrap();
    let list = js_sys::Array::from(&list);
    assert_eq!(list.length(), 1, "the demo user was granted one device");
    let granted = text(&list.get(0), "device_id");
    let other = js_sys::Array::from(&sandbox("device_ids"))
        .iter()
        .map(|id| id.as_string().unwrap())
        .find(|id| *id != granted)
        .unwrap();
    (granted, other)
}

#[wasm_bindgen_test]
async fn lists_exactly_the_granted_device_across_origins() {
    let (granted, other) = devices().await;
    assert_ne!(granted, other);
}

#[wasm_bindgen_test]
async fn unlocks_the_granted_device_and_waits_for_the_attempt() {
    let (granted, _) = devices().await;
    let body = call(
        &client(),
        host(None),
        "/locks/unlock_door",
        &device(&granted),
    )
    .await;
    let attempt = JSON::parse(&body.unwrap()).unwrap();
    let attempt = Reflect::get(&attempt, &"action_attempt".into()).unwrap();
    assert_eq!(text(&attempt, "status"), "success");
}

#[wasm_bindgen_test]
async fn a_device_that_was_not_granted_is_refused_as_one_that_does_not_exist() {
    let (_, other) = devices().await;
    let nobody = device("00000000-0000-4000-8000-000000000000");
    for path in ["/devices/get", "/locks/unlock_door"] {
        for params in [&device(&other), &nobody] {
            let error = call(&client(), host(None), path, params).await.unwrap_err();
            assert_eq!(of_error(&error, "code"), "device_not_found");
            assert_eq!(of_error(&error, "outcome"), "refused");
        }
    }
}

#[wasm_bindgen_test]
async fn a_token_that_is_unknown_is_an_error_that_does_not_show_it() {
    let endpoint = sandbox("endpoint").as_string();
    let token = "seam_cst1unknown_hunter2".to_owned();
    let client = Client::new("clientSessionToken", token, None, endpoint, 2).unwrap();
    let error = call(&client, host(None), "/devices/list", "{}")
        .await
        .unwrap_err();
    assert_eq!(of_error(&error, "code"), "unauthorized");
    assert_eq!(of_error(&error, "reason"), "token_refused");
    let shown = JSON::stringify(&error).unwrap().as_string().unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[wasm_bindgen_test]
fn a_client_of_nonsense_is_refused_with_a_plain_object() {
    let make = |token: &str, endpoint: &str| {
        let (token, endpoint) = (token.to_owned(), Some(endpoint.to_owned()));
        Client::new("clientSessionToken", token, None, endpoint, 2).err()
    };
    let error = make("seam_cst1a\nb", "https://example.com").unwrap();
    assert_eq!(of_error(&error, "code"), "invalid_token");
    let error = make("seam_cst1ab", "http://example.com").unwrap();
    assert_eq!(of_error(&error, "code"), "invalid_endpoint");
}

#[wasm_bindgen_test]
async fn whatever_a_fetch_throws_or_answers_settles_the_call() {
    let cases = [
        (0, "undefined", "network_error"),
        (0, "'a string'", "network_error"),
        (0, "{ not: 'an error' }", "network_error"),
        (1, "null", "timeout"),
        (3, "1", "invalid_fetch"),
    ];
    for (ended, thrown, code) in cases {
        let fetch = Function::new_no_args(&format!("return Promise.reject({thrown})"));
        let endpoint = sandbox("endpoint").as_string();
        let token = "seam_cst1abc_def".to_owned();
        let client = Client::new("clientSessionToken", token, None, endpoint, 0).unwrap();
        let error = call(&client, ending(ended, fetch), "/devices/list", "{}").await;
        assert_eq!(of_error(&error.unwrap_err(), "code"), code, "{thrown}");
    }
}

#[wasm_bindgen_test]
async fn an_abort_ends_the_call_with_nothing_to_say() {
    let fetch = Function::new_no_args("return Promise.reject()");
    let error = call(&client(), ending(2, fetch), "/devices/list", "{}").await;
    assert!(error.unwrap_err().is_undefined());
}

#[wasm_bindgen_test]
async fn a_redirect_is_not_followed() {
    let fetch = Function::new_no_args(
        "return Promise.resolve(Response.redirect('https://evil.example/', 307))",
    );
    let error = call(&client(), host(Some(fetch)), "/devices/list", "{}").await;
    assert_eq!(of_error(&error.unwrap_err(), "code"), "redirected");
}

#[wasm_bindgen_test]
async fn a_request_carries_no_cookie_fills_no_cache_and_has_the_headers_that_cors_lets_through() {
    let body = call(&client(), recording(), "/devices/list", "{}")
        .await
        .unwrap();
    assert_eq!(
        text(&JSON::parse(&body).unwrap(), "seen"),
        "POST cors omit no-store manual {} \
         accept,authorization,client-session-token,content-type,seam-sdk-name,seam-sdk-version"
    );
}

#[wasm_bindgen_test]
async fn an_abort_reaches_the_request_that_is_under_way() {
    let host = aborting();
    let kept: JsValue = host.clone().into();
    let error = call(&client(), host, "/devices/list", "{}").await;
    assert!(error.unwrap_err().is_undefined());
    assert_eq!(text(&kept, "answer"), "AbortError");
}

#[wasm_bindgen_test]
async fn calls_at_once_get_each_its_own_answer_also_when_the_client_is_gone() {
    let (granted, _) = devices().await;
    let client = client();
    let calls: Vec<_> = ["/devices/list", "/devices/get", "/devices/list"]
        .into_iter()
        .map(|path| {
            let host = host(None);
            let kept: JsValue = host.clone().into();
            let params = Some(if path == "/devices/get" {
                device(&granted)
            } else {
                "{}".to_owned()
            });
            let now = js_sys::Date::now();
            (
                path,
                kept,
                client.call(host, path, params, None, None, 0.0, now),
            )
        })
        .collect();
    drop(client);
    for (path, kept, promise) in calls {
        JsFuture::from(promise).await.unwrap();
        let answer = text(&kept, "answer");
        assert!(answer.contains(&granted), "{path}: {answer}");
        let key = path
            .replace("/devices/get", "device")
            .replace("/devices/list", "devices");
        let body = JSON::parse(&answer).unwrap();
        assert!(
            Reflect::has(&body, &key.as_str().into()).unwrap(),
            "{path}: {answer}"
        );
    }
}
