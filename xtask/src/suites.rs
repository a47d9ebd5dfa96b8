//! `cargo xtask test`: every suite, counted, also after one has failed.

use crate::browsers::{self, Browser};
use crate::closing_line::{self, Count};
use crate::display::Display;
use crate::exports;
use crate::failure::Failure;
use crate::lint::CHECKS;
use crate::node;
use crate::package;
use crate::process;
use crate::python;
use crate::sandbox::Sandbox;
use crate::step::Progress;
use crate::summary::{Outcome, Summary};
use crate::wasm_std;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates whose tests run on the host, and what people call them.
const HOST: [(&str, &str); 3] = [
    ("core (host)", "seam-session"),
    ("sandbox (host)", "seam-session-sandbox"),
    ("xtask (host)", "xtask"),
];

/// Where in a browser the bindings' tests run: what people call it, and the variable that
/// tells the test runner. One module, compiled once, runs in all of them.
const PLACES: [(&str, &str); 2] = [
    ("page", "WASM_BINDGEN_USE_BROWSER"),
    ("worker", "WASM_BINDGEN_USE_DEDICATED_WORKER"),
];

/// The number of steps that [`run`] takes.
pub(crate) fn steps(quick: bool) -> usize {
    // Generated code, exports, Node; with browsers also their bindings and the page.
    let others = if quick {
        3
    } else {
        3 + browsers::ALL.len() * PLACES.len() + 1
    };
    CHECKS.len() + HOST.len() + package::BUILD_STEPS + 1 + others
}

/// Runs all suites and prints the summary; whether all passed. `quick` leaves out the browsers.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress, quick: bool) -> bool {
    let mut summary = Summary::default();
    summary.check(progress, "generated code", "generated code", || {
        generated_code(workspace)
    });
    for check in CHECKS {
        summary.check(progress, check.name(), "lint", || {
            check.run(workspace, false)
        });
    }
    for (name, package) in HOST {
        summary.suite(progress, name, || host(workspace, package));
    }
    // Without the package there is nothing for the rest to run.
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
        Ok(tarball) => across(workspace, progress, &mut summary, &tarball, quick),
        Err(failure) => summary.broken("build", &failure),
    }
    summary.close(progress.elapsed())
}

/// What needs the built package.
fn across(
    workspace: &Workspace,
    progress: &mut Progress,
    summary: &mut Summary,
    tarball: &Path,
    quick: bool,
) {
    summary.check(progress, "exports of the modules", "exports", || {
        exports::check(workspace)
    });
    if !quick {
        bindings(workspace, progress, summary);
    }
    let environment = environment(workspace, tarball);
    summary.suite(progress, "package (Node)", || {
        files(workspace, &environment, false)
    });
    if !quick {
        summary.suite(progress, "page (browsers)", || {
            files(workspace, &environment, true)
        });
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
    counted(workspace, &mut cargo, &format!("test-{package}"))
}

/// The bindings' tests in each browser, against one sandbox: where it listens is compiled
/// into them.
fn bindings(workspace: &Workspace, progress: &mut Progress, summary: &mut Summary) {
    let sandbox = match Sandbox::start(workspace) {
        Ok(sandbox) => sandbox,
        Err(failure) => return summary.broken("bindings", &failure),
    };
    for browser in browsers::ALL {
        for (place, variable) in PLACES {
            let name = format!("bindings ({}, {place})", browser.name());
            let log = format!("test-bindings-{}-{place}", browser.name().to_lowercase());
            summary.suite(progress, &name, || {
                let mut wasm_pack = wasm_pack(workspace, browser)?;
                wasm_pack.env(variable, "1").envs(sandbox.variables());
                let display = browser.display()?;
                wasm_pack.envs(display.iter().flat_map(Display::variables));
                counted(workspace, &mut wasm_pack, &log)
            });
        }
    }
}

/// `wasm-pack test` of the bindings.
fn wasm_pack(workspace: &Workspace, browser: Browser) -> Result<Command, Failure> {
    let compiler = wasm_std::compiler(workspace)?;
    let mut wasm_pack = process::command(workspace, workspace.tool("wasm-pack"));
    compiler.choose(&mut wasm_pack, &[&workspace.cache.join("bin")]);
    wasm_pack
        .args(["test", "--mode", "no-install", "--headless"])
        .args(browser.wasm_pack_arguments(workspace)?)
        .arg(workspace.root.join("bindings"))
        .env("CARGO_TARGET_DIR", workspace.target.join("browser"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    if let Some(capabilities) = browser.write_capabilities(workspace)? {
        wasm_pack.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    }
    Ok(wasm_pack)
}

/// `node --test` over tests/*.test.mjs: those of a browser, or the others.
fn files(
    workspace: &Workspace,
    environment: &[(&str, PathBuf)],
    of_browser: bool,
) -> Result<Outcome, Failure> {
    let folder = workspace.root.join("tests");
    let entries = fs::read_dir(&folder).map_err(Failure::doing("tests/ cannot be read"))?;
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            name.ends_with(".test.mjs") && name.ends_with(".browser.test.mjs") == of_browser
        })
        .map(|name| format!("tests/{name}"))
        .collect();
    files.sort();
    if files.is_empty() {
        let pattern = if of_browser {
            "*.browser.test.mjs"
        } else {
            "*.test.mjs"
        };
        return Err(Failure::new(format!("tests/ holds no {pattern} yet.")));
    }
    let mut node = node::command(workspace);
    node.args(["--test", "--test-reporter=spec"])
        .args(files)
        .envs(environment.iter().cloned());
    counted(
        workspace,
        &mut node,
        if of_browser {
            "test-page"
        } else {
            "test-package"
        },
    )
}

/// What the Node tests are told: the packed package, and the programs that they drive.
fn environment(workspace: &Workspace, tarball: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut environment = vec![
        ("SEAM_SESSION_TARBALL", tarball.to_path_buf()),
        ("PYTHON", python::program(workspace)),
    ];
    environment.extend(browsers::variables(workspace));
    environment
}

/// Runs a test runner and reads its closing lines.
fn counted(workspace: &Workspace, command: &mut Command, log: &str) -> Result<Outcome, Failure> {
    let (success, path) = process::logged(workspace, command, log)?;
    let text = fs::read_to_string(&path)
        .map_err(Failure::doing(format!("{} cannot be read", path.display())))?;
    let count = closing_line::count(&text);
    let empty = closing_line::empty_file(&text).map(|file| format!("{file} holds no test."));
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
        (Count { failed: 0, .. }, _) => Some("The tests could not run to their end.".to_owned()),
        (Count { passed, failed }, _) => {
            Some(format!("{failed} of {} tests failed.", passed + failed))
        }
    });
    Ok((
        count,
        failure.map(|sentence| Failure::with_log(sentence, path)),
    ))
}
