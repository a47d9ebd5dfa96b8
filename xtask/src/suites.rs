//! `cargo xtask test`: runs every suite, even after one has failed, and counts the tests.

use crate::browsers::{self, Browser};
use crate::display::Display;
use crate::exports;
use crate::failure::Failure;
use crate::lint::CHECKS;
use crate::node;
use crate::package;
use crate::prerequisites::{self, Prerequisite};
use crate::process;
use crate::python;
use crate::rust_client;
use crate::sandbox::Sandbox;
use crate::step::Progress;
use crate::summary::{Outcome, Summary};
use crate::test_output::{self, Count};
use crate::wasm_std;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates whose tests run natively, by their name in the summary.
const HOST_CRATES: [(&str, &str); 3] = [
    ("core (host)", "seam-session"),
    ("sandbox (host)", "seam-session-sandbox"),
    ("xtask (host)", "xtask"),
];

/// The modules whose boundary `wasm-pack test` runs: the folders of wasm/.
const MODULES: [&str; 3] = ["client", "lists", "token"];

/// The contexts of a browser in which the tests of the boundaries run, and the variable that makes
/// the test runner choose each. The module is compiled once for all of them.
pub(crate) const CONTEXTS: [(&str, &str); 2] = [
    ("page", "WASM_BINDGEN_USE_BROWSER"),
    ("worker", "WASM_BINDGEN_USE_DEDICATED_WORKER"),
];

/// Which suites run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All suites without a browser.
    Quick,
    /// One Node, three browsers, one host of each family.
    Default,
    /// [`Selection::Default`], [`Selection::Hosts`] and [`Selection::Nodes`].
    All,
    /// Every bundler and framework.
    Hosts,
    /// The package's suite on every Node.
    Nodes,
}

impl Selection {
    /// Returns the prerequisites of the suites.
    pub(crate) fn prerequisites(self) -> Vec<Prerequisite> {
        let more: &[&[Prerequisite]] = match self {
            Self::Quick => &[prerequisites::TEST],
            Self::Default => &[prerequisites::TEST, prerequisites::BROWSERS],
            Self::All => &[
                prerequisites::TEST,
                prerequisites::BROWSERS,
                &[Prerequisite::FrameworkPackages],
                prerequisites::NODES,
            ],
            Self::Hosts => &[prerequisites::HOSTS],
            Self::Nodes => &[prerequisites::TEST, prerequisites::NODES],
        };
        [&[prerequisites::BUILD], more].concat().concat()
    }

    /// Whether it has the suites of the sources and of the package.
    fn has_general(self) -> bool {
        matches!(self, Self::Quick | Self::Default | Self::All)
    }

    fn has_browsers(self) -> bool {
        matches!(self, Self::Default | Self::All)
    }

    fn has_hosts(self) -> bool {
        matches!(self, Self::Hosts | Self::All)
    }

    fn has_nodes(self) -> bool {
        matches!(self, Self::Nodes | Self::All)
    }
}

/// The number of steps that [`run`] takes.
pub(crate) fn steps(selection: Selection) -> usize {
    let mut steps = package::BUILD_STEPS + 1;
    if selection.has_general() {
        // Generated code, lint scripts, exports, Node.
        steps += CHECKS.len() + HOST_CRATES.len() + 4 + rust_client::SUITES;
    }
    if selection == Selection::All {
        steps += rust_client::ALL_SUITES;
    }
    if selection.has_browsers() {
        // The boundaries, and the page.
        steps += browsers::ALL.len() * CONTEXTS.len() * MODULES.len() + 1;
    }
    if selection.has_hosts() {
        steps += 1;
    }
    if selection.has_nodes() {
        steps += node::VERSIONS.len();
    }
    steps
}

/// Runs the suites, prints the summary and returns whether all tests passed.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress, selection: Selection) -> bool {
    let mut summary = Summary::default();
    if selection.has_general() {
        source_suites(workspace, progress, &mut summary);
    }
    // The remaining suites need the package.
    let built = package::build(workspace, progress).and_then(|()| {
        let mut tarball = PathBuf::new();
        progress.step("npm pack, install", || {
            tarball = package::pack(workspace)?;
            Ok(tarball
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned())
        })?;
        Ok(tarball)
    });
    match built {
        Ok(tarball) => package_suites(workspace, progress, &mut summary, &tarball, selection),
        Err(failure) => summary.record_failure("build", &failure),
    }
    summary.print(progress.elapsed())
}

fn source_suites(workspace: &Workspace, progress: &mut Progress, summary: &mut Summary) {
    summary.check(progress, "generated code", "generated code", || {
        generated_code(workspace)
    });
    for check in CHECKS {
        summary.check(progress, check.name(), "lint", || {
            check.run(workspace, false)
        });
    }
    summary.suite(progress, "lint scripts (Node)", || {
        let mut node = node::command(workspace);
        node.args(["--test", "--test-reporter=spec"])
            .args(non_empty(
                test_files(&workspace.root, "xtask/lint")?,
                "xtask/lint/ has no test.",
            )?);
        run_tests(workspace, &mut node, "test-lint-scripts")
    });
    for (name, package) in HOST_CRATES {
        summary.suite(progress, name, || host(workspace, package));
    }
}

/// Runs the suites that need the built package.
fn package_suites(
    workspace: &Workspace,
    progress: &mut Progress,
    summary: &mut Summary,
    tarball: &Path,
    selection: Selection,
) {
    let environment = environment(workspace, tarball);
    let run = |mut node: Command, files: Vec<String>, log: &str| {
        node.args(["--test", "--test-reporter=spec"])
            .args(files)
            .envs(environment.iter().cloned());
        run_tests(workspace, &mut node, log)
    };
    if selection.has_general() {
        summary.check(progress, "exports of the modules", "exports", || {
            exports::check(workspace)
        });
    }
    if selection.has_browsers() {
        boundaries(workspace, progress, summary);
    }
    if selection.has_general() {
        rust_client::run(workspace, progress, summary);
        summary.suite(progress, "package (Node)", || {
            let files = package_tests(workspace, TestKind::Node)?;
            run(node::command(workspace), files, "test-package")
        });
    }
    if selection.has_browsers() {
        summary.suite(progress, "page (browsers)", || {
            let files = package_tests(workspace, TestKind::Browser)?;
            run(node::command(workspace), files, "test-page")
        });
    }
    if selection == Selection::All {
        rust_client::run_all(workspace, progress, summary);
    }
    if selection.has_hosts() {
        summary.suite(progress, "hosts", || {
            let mut files = package_tests(workspace, TestKind::Host)?;
            // The browser suite has run it already.
            if !selection.has_browsers() {
                files.push(BUNDLERS_TEST.to_owned());
            }
            let mut node = node::command(workspace);
            // Each file runs the servers and builds of a framework, which use every core.
            node.arg("--test-concurrency=1");
            run(node, files, "test-hosts")
        });
    }
    if selection.has_nodes() {
        for version in node::VERSIONS {
            summary.suite(progress, &format!("package (Node {version})"), || {
                let node = node::command_of_version(workspace, version)?;
                let log = format!("test-package-{version}");
                run(node, package_tests(workspace, TestKind::Node)?, &log)
            });
        }
    }
}

fn generated_code(workspace: &Workspace) -> Result<String, Failure> {
    let mut codegen = node::script(workspace, "xtask/codegen.mjs")?;
    process::run(
        workspace,
        codegen.arg("--check"),
        "codegen",
        "Checking the generated code",
    )?;
    Ok("up to date".to_owned())
}

fn host(workspace: &Workspace, package: &str) -> Result<Outcome, Failure> {
    let mut cargo = process::command(workspace, "cargo");
    cargo.args(["test", "--package", package, "--no-fail-fast"]);
    run_tests(workspace, &mut cargo, &format!("test-{package}"))
}

/// Runs the tests of each module's boundary in each browser. Those of the client use one sandbox,
/// whose address is compiled into them.
fn boundaries(workspace: &Workspace, progress: &mut Progress, summary: &mut Summary) {
    let sandbox = match Sandbox::start(workspace) {
        Ok(sandbox) => sandbox,
        Err(failure) => return summary.record_failure("wasm", &failure),
    };
    for browser in browsers::ALL {
        for (context, variable) in CONTEXTS {
            for module in MODULES {
                let name = format!("wasm/{module} ({}, {context})", browser.name());
                let browser_name = browser.name().to_lowercase();
                let log = format!("test-wasm-{module}-{browser_name}-{context}");
                summary.suite(progress, &name, || {
                    let mut wasm_pack = wasm_pack(workspace, browser, module)?;
                    wasm_pack.env(variable, "1").envs(sandbox.variables());
                    let display = browser.display()?;
                    wasm_pack.envs(display.iter().flat_map(Display::variables));
                    run_tests(workspace, &mut wasm_pack, &log)
                });
            }
        }
    }
}

/// Returns the command `wasm-pack test` for a module.
fn wasm_pack(workspace: &Workspace, browser: Browser, module: &str) -> Result<Command, Failure> {
    wasm_pack_in(
        workspace,
        browser,
        &workspace.root.join("wasm").join(module),
    )
}

/// Returns the command `wasm-pack test` for the crate in a folder.
pub(crate) fn wasm_pack_in(
    workspace: &Workspace,
    browser: Browser,
    folder: &Path,
) -> Result<Command, Failure> {
    let compiler = wasm_std::compiler(workspace)?;
    let mut wasm_pack = process::command(workspace, workspace.tool("wasm-pack"));
    compiler.choose(&mut wasm_pack, &[&workspace.cache.join("bin")]);
    wasm_pack
        .args(["test", "--mode", "no-install", "--headless"])
        .args(browser.wasm_pack_arguments(workspace)?)
        .arg(folder)
        .env("CARGO_TARGET_DIR", workspace.target.join("browser"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    if let Some(capabilities) = browser.write_capabilities(workspace)? {
        wasm_pack.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    }
    Ok(wasm_pack)
}

/// The browser test that also belongs to `test hosts`.
const BUNDLERS_TEST: &str = "tests/hosts/bundlers.browser.test.mjs";

/// What a test file needs, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TestKind {
    /// `.test.mjs`: Node alone.
    Node,
    /// `.browser.test.mjs`: browsers.
    Browser,
    /// `.host.test.mjs`: Chromium and the packages of `test hosts`.
    Host,
}

impl TestKind {
    fn of(file: &str) -> Self {
        if file.ends_with(".browser.test.mjs") {
            Self::Browser
        } else if file.ends_with(".host.test.mjs") {
            Self::Host
        } else {
            Self::Node
        }
    }
}

/// Returns the test files of one kind, sorted: those directly in a folder of tests/. What is deeper
/// belongs to the projects and programs that tests run.
///
/// # Errors
///
/// If there is none.
fn package_tests(workspace: &Workspace, kind: TestKind) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for folder in names_in(&workspace.root.join("tests"))? {
        let folder = format!("tests/{folder}");
        if workspace.root.join(&folder).is_dir() {
            files.extend(test_files(&workspace.root, &folder)?);
        }
    }
    files.retain(|file| TestKind::of(file) == kind);
    non_empty(files, &format!("tests/ has no {kind:?} test."))
}

/// Fails without files: `node --test` would look for some by itself.
fn non_empty(files: Vec<String>, message: &str) -> Result<Vec<String>, Failure> {
    if files.is_empty() {
        return Err(Failure::new(message));
    }
    Ok(files)
}

/// Returns the paths of the test files directly in a folder, sorted.
fn test_files(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let mut names = names_in(&root.join(folder))?;
    names.retain(|name| name.ends_with(".test.mjs"));
    Ok(names
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect())
}

/// Returns the names of a folder's entries, sorted.
fn names_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::from_io(format!(
        "{} cannot be read",
        folder.display()
    )))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// Returns the environment variables of the tests in Node: the tarball, Python and the browsers.
fn environment(workspace: &Workspace, tarball: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut environment = vec![
        ("SEAM_SESSION_TARBALL", tarball.to_path_buf()),
        ("PYTHON", python::program(workspace)),
    ];
    environment.extend(browsers::variables(workspace));
    environment
}

/// Runs a test runner and counts the tests in its output.
pub(crate) fn run_tests(
    workspace: &Workspace,
    command: &mut Command,
    log: &str,
) -> Result<Outcome, Failure> {
    let (success, path) = process::logged(workspace, command, log)?;
    let text = fs::read_to_string(&path).map_err(Failure::from_io(format!(
        "{} cannot be read",
        path.display()
    )))?;
    let count = test_output::count(&text);
    let empty = test_output::empty_file(&text).map(|file| format!("{file} has no test."));
    let failure = empty.or(match (count, success) {
        (
            Count {
                passed: 1..,
                failed: 0,
            },
            true,
        ) => None,
        (
            Count {
                passed: 0,
                failed: 0,
            },
            true,
        ) => Some("No test ran.".to_owned()),
        (Count { failed: 0, .. }, _) => {
            Some("The test runner failed before its summary.".to_owned())
        }
        (Count { passed, failed }, _) => {
            Some(format!("{failed} of {} tests failed.", passed + failed))
        }
    });
    Ok((
        count,
        failure.map(|message| Failure::with_log(message, path)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_files_name_says_what_it_needs() {
        assert_eq!(TestKind::of("tests/lists/vue.test.mjs"), TestKind::Node);
        assert_eq!(TestKind::of(BUNDLERS_TEST), TestKind::Browser);
        assert_eq!(
            TestKind::of("tests/hosts/next.host.test.mjs"),
            TestKind::Host
        );
    }

    #[test]
    fn test_files_are_found_in_the_folders_of_tests() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = test_files(&root, "tests/hosts").unwrap();
        assert!(files.iter().any(|file| file == BUNDLERS_TEST), "{files:?}");
        assert!(files.is_sorted());
        assert_eq!(test_files(&root, "tests/support").unwrap(), [""; 0]);
    }
}
