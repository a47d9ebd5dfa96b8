//! The official Python SDK and pytest, in a virtual environment in the cache.

use crate::debian;
use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

const SDK: &str = "seam";
const VERSION: &str = "3.18.0";
const PYTEST_VERSION: &str = "8.4.2";
/// Debian has the module `venv` in a package of its own.
pub(crate) const DEBIAN_PACKAGES: [&str; 1] = ["python3-venv"];

/// Returns the interpreter of the virtual environment, which can import the SDK.
pub(crate) fn program(workspace: &Workspace) -> PathBuf {
    environment(workspace).join("bin/python")
}

/// Returns the pinned SDK, or `None` if it or pytest is missing or of another version.
pub(crate) fn find(workspace: &Workspace) -> Option<String> {
    let is_found = installed_version(workspace, SDK)? == VERSION
        && installed_version(workspace, "pytest")? == PYTEST_VERSION;
    is_found.then(|| format!("found {SDK} {VERSION}"))
}

/// Whether the interpreter lacks the modules that create an environment, which Debian has in a
/// package of its own.
pub(crate) fn needs_system_package(workspace: &Workspace) -> bool {
    find(workspace).is_none()
        && interpreter(workspace).is_some_and(|python| {
            let mut import = process::command(workspace, python);
            process::output(import.args(["-c", "import ensurepip, venv"])).is_none()
        })
}

/// Returns the commands that install the SDK, as a sentence.
pub(crate) fn remedy(workspace: &Workspace) -> String {
    format!(
        "Run `python3 -m venv {}`, then `{} -m pip install {SDK}=={VERSION} pytest=={PYTEST_VERSION}`.",
        environment(workspace).display(),
        program(workspace).display()
    )
}

/// Creates the virtual environment and installs the pinned SDK into it.
///
/// # Errors
///
/// If Python is missing, or pip cannot download the SDK.
pub(crate) fn install(workspace: &Workspace) -> Result<String, Failure> {
    step::note("installing it");
    make_environment(workspace)?;
    let mut pip = process::command(workspace, program(workspace));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    pip.arg(format!("{SDK}=={VERSION}"));
    pip.arg(format!("pytest=={PYTEST_VERSION}"));
    process::run(workspace, &mut pip, "pip", "Installing the Python SDK")?;
    Ok(format!("installed {SDK} {VERSION}"))
}

fn environment(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("python")
}

fn installed_version(workspace: &Workspace, name: &str) -> Option<String> {
    // The import fails in an environment whose installation was interrupted.
    let question = format!("import importlib.metadata as m, {name}; print(m.version('{name}'))");
    process::output(process::command(workspace, program(workspace)).args(["-c", &question]))
}

fn make_environment(workspace: &Workspace) -> Result<(), Failure> {
    let folder = environment(workspace);
    let Some(python) = interpreter(workspace) else {
        return Err(Failure::new(
            "Python 3.11 or newer is needed to test against the Python SDK: install it, then run the same command again.",
        ));
    };
    let _ = fs::remove_dir_all(&folder);
    let made = with_interpreter(workspace, Path::new(python), &folder);
    if made.is_ok() || !debian::is_available() {
        return made;
    }
    debian::install(workspace, &DEBIAN_PACKAGES)?;
    let _ = fs::remove_dir_all(&folder);
    with_interpreter(workspace, Path::new("/usr/bin/python3"), &folder)
}

/// The SDK needs Python 3.11; on older systems `python3` is an earlier version.
const INTERPRETERS: [&str; 5] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
];

fn interpreter(workspace: &Workspace) -> Option<&'static str> {
    INTERPRETERS
        .into_iter()
        .find(|python| is_new_enough(workspace, python))
}

fn is_new_enough(workspace: &Workspace, python: &str) -> bool {
    let question = "import sys; print(sys.version_info >= (3, 11))";
    process::output(process::command(workspace, python).args(["-c", question])).as_deref()
        == Some("True")
}

fn with_interpreter(workspace: &Workspace, python: &Path, folder: &Path) -> Result<(), Failure> {
    let mut venv = process::command(workspace, python);
    venv.args(["-m", "venv"]).arg(folder);
    process::run(
        workspace,
        &mut venv,
        "python-venv",
        "Making a Python environment",
    )
}
