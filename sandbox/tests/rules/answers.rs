//! Every successful answer of every test, for `tests/sandbox/openapi.test.mjs` to hold against Seam's
//! OpenAPI: a line of `[path, body]` each, in the file that the environment names.

use std::collections::HashSet;
use std::env;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use seam_session_sandbox::Response;

const VARIABLE: &str = "SANDBOX_ANSWERS";

struct Answers {
    file: File,
    seen: HashSet<String>,
}

/// Writes the answer down, once, if it is asked for.
pub(crate) fn keep(target: &str, response: &Response) {
    static ANSWERS: OnceLock<Option<Mutex<Answers>>> = OnceLock::new();
    let answers = ANSWERS.get_or_init(|| {
        let path = env::var_os(VARIABLE)?;
        let file = File::create(path).expect("a file for the answers");
        let seen = HashSet::new();
        Some(Mutex::new(Answers { file, seen }))
    });
    let Some(answers) = answers.as_ref().filter(|_| response.status == 200) else {
        return;
    };
    let path = target.split('?').next().unwrap_or_default();
    // What the sandbox tells of itself is not the API's, and not always JSON.
    if response.body.is_empty() || path.starts_with("/_sandbox/") {
        return;
    }
    let line = format!("[{},{}]\n", serde_json::json!(path), response.body);
    let mut answers = answers.lock().expect("no test has failed in here");
    if answers.seen.insert(line.clone()) {
        let written = answers.file.write_all(line.as_bytes());
        written.expect("a file that takes lines");
    }
}
