//! Logs every successful response of the tests for `tests/sandbox/openapi.test.mjs`, which checks them
//! against Seam's OpenAPI. The file is named by an environment variable and has a line `[path,
//! body]` for each response.

use std::collections::HashSet;
use std::env;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use seam_session_sandbox::Response;

const VARIABLE: &str = "SANDBOX_ANSWERS";

struct ResponseLog {
    file: File,
    seen: HashSet<String>,
}

/// Logs a response, unless it was logged before or the variable is not set.
pub(crate) fn log(target: &str, response: &Response) {
    static LOG: OnceLock<Option<Mutex<ResponseLog>>> = OnceLock::new();
    let responses = LOG.get_or_init(|| {
        let path = env::var_os(VARIABLE)?;
        let file = File::create(path).expect("a file for the responses");
        let seen = HashSet::new();
        Some(Mutex::new(ResponseLog { file, seen }))
    });
    let Some(responses) = responses.as_ref().filter(|_| response.status == 200) else {
        return;
    };
    let path = target.split('?').next().unwrap_or_default();
    // The sandbox's own routes are not in the OpenAPI, and not all of their responses are JSON.
    if response.body.is_empty() || path.starts_with("/_sandbox/") {
        return;
    }
    let line = format!("[{},{}]\n", serde_json::json!(path), response.body);
    let mut responses = responses.lock().expect("no test has failed in here");
    if responses.seen.insert(line.clone()) {
        let written = responses.file.write_all(line.as_bytes());
        written.expect("a writable file");
    }
}
