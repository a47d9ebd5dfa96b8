//! A virtual display (Xvfb), for a browser that cannot run headless.

use crate::failure::Failure;
use crate::process;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Also used by tests/support/webdriver.mjs.
const SCRIPT: &str = include_str!("display.sh");

/// For browsers on GTK: no hardware compositing, and no accessibility bus, whose daemons would
/// outlive the browser.
const GTK: [(&str, &str); 2] = [
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("NO_AT_BRIDGE", "1"),
];

/// A running display. Dropping it ends Xvfb.
#[derive(Debug)]
pub(crate) struct Display {
    shell: Child,
    number: String,
}

impl Display {
    /// Whether Xvfb is installed.
    pub(crate) fn is_available() -> bool {
        process::on_path(&["Xvfb"]).is_some()
    }

    /// Starts Xvfb with a free display number, and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// If Xvfb ends before that.
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::from_io("`sh` cannot be started"))?;
        let output = shell.stdout.take();
        let mut display = Self {
            shell,
            number: String::new(),
        };
        if let Some(output) = output {
            // Reads nothing if Xvfb has ended.
            let _ = BufReader::new(output).read_line(&mut display.number);
        }
        if display.number.trim().is_empty() {
            return Err(Failure::new(
                "Xvfb did not start: try `Xvfb -displayfd 1` to see why.",
            ));
        }
        Ok(display)
    }

    /// Returns the environment variables for the browser's driver.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let display = format!(":{}", self.number.trim());
        GTK.map(|(name, value)| (name, value.to_owned()))
            .into_iter()
            .chain([("DISPLAY", display)])
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // `wait` first closes the standard input, which ends the script.
        let _ = self.shell.wait();
    }
}
