//! A sandbox server, which ends with its test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use seam_session::resources::Value;

pub(crate) struct Sandbox {
    server: Child,
    /// What it printed when it was ready.
    pub(crate) info: Value,
}

impl Sandbox {
    pub(crate) fn start(args: &[&str]) -> Self {
        let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/dist/cli.js");
        assert!(
            cli.is_file(),
            "the sandbox is not built: run `cargo xtask build`"
        );
        let mut server = Command::new("node")
            .arg(cli)
            .args(["sandbox", "--port", "0", "--json", "--exit-with-stdin"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = server.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let info = serde_json::from_str(&line).unwrap();
        Self { server, info }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.info[name].as_str().unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
