//! `cargo xtask lint`: the checks that also run in `cargo xtask test`.

use crate::failure::Failure;
use crate::node;
use crate::process;
use crate::step::{self, Progress};
use crate::workspace::Workspace;
use std::fs;
use std::process::Command;

/// One check, which is one step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    Rustfmt,
    Clippy,
    Rustdoc,
    Prettier,
    TypeScript,
    EsLint,
    LockFiles,
    ImportCycles,
    RustModules,
    Layers,
    BannedIdentifiers,
}

/// All checks, the fast ones first.
pub(crate) const CHECKS: [Check; 11] = [
    Check::LockFiles,
    Check::ImportCycles,
    Check::RustModules,
    Check::Layers,
    Check::BannedIdentifiers,
    Check::Rustfmt,
    Check::Prettier,
    Check::TypeScript,
    Check::EsLint,
    Check::Clippy,
    Check::Rustdoc,
];

/// Runs every check, even after one has failed.
///
/// # Errors
///
/// If any check failed, with their number; each one has printed its reason.
pub(crate) fn run(
    workspace: &Workspace,
    progress: &mut Progress,
    fix: bool,
) -> Result<(), Failure> {
    let mut failed = 0;
    for check in CHECKS {
        let done = progress.step(check.name(), || check.run(workspace, fix));
        if let Err(failure) = done {
            step::print(
                &(failure.report()
                    + "
"),
            );
            failed += 1;
        }
    }
    match failed {
        0 => Ok(()),
        number => Err(Failure::new(format!(
            "{number} of {} lints failed; `cargo xtask lint --fix` corrects the formatting.",
            CHECKS.len()
        ))),
    }
}

/// Checks for clippy and rustfmt, which a minimal toolchain lacks.
///
/// # Errors
///
/// If one is missing: how to get it.
pub(crate) fn find_components(workspace: &Workspace) -> Result<String, Failure> {
    for component in ["clippy", "fmt"] {
        let mut ask = process::command(workspace, "cargo");
        if process::output(ask.args([component, "--version"])).is_none() {
            return Err(Failure::new(format!(
                "`cargo {component}` is needed and is not there: run `rustup component add clippy rustfmt`, then the same command again."
            )));
        }
    }
    Ok("found".to_owned())
}

impl Check {
    /// Returns the name of the step.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
            Self::Rustdoc => "rustdoc",
            Self::Prettier => "prettier",
            Self::TypeScript => "tsc",
            Self::EsLint => "typescript-eslint",
            Self::LockFiles => "lock files",
            Self::ImportCycles => "import cycles",
            Self::RustModules => "Rust modules",
            Self::Layers => "layers",
            Self::BannedIdentifiers => "banned identifiers",
        }
    }

    /// Runs the check; with `fix` the formatters rewrite the files.
    ///
    /// # Errors
    ///
    /// If the tool found a problem, with its log.
    pub(crate) fn run(self, workspace: &Workspace, fix: bool) -> Result<String, Failure> {
        match self {
            Self::Rustfmt => {
                let mut cargo = process::command(workspace, "cargo");
                cargo.args(["fmt", "--all"]);
                if !fix {
                    cargo.arg("--check");
                }
                self.tool(workspace, &mut cargo)
            }
            Self::Clippy => {
                let mut cargo = process::command(workspace, "cargo");
                cargo.args([
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    // The Rust client, which no other crate uses.
                    "--features",
                    "seam-session/reqwest",
                    "--quiet",
                    "--",
                    "--deny",
                    "warnings",
                ]);
                self.tool(workspace, &mut cargo)
            }
            Self::Rustdoc => {
                let mut cargo = process::command(workspace, "cargo");
                cargo
                    .args(["doc", "--package", "seam-session", "--no-deps"])
                    .args(["--all-features", "--quiet"])
                    .env("RUSTDOCFLAGS", "--deny warnings");
                self.tool(workspace, &mut cargo)
            }
            Self::Prettier => {
                let mode = if fix { "--write" } else { "--check" };
                let mut prettier = process::command(workspace, workspace.npm_tool("prettier"));
                self.tool(workspace, prettier.args([mode, "--log-level", "warn", "."]))
            }
            Self::TypeScript => self.typescript(workspace),
            Self::EsLint => {
                let mut script = node::script(workspace, "xtask/lint/eslint.mjs")?;
                self.tool(workspace, &mut script)
            }
            Self::LockFiles => lock_files(workspace),
            Self::ImportCycles => {
                let mut script = node::script(workspace, "xtask/lint/import-cycles.mjs")?;
                self.tool(workspace, &mut script)?;
                Ok("none but those of the baseline".to_owned())
            }
            Self::RustModules => {
                let mut script = node::script(workspace, "xtask/lint/rust-modules.mjs")?;
                self.tool(workspace, &mut script)?;
                Ok("no cycles".to_owned())
            }
            Self::Layers => {
                let mut script = node::script(workspace, "xtask/lint/layers.mjs")?;
                self.tool(workspace, &mut script)
            }
            Self::BannedIdentifiers => {
                let mut script = node::script(workspace, "xtask/lint/banned-identifiers.mjs")?;
                self.tool(workspace, &mut script)
            }
        }
    }

    fn tool(self, workspace: &Workspace, command: &mut Command) -> Result<String, Failure> {
        process::run(
            workspace,
            command,
            &format!("lint-{}", self.name().replace(' ', "-")),
            self.name(),
        )?;
        Ok("clean".to_owned())
    }

    /// Checks every folder with a tsconfig.json as a project of its own.
    fn typescript(self, workspace: &Workspace) -> Result<String, Failure> {
        let mut checked = Vec::new();
        for folder in ["pkg", "www", "www/components", "tests", "benches"] {
            if workspace.root.join(folder).join("tsconfig.json").is_file() {
                let mut tsc = process::command(workspace, workspace.npm_tool("tsc"));
                self.tool(workspace, tsc.args(["--noEmit", "--project", folder]))?;
                checked.push(folder);
            }
        }
        Ok(match checked.as_slice() {
            [] => "no projects".to_owned(),
            folders => format!("{} clean", folders.join(", ")),
        })
    }
}

/// Checks that no lock file names a registry: that would send everyone to one person's mirror.
fn lock_files(workspace: &Workspace) -> Result<String, Failure> {
    for file in [
        "package-lock.json",
        "tests/package-lock.json",
        "tests/hosts/package-lock.json",
        "tests/jest/package-lock.json",
        "tests/hosts/frameworks/package-lock.json",
        "tests/nodes/package-lock.json",
        "www/components/package-lock.json",
    ] {
        let text = fs::read_to_string(workspace.root.join(file))
            .map_err(Failure::from_io(format!("{file} cannot be read")))?;
        if names_hosts(&text) {
            return Err(Failure::new(format!(
                "{file} names the registry that it was created with: create it again with `npm install --omit-lockfile-registry-resolved`."
            )));
        }
    }
    Ok("name no registry".to_owned())
}

fn names_hosts(lock: &str) -> bool {
    lock.lines()
        .any(|line| line.trim_start().starts_with("\"resolved\": \"http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_with_a_registrys_host_is_recognised() {
        assert!(names_hosts(
            "{\n      \"resolved\": \"https://registry.example/a/-/a-1.0.0.tgz\",\n"
        ));
        assert!(!names_hosts(
            "{\n      \"version\": \"1.0.0\",\n      \"funding\": \"https://example.com\"\n"
        ));
    }

    #[test]
    fn a_check_by_a_script_passes_or_fails_with_the_script_and_shows_its_errors() {
        let workspace = Workspace::temporary("lint-scripts");
        let folder = workspace.root.join("xtask/lint");
        fs::create_dir_all(&folder).unwrap();
        for (check, script) in [
            (Check::ImportCycles, "import-cycles.mjs"),
            (Check::Layers, "layers.mjs"),
            (Check::EsLint, "eslint.mjs"),
            (Check::BannedIdentifiers, "banned-identifiers.mjs"),
        ] {
            assert!(check.run(&workspace, false).is_err(), "there is no script");
            fs::write(folder.join(script), "").unwrap();
            assert!(check.run(&workspace, false).is_ok());
            let failing = "console.error('error: a.ts'); process.exitCode = 1;";
            fs::write(folder.join(script), failing).unwrap();
            let failure = check.run(&workspace, false).unwrap_err();
            assert!(failure.report().contains("error: a.ts"));
        }
        fs::remove_dir_all(&workspace.root).unwrap();
    }
}
