//! A screen in memory, for a browser that cannot do without: Xvfb.

use crate::failure::Failure;
use crate::process;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// tests/support/webdriver.mjs takes it too.
const SCRIPT: &str = include_str!("display.sh");

/// What a browser that draws with GTK is told besides: no drawing by a graphics card, and
/// no bus for screen readers, whose daemons would outlive it.
const GTK: [(&str, &str); 2] = [
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("NO_AT_BRIDGE", "1"),
];

/// The running screen. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Display {
    shell: Child,
    number: String,
}

impl Display {
    /// Whether it can be started.
    pub(crate) fn is_available() -> bool {
        process::on_path(&["Xvfb"]).is_some()
    }

    /// Starts it with a number that is free, and waits until it takes browsers.
    ///
    /// # Errors
    ///
    /// When Xvfb ends before it does.
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
            // Ends without a line when Xvfb does.
            let _ = BufReader::new(output).read_line(&mut display.number);
        }
        if display.number.trim().is_empty() {
            return Err(Failure::new(
                "Xvfb did not start: try `Xvfb -displayfd 1` to see why.",
            ));
        }
        Ok(display)
    }

    /// For the browser's driver.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let display = format!(":{}", self.number.trim());
        GTK.map(|(name, value)| (name, value.to_owned()))
            .into_iter()
            .chain([("DISPLAY", display)])
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Closes its standard input first.
        let _ = self.shell.wait();
    }
}
