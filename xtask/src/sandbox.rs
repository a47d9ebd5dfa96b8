//! A sandbox server for the browser tests. It stops when it is dropped, and also when this process
//! ends in another way, because its standard input is closed then.

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const CLI: &str = "pkg/dist/cli.js";
const START: Duration = Duration::from_secs(30);

/// The environment variables of the tests, and the field of the server's first line for each.
const VARIABLES: [(&str, &str); 6] = [
    ("SANDBOX_ENDPOINT", "endpoint"),
    ("SANDBOX_TOKEN", "client_session_token"),
    ("SANDBOX_API_KEY", "api_key"),
    ("SANDBOX_PUBLISHABLE_KEY", "publishable_key"),
    ("SANDBOX_WORKSPACE_ID", "workspace_id"),
    ("SANDBOX_USER_IDENTITY_ID", "user_identity_id"),
];

/// A running sandbox server.
#[derive(Debug)]
pub(crate) struct Sandbox {
    server: Child,
    line: String,
}

impl Sandbox {
    /// Starts the server on a free port, and waits for the line with its address.
    ///
    /// # Errors
    ///
    /// If the server ends, or prints nothing for half a minute.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let log = workspace.logs().join("sandbox.log");
        let errors = File::create(&log).map_err(Failure::from_io(format!(
            "{} cannot be written",
            log.display()
        )))?;
        let mut server = process::command(workspace, "node")
            .args([CLI, "sandbox", "--port", "0", "--json", "--exit-with-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(Failure::from_io("`node` cannot be started"))?;
        let output = server.stdout.take();
        let mut sandbox = Self {
            server,
            line: String::new(),
        };
        let (sender, receiver) = mpsc::channel();
        // Keeps reading after the first line, so that the server never writes to a closed pipe.
        thread::spawn(move || {
            let lines = output
                .into_iter()
                .flat_map(|output| BufReader::new(output).lines());
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        sandbox.line = receiver.recv_timeout(START).map_err(|_| {
            Failure::with_log(
                format!("The sandbox did not start: `node {CLI} sandbox --port 0 --json`."),
                log,
            )
        })?;
        Ok(sandbox)
    }

    /// Returns the environment variables for the tests: the whole line as `SANDBOX_INFO`, its
    /// fields, and the device ids separated by commas.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let fields = VARIABLES
            .iter()
            .filter_map(|(variable, field)| Some((*variable, text(&self.line, field)?)));
        let devices = list(&self.line, "device_ids").map(|ids| ("SANDBOX_DEVICE_IDS", ids));
        fields
            .chain(devices)
            .chain([("SANDBOX_INFO", self.line.clone())])
            .collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Returns a string field of a flat JSON object. Ids, tokens and URLs need no escapes in JSON.
fn text(json: &str, field: &str) -> Option<String> {
    let value = value(json, field)?.strip_prefix('"')?;
    value.split_once('"').map(|(text, _)| text.to_owned())
}

/// Returns a field that is a list of strings, joined with commas.
fn list(json: &str, field: &str) -> Option<String> {
    let (items, _) = value(json, field)?.strip_prefix('[')?.split_once(']')?;
    Some(items.replace(['"', ' '], ""))
}

fn value<'a>(json: &'a str, field: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{field}\""))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"endpoint":"http://127.0.0.1:4","api_key" : "k","device_ids":["a", "b"],"user_identity_id":null}"#;

    #[test]
    fn the_fields_of_the_first_line_are_read() {
        assert_eq!(
            text(LINE, "endpoint").as_deref(),
            Some("http://127.0.0.1:4")
        );
        assert_eq!(text(LINE, "api_key").as_deref(), Some("k"));
        assert_eq!(list(LINE, "device_ids").as_deref(), Some("a,b"));
    }

    #[test]
    fn a_field_that_is_absent_or_null_is_not_made_up() {
        assert_eq!(text(LINE, "user_identity_id"), None);
        assert_eq!(text(LINE, "workspace_id"), None);
    }
}
