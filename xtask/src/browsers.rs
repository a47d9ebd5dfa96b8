//! The browsers that run the tests, their WebDriver programs, and the arguments of both.

use crate::cargo_tools::CargoTool;
use crate::debian;
use crate::display::Display;
use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::path::PathBuf;

/// A browser that wasm-pack can drive.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
    /// WebKitGTK, or Safari on a Mac, whichever the driver starts.
    WebKit,
}

/// All browsers.
pub(crate) const ALL: [Browser; 3] = [Browser::Chromium, Browser::Firefox, Browser::WebKit];

/// Chromium runs headless, as root in a container, and without requests to Google.
const CHROMIUM_ARGUMENTS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
];

impl Browser {
    /// Returns the name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        }
    }

    /// Returns the browser's program, or for WebKit that of its driver: the one that the
    /// environment variable names, else the one on PATH.
    pub(crate) fn program(self) -> Option<PathBuf> {
        let (names, application): (&[&str], _) = match self {
            Self::Chromium => (
                &[
                    "chromium",
                    "chromium-browser",
                    "google-chrome",
                    "google-chrome-stable",
                ],
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ),
            Self::Firefox => (
                &["firefox", "firefox-esr"],
                "/Applications/Firefox.app/Contents/MacOS/firefox",
            ),
            Self::WebKit => (&["WebKitWebDriver"], "/usr/bin/safaridriver"),
        };
        let application = || Some(PathBuf::from(application)).filter(|file| file.is_file());
        named(self.variable())
            .or_else(|| process::on_path(names))
            .or_else(application)
    }

    /// Returns the WebDriver program. Firefox's is compiled by `cargo xtask setup` if missing.
    pub(crate) fn driver(self, workspace: &Workspace) -> Option<PathBuf> {
        match self {
            Self::Chromium => chromedriver(),
            Self::Firefox => named(self.driver_variable())
                .or_else(|| Some(workspace.tool("geckodriver")).filter(|file| file.is_file())),
            Self::WebKit => self.program(),
        }
    }

    /// Returns `None` if the browser, its driver or its display is missing. Firefox's driver is a
    /// prerequisite of its own, because cargo installs it.
    pub(crate) fn find(self) -> Option<String> {
        self.is_available().then(|| "found".to_owned())
    }

    /// Installs the browser with apt.
    ///
    /// # Errors
    ///
    /// If there is no apt, or apt fails.
    pub(crate) fn install(self, workspace: &Workspace) -> Result<String, Failure> {
        if debian::is_available() {
            step::note("installing it");
            debian::install(workspace, self.debian_packages())?;
            if self.is_available() {
                return Ok("installed".to_owned());
            }
        }
        Err(Failure::new(self.remedy()))
    }

    /// The environment variable that names another browser.
    fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMIUM",
            Self::Firefox => "FIREFOX",
            Self::WebKit => "WEBKIT_DRIVER",
        }
    }

    /// The environment variable that names another driver.
    fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
            Self::WebKit => self.variable(),
        }
    }

    /// Returns the arguments of `wasm-pack test` that choose the browser and its driver.
    ///
    /// # Errors
    ///
    /// If the driver is missing.
    pub(crate) fn wasm_pack_arguments(self, workspace: &Workspace) -> Result<[String; 3], Failure> {
        let driver = self
            .driver(workspace)
            .ok_or_else(|| Failure::new(self.remedy()))?;
        let (browser, option) = match self {
            Self::Chromium => ("--chrome", "--chromedriver"),
            Self::Firefox => ("--firefox", "--geckodriver"),
            // Any driver that takes `--port` and speaks WebDriver will do.
            Self::WebKit => ("--safari", "--safaridriver"),
        };
        Ok([
            browser.to_owned(),
            option.to_owned(),
            driver.display().to_string(),
        ])
    }

    /// Returns the variable that names the driver to wasm-bindgen's test runner, and the driver.
    ///
    /// # Errors
    ///
    /// If the driver is missing.
    pub(crate) fn runner_variable(
        self,
        workspace: &Workspace,
    ) -> Result<(&'static str, PathBuf), Failure> {
        let driver = self
            .driver(workspace)
            .ok_or_else(|| Failure::new(self.remedy()))?;
        let variable = match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
            Self::WebKit => "SAFARIDRIVER",
        };
        Ok((variable, driver))
    }

    /// Writes the WebDriver capabilities and returns the file's path; `None` for WebKit, which
    /// needs no capabilities.
    ///
    /// # Errors
    ///
    /// If the browser is missing, or the file cannot be written.
    pub(crate) fn write_capabilities(
        self,
        workspace: &Workspace,
    ) -> Result<Option<PathBuf>, Failure> {
        let program = self.program().ok_or_else(|| Failure::new(self.remedy()))?;
        let (options, arguments): (_, &[&str]) = match self {
            Self::Chromium => ("goog:chromeOptions", &CHROMIUM_ARGUMENTS),
            Self::Firefox => ("moz:firefoxOptions", &["-headless"]),
            Self::WebKit => return Ok(None),
        };
        let arguments: Vec<String> = arguments.iter().map(|text| json_string(text)).collect();
        let json = format!(
            "{{ \"{options}\": {{ \"binary\": {}, \"args\": [{}] }} }}\n",
            json_string(&program.to_string_lossy()),
            arguments.join(", "),
        );
        let path = workspace
            .logs()
            .join(format!("webdriver-{}.json", self.name().to_lowercase()));
        fs::write(&path, json).map_err(Failure::from_io(format!(
            "{} cannot be written",
            path.display()
        )))?;
        Ok(Some(path))
    }

    /// Starts the virtual display that the browser needs; `None` if it runs without one.
    ///
    /// # Errors
    ///
    /// If the display cannot be started.
    pub(crate) fn display(self) -> Result<Option<Display>, Failure> {
        match self {
            Self::WebKit if cfg!(not(target_os = "macos")) => Display::start().map(Some),
            Self::Chromium | Self::Firefox | Self::WebKit => Ok(None),
        }
    }

    fn is_available(self) -> bool {
        let driver = match self {
            Self::Chromium => chromedriver().is_some(),
            Self::Firefox => true,
            Self::WebKit => cfg!(target_os = "macos") || Display::is_available(),
        };
        driver && self.program().is_some()
    }

    /// Debian's packages of the browser and its driver.
    pub(crate) fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-driver"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }

    /// Returns how to install the browser, or to run without it.
    pub(crate) fn remedy(self) -> String {
        let advice = match self {
            Self::Chromium => {
                "Chromium and chromedriver are needed for the browser tests: install both so that they are on PATH, \
                 or name them in CHROMIUM and CHROMEDRIVER"
            }
            Self::Firefox => {
                "Firefox is needed for the browser tests: install it so that it is on PATH, or name it in FIREFOX"
            }
            Self::WebKit => {
                "WebKit is needed for the browser tests: install WebKitGTK's WebKitWebDriver (webkit2gtk-driver) and \
                 Xvfb so that both are on PATH, or name the driver in WEBKIT_DRIVER; on a Mac, allow remote \
                 automation once with `safaridriver --enable`"
            }
        };
        format!("{advice}; or leave the browsers out with `cargo xtask test --quick`.")
    }
}

/// Returns the environment variables that tell scripts where each browser and its driver are.
pub(crate) fn variables(workspace: &Workspace) -> impl Iterator<Item = (&'static str, PathBuf)> {
    ALL.into_iter().flat_map(|browser| {
        let program = browser.program().map(|path| (browser.variable(), path));
        let driver = browser.driver(workspace);
        program
            .into_iter()
            .chain(driver.map(|path| (browser.driver_variable(), path)))
    })
}

/// Returns Firefox's driver: the one that GECKODRIVER names, else the one that cargo installed.
///
/// # Errors
///
/// Those of [`CargoTool::find`].
pub(crate) fn find_geckodriver(workspace: &Workspace) -> Result<Option<String>, Failure> {
    match named(Browser::Firefox.driver_variable()) {
        Some(_) => Ok(Some("named by GECKODRIVER".to_owned())),
        None => CargoTool::Geckodriver.find(workspace),
    }
}

fn chromedriver() -> Option<PathBuf> {
    named(Browser::Chromium.driver_variable()).or_else(|| process::on_path(&["chromedriver"]))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|file| file.is_file())
}

/// Returns a JSON string. Paths and flags may have quotes and backslashes, but no control
/// characters.
fn json_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_quotes_and_backslashes_becomes_a_json_string() {
        assert_eq!(json_string(r#"C:\a "b""#), r#""C:\\a \"b\"""#);
    }
}
