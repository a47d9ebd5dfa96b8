//! The suites of the Rust client: with reqwest, in browsers, with each set of features, and as the
//! package for crates.io.

use crate::browsers::{self, Browser};
use crate::display::Display;
use crate::failure::Failure;
use crate::process;
use crate::sandbox::Sandbox;
use crate::step::Progress;
use crate::suites::{CONTEXTS, run_tests};
use crate::summary::Summary;
use crate::toolchain::{Compiler, WASM};
use crate::workspace::Workspace;
use std::process::Command;

const CRATE: &str = "seam-session";

/// The number of suites of [`run`].
pub(crate) const SUITES: usize = 4;

/// The number of suites of [`run_all`].
pub(crate) const ALL_SUITES: usize = 3 + browsers::ALL.len() * CONTEXTS.len();

/// Each set of features, and whether it is compiled for wasm.
const FEATURES: [(&[&str], bool); 6] = [
    (&["--no-default-features"], false),
    (&[], false),
    (&["--features", "resources"], false),
    (&["--features", "client"], false),
    (&["--features", "reqwest"], false),
    (&["--features", "gloo"], true),
];

/// Runs the suites that need no browser. The package must have been built, because its sandbox is
/// the server.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress, summary: &mut Summary) {
    let reqwest = ["--features", "reqwest"];
    summary.suite(progress, "Rust client (reqwest)", || {
        let mut cargo = cargo(workspace, "test", &reqwest);
        cargo.args(["--test", "client-native"]);
        run_tests(workspace, &mut cargo, "test-rust-client")
    });
    summary.suite(progress, "Rust client (documentation)", || {
        let mut cargo = cargo(workspace, "test", &reqwest);
        run_tests(workspace, cargo.arg("--doc"), "test-rust-doc")
    });
    summary.check(progress, "Rust client (story)", "rust", || story(workspace));
    summary.check(progress, "Rust client (package)", "rust", || {
        package(workspace)
    });
}

/// Runs the suites that take longer, or need browsers.
pub(crate) fn run_all(workspace: &Workspace, progress: &mut Progress, summary: &mut Summary) {
    summary.check(progress, "Rust client (features)", "rust", || {
        features(workspace)
    });
    summary.check(progress, "Rust client (Leptos)", "rust", || {
        leptos(workspace)
    });
    summary.suite(progress, "Rust client (soak)", || {
        let mut cargo = cargo(workspace, "test", &["--features", "reqwest"]);
        cargo.args(["--test", "client-soak"]);
        run_tests(workspace, &mut cargo, "test-rust-soak")
    });
    let sandbox = match Sandbox::start(workspace) {
        Ok(sandbox) => sandbox,
        Err(failure) => return summary.record_failure("Rust client", &failure),
    };
    for browser in browsers::ALL {
        for (context, variable) in CONTEXTS {
            let name = format!("Rust client ({}, {context})", browser.name());
            let log = format!("test-rust-{}-{context}", browser.name().to_lowercase());
            summary.suite(progress, &name, || {
                let mut cargo = browser_test(workspace, browser)?;
                cargo.env(variable, "1").envs(sandbox.variables());
                let display = browser.display()?;
                cargo.envs(display.iter().flat_map(Display::variables));
                run_tests(workspace, &mut cargo, &log)
            });
        }
    }
}

/// Returns the command that runs the test in a browser. wasm-pack would compile all tests of the
/// crate first, and some need crates that wasm32 does not have.
fn browser_test(workspace: &Workspace, browser: Browser) -> Result<Command, Failure> {
    let compiler =
        Compiler::find(workspace).ok_or_else(|| Failure::new("The wasm compiler has gone."))?;
    let mut cargo = cargo(workspace, "test", &["--features", "gloo"]);
    compiler.choose(&mut cargo, &[&workspace.cache.join("bin")]);
    let (variable, driver) = browser.runner_variable(workspace)?;
    cargo
        .args(["--target", WASM, "--test", "client-browser"])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CARGO_TARGET_DIR", workspace.target.join("browser"))
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env(variable, driver);
    if let Some(capabilities) = browser.write_capabilities(workspace)? {
        cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    }
    Ok(cargo)
}

fn cargo(workspace: &Workspace, subcommand: &str, arguments: &[&str]) -> Command {
    let mut cargo = process::command(workspace, "cargo");
    cargo.args([subcommand, "--package", CRATE]).args(arguments);
    cargo
}

/// Plays the example `story` against a sandbox.
fn story(workspace: &Workspace) -> Result<String, Failure> {
    let sandbox = Sandbox::start(workspace)?;
    let mut cargo = cargo(workspace, "run", &["--features", "reqwest"]);
    cargo.args(["--quiet", "--example", "story"]);
    for (name, value) in sandbox.variables() {
        if let Some(name) = name.strip_prefix("SANDBOX_") {
            cargo.env(format!("SEAM_{name}"), value);
        }
    }
    process::run(
        workspace,
        &mut cargo,
        "rust-story",
        "The story of the Rust client",
    )?;
    Ok("as expected".to_owned())
}

/// Packages the crate, and compiles it from the package alone.
fn package(workspace: &Workspace) -> Result<String, Failure> {
    let mut cargo = cargo(workspace, "package", &["--allow-dirty", "--quiet"]);
    // Not in target/package, which is that of the npm package.
    cargo.env("CARGO_TARGET_DIR", workspace.target.join("crate"));
    process::run(workspace, &mut cargo, "rust-package", "Packaging the crate")?;
    Ok("verified".to_owned())
}

/// Compiles the crate with each set of features.
fn features(workspace: &Workspace) -> Result<String, Failure> {
    let compiler =
        Compiler::find(workspace).ok_or_else(|| Failure::new("The wasm compiler has gone."))?;
    for (features, is_wasm) in FEATURES {
        let mut cargo = cargo(workspace, "check", features);
        cargo.arg("--quiet");
        if is_wasm {
            compiler.choose(&mut cargo, &[]);
            cargo.args(["--target", WASM]);
        }
        let what = format!("Compiling the crate with {}", features.join(" "));
        process::run(workspace, &mut cargo, "rust-features", &what)?;
    }
    Ok(format!("{} sets", FEATURES.len()))
}

/// Compiles the page in Leptos, which is a workspace of its own.
fn leptos(workspace: &Workspace) -> Result<String, Failure> {
    let compiler =
        Compiler::find(workspace).ok_or_else(|| Failure::new("The wasm compiler has gone."))?;
    let mut cargo = process::command(workspace, "cargo");
    compiler.choose(&mut cargo, &[]);
    cargo
        .args(["check", "--quiet", "--locked", "--target", WASM])
        .args(["--manifest-path", "examples/leptos/Cargo.toml"])
        .env("CARGO_TARGET_DIR", workspace.target.join("leptos"));
    process::run(
        workspace,
        &mut cargo,
        "rust-leptos",
        "Compiling the page in Leptos",
    )?;
    Ok("compiles".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::Module;
    use std::path::Path;

    #[test]
    fn no_module_of_the_npm_package_has_a_feature_or_a_dependency_of_the_rust_client() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for module in Module::ALL {
            let mut cargo = Command::new(env!("CARGO"));
            cargo
                .current_dir(&root)
                .args(["tree", "--package", module.package(), "--target", WASM])
                .args([
                    "--edges",
                    "normal",
                    "--prefix",
                    "none",
                    "--format",
                    "{p} [{f}]",
                ]);
            let tree = process::output(&mut cargo).unwrap();
            let core = tree.lines().find(|line| line.starts_with("seam-session v"));
            let core = core.unwrap();
            for absent in ["client", "reqwest", "gloo"] {
                let (_, features) = core.rsplit_once('[').unwrap();
                assert!(!features.contains(absent), "{module:?}: {core}");
            }
            for absent in ["tracing v", "reqwest v", "tokio v", "gloo-timers v"] {
                let found = tree.lines().any(|line| line.starts_with(absent));
                assert!(!found, "{module:?}: {absent}");
            }
        }
    }
}
