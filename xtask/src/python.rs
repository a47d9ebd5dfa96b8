//! The official Python SDK, in a virtual environment in the cache.

use crate::debian;
use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

const SDK: &str = "seam";
const VERSION: &str = "3.18.0";

/// The environment's own interpreter, which sees the SDK.
pub(crate) fn program(workspace: &Workspace) -> PathBuf {
    environment(workspace).join("bin/python")
}

/// Makes the environment with the pinned SDK, unless that is what is there.
///
/// # Errors
///
/// When Python is absent, or pip cannot fetch the SDK.
pub(crate) fn ensure(workspace: &Workspace) -> Result<String, Failure> {
    if installed_version(workspace).as_deref() == Some(VERSION) {
        return Ok(format!("{SDK} {VERSION} there"));
    }
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
    process::run(workspace, &mut pip, "pip", "Installing the Python SDK")?;
    Ok(format!("installed {SDK} {VERSION}"))
}

fn environment(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("python")
}

fn installed_version(workspace: &Workspace) -> Option<String> {
    // Asked of the package itself: an environment whose set-up was interrupted has none.
    let question = format!("import importlib.metadata as m, {SDK}; print(m.version('{SDK}'))");
    process::output(process::command(workspace, program(workspace)).args(["-c", &question]))
}

fn make_environment(workspace: &Workspace) -> Result<(), Failure> {
    let folder = environment(workspace);
    let _ = fs::remove_dir_all(&folder);
    if with_interpreter(workspace, Path::new("python3"), &folder).is_ok() {
        return Ok(());
    }
    if !debian::is_here() {
        return Err(Failure::new(
            "Python 3 with its venv module is needed to test against the Python SDK: install python3, then run the same command again.",
        ));
    }
    debian::install(workspace, &["python3-venv"])?;
    let _ = fs::remove_dir_all(&folder);
    with_interpreter(workspace, Path::new("/usr/bin/python3"), &folder)
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
