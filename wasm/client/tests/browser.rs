//! The boundary in real browsers, in a page and in a dedicated worker, against a real sandbox of
//! another origin. `cargo xtask test` starts the sandbox and sets its address, and chooses the
//! context, so there is no `wasm_bindgen_test_configure!`.
#![cfg(target_arch = "wasm32")]
#![expect(missing_docs, reason = "a test has a name")]

use js_sys::{Array, Function, JSON, Promise, Reflect};
use seam_session_wasm_client::JsHost;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// The line that the sandbox printed when it was ready.
const SANDBOX: &str = match option_env!("SANDBOX_INFO") {
    Some(info) => info,
    None => "",
};

#[wasm_bindgen(inline_js = r#"
const answer = (status, body) => ({
  status,
  body,
  text: (path) =>
    path.split(".").reduce((value, name) => value?.[name], body) ?? undefined,
  shape: (member) => (member in body ? 0 : 1),
  retryAfter: () => -1,
});
export function host(texts, fetch) {
  const host = {
    now: () => performance.now(),
    text: (name) => texts[name] ?? undefined,
    begin: () => ({ signal: new AbortController().signal, redirect: "manual" }),
    request: (url, init) => new Request(url, init),
    async fetch(request) {
      const response = await (fetch ?? globalThis.fetch)(request);
      const body = await response.json().catch(() => ({}));
      return (this.answer = answer(response.type === "opaqueredirect" ? 300 : response.status, body));
    },
    wait: (ms) =>
      new Promise((resolve) => setTimeout(() => resolve(answer(-5)), ms)),
  };
  host.ended = new Promise((resolve, reject) => {
    host.done = () => resolve(JSON.stringify(host.answer.body));
    host.fail = (...thrown) => reject(thrown);
  });
  return host;
}
export const now = () => performance.now();
export const ended = (host) => host.ended;
export function ending(texts, status) {
  const over = host(texts);
  return Object.assign(over, { fetch: async () => answer(status) });
}
"#)]
extern "C" {
    fn host(texts: &JsValue, fetch: Option<Function>) -> JsHost;
    fn ending(texts: &JsValue, status: i16) -> JsHost;

    fn now() -> f64;

    fn ended(host: &JsHost) -> Promise;
}

fn sandbox(name: &str) -> JsValue {
    let info = JSON::parse(SANDBOX).expect("SANDBOX_INFO is set by cargo xtask test");
    Reflect::get(&info, &name.into()).unwrap()
}

/// Returns a part of an error, which is a list (src/error.rs). Numbers are returned as digits.
fn of_error(error: &JsValue, name: &str) -> String {
    let members = Array::from(error);
    let number = |at| format!("{:?}", members.get(at).as_f64());
    let texts = Array::from(&members.get(3));
    match name {
        "outcome" => number(1),
        "reason" => number(2),
        "code" => texts.get(0).as_string().unwrap_or_default(),
        other => panic!("{other}"),
    }
}

fn text(value: &JsValue, name: &str) -> String {
    Reflect::get(value, &name.into())
        .unwrap()
        .as_string()
        .unwrap_or_default()
}

/// The string properties of a call with the sandbox's demo token.
fn texts(path: &str, params: &str) -> JsValue {
    let token = text_of(&sandbox("client_session_token"));
    with(&token, &text_of(&sandbox("endpoint")), path, params)
}

fn text_of(value: &JsValue) -> String {
    value.as_string().unwrap()
}

fn with(token: &str, endpoint: &str, path: &str, params: &str) -> JsValue {
    let key = match path {
        "/devices/list" => "devices",
        "/devices/get" => "device",
        _ => "action_attempt",
    };
    let texts = js_sys::Object::new();
    for (name, value) in [
        ("kind", "clientSessionToken"),
        ("token", token),
        ("endpoint", endpoint),
        ("path", path),
        ("params", params),
        ("responseKey", key),
    ] {
        Reflect::set(&texts, &name.into(), &value.into()).unwrap();
    }
    texts.into()
}

/// Makes the call and returns the text of its response, or the list that describes its error.
async fn call(host: JsHost) -> Result<String, JsValue> {
    let over = ended(&host);
    // An unknown kind of route, which counts as an action.
    let wall = js_sys::Date::now();
    seam_session_wasm_client::call(host, 255, 2, Some(10_000.0), 1_000.0, now(), wall);
    JsFuture::from(over).await.map(|body| text_of(&body))
}

fn device(id: &str) -> String {
    format!(r#"{{"device_id":"{id}"}}"#)
}

/// Returns the ids of the granted device and of another one.
async fn devices() -> (String, String) {
    let body = call(host(&texts("/devices/list", "{}"), None))
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
async fn exactly_the_granted_device_is_listed_across_origins() {
    let (granted, other) = devices().await;
    assert_ne!(granted, other);
}

#[wasm_bindgen_test]
async fn the_granted_device_is_unlocked_and_its_attempt_awaited() {
    let (granted, _) = devices().await;
    let unlock = texts("/locks/unlock_door", &device(&granted));
    let body = call(host(&unlock, None)).await;
    let attempt = JSON::parse(&body.unwrap()).unwrap();
    let attempt = Reflect::get(&attempt, &"action_attempt".into()).unwrap();
    assert_eq!(text(&attempt, "status"), "success");
}

#[wasm_bindgen_test]
async fn a_device_that_was_not_granted_is_rejected_like_one_that_does_not_exist() {
    let (_, other) = devices().await;
    let nobody = device("00000000-0000-4000-8000-000000000000");
    for path in ["/devices/get", "/locks/unlock_door"] {
        for params in [&device(&other), &nobody] {
            let error = call(host(&texts(path, params), None)).await.unwrap_err();
            assert_eq!(of_error(&error, "code"), "device_not_found");
            assert_eq!(of_error(&error, "outcome"), "Some(1.0)");
        }
    }
}

#[wasm_bindgen_test]
async fn the_error_of_an_unknown_token_does_not_show_it() {
    let endpoint = text_of(&sandbox("endpoint"));
    let texts = with("seam_cst1unknown_hunter2", &endpoint, "/devices/list", "{}");
    let error = call(host(&texts, None)).await.unwrap_err();
    assert_eq!(of_error(&error, "code"), "unauthorized");
    assert_eq!(of_error(&error, "reason"), "Some(1.0)");
    let shown = JSON::stringify(&error).unwrap().as_string().unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[wasm_bindgen_test]
async fn invalid_options_are_rejected_before_anything_is_sent() {
    let cases = [
        (
            "seam_cst1a\nb",
            "https://example.com",
            "/x",
            "invalid_token",
        ),
        (
            "seam_cst1ab",
            "http://example.com",
            "/x",
            "invalid_endpoint",
        ),
        ("seam_cst1ab", "https://example.com", "//x", "invalid_path"),
    ];
    for (token, endpoint, path, code) in cases {
        let fetch = Function::new_no_args("throw new Error('sent')");
        let error = call(host(&with(token, endpoint, path, "{}"), Some(fetch))).await;
        let error = error.unwrap_err();
        assert_eq!(of_error(&error, "code"), code);
        assert_eq!(of_error(&error, "outcome"), "Some(0.0)");
    }
}

#[wasm_bindgen_test]
async fn every_reason_for_no_response_has_its_error() {
    for (status, code) in [
        (-1, "network_error"),
        (-2, "timeout"),
        (-4, "invalid_fetch"),
    ] {
        let error = call(ending(&texts("/locks/unlock_door", "{}"), status)).await;
        assert_eq!(of_error(&error.unwrap_err(), "code"), code);
    }
}

#[wasm_bindgen_test]
async fn an_aborted_call_ends_without_a_result() {
    let aborted = ending(&texts("/devices/list", "{}"), -3);
    let over = ended(&aborted);
    seam_session_wasm_client::call(aborted, 255, 0, None, 0.0, now(), js_sys::Date::now());
    // Another call has ended meanwhile, and the aborted one has not.
    let _ = devices().await;
    let nothing = JsValue::from_str("nothing");
    let first = Promise::race(&Array::of2(&over, &nothing));
    assert_eq!(text_of(&JsFuture::from(first).await.unwrap()), "nothing");
}

#[wasm_bindgen_test]
async fn a_redirect_is_not_followed() {
    let fetch = Function::new_no_args(
        "return Promise.resolve(Response.redirect('https://evil.example/', 307))",
    );
    let error = call(host(&texts("/devices/list", "{}"), Some(fetch))).await;
    assert_eq!(of_error(&error.unwrap_err(), "code"), "redirected");
}
