//! The programs that cargo installs into the cache, each in a pinned version.

use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::fs;

/// A program that is compiled from crates.io.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CargoTool {
    /// Generates the JavaScript for the modules, and runs the browser tests. Must have the version
    /// of the library in Cargo.lock.
    WasmBindgen,
    /// Builds and runs the browser tests.
    WasmPack,
    /// Drives Firefox.
    Geckodriver,
}

/// Takes half the time of cargo's release profile to compile; the programs run only for seconds.
const FAST_BUILD_PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
];

impl CargoTool {
    /// Returns the program's file name, which is also its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WasmBindgen => "wasm-bindgen",
            Self::WasmPack => "wasm-pack",
            Self::Geckodriver => "geckodriver",
        }
    }

    /// Returns the pinned version, or `None` if the tool is missing or of another version.
    ///
    /// # Errors
    ///
    /// If the version is that of Cargo.lock and the file cannot be read.
    pub(crate) fn find(self, workspace: &Workspace) -> Result<Option<String>, Failure> {
        let version = self.version(workspace)?;
        let found = self.programs().iter().all(|program| {
            let mut ask = process::command(workspace, workspace.tool(program));
            let answer = process::output(ask.arg("--version"));
            answer.as_deref().and_then(process::version_in) == Some(&version)
        });
        Ok(found.then(|| format!("found {version}")))
    }

    /// Returns the command that installs the tool, as a sentence.
    pub(crate) fn remedy(self, workspace: &Workspace) -> String {
        let version = self.version(workspace).unwrap_or_default();
        format!(
            "Run `cargo install {} --version {version} --force --root {}`.",
            self.package(),
            workspace.cache.display()
        )
    }

    /// Compiles and installs the pinned version.
    ///
    /// # Errors
    ///
    /// If cargo cannot install it.
    pub(crate) fn install(self, workspace: &Workspace) -> Result<String, Failure> {
        let version = self.version(workspace)?;
        step::note(&format!("installing {version}, about 2 minutes"));
        let mut install = process::command(workspace, "cargo");
        install.args([
            "install",
            self.package(),
            "--version",
            &version,
            "--force",
            "--root",
        ]);
        install
            .arg(&workspace.cache)
            .envs(FAST_BUILD_PROFILE)
            .env_remove("CARGO_TARGET_DIR");
        if self != Self::WasmBindgen {
            // wasm-bindgen-cli's own lock file may name versions that a mirror does not have yet.
            install.arg("--locked");
        }
        // Cargo moves the program into place at the end, so that an interrupted run leaves nothing.
        process::run(
            workspace,
            &mut install,
            self.name(),
            &format!("Installing {}", self.name()),
        )?;
        Ok(format!("installed {version}"))
    }

    fn package(self) -> &'static str {
        match self {
            Self::WasmBindgen => "wasm-bindgen-cli",
            other => other.name(),
        }
    }

    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::WasmBindgen => &["wasm-bindgen", "wasm-bindgen-test-runner"],
            Self::WasmPack => &["wasm-pack"],
            Self::Geckodriver => &["geckodriver"],
        }
    }

    fn version(self, workspace: &Workspace) -> Result<String, Failure> {
        match self {
            Self::WasmPack => Ok("0.15.1".to_owned()),
            Self::Geckodriver => Ok("0.37.1".to_owned()),
            Self::WasmBindgen => {
                let path = workspace.root.join("Cargo.lock");
                let lock = fs::read_to_string(&path)
                    .map_err(Failure::from_io("Cargo.lock cannot be read"))?;
                let version = locked_version(&lock, "wasm-bindgen").map(str::to_owned);
                version.ok_or_else(|| Failure::new("Cargo.lock does not name wasm-bindgen."))
            }
        }
    }
}

/// Returns the version of a package in a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
