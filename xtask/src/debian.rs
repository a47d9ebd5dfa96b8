//! Debian's packages: the fallback where nothing better is there.

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// The package lists are fetched once a run, however many steps install something.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// Whether this system installs with apt.
pub(crate) fn is_available() -> bool {
    process::on_path(&["apt-get"]).is_some()
}

/// Installs packages, as root or through a sudo that asks for no password.
///
/// # Errors
///
/// Without root: the command to type. Else when apt fails.
pub(crate) fn install(workspace: &Workspace, packages: &[&str]) -> Result<(), Failure> {
    let names = packages.join(" ");
    let Some(root) = Root::of_this_user() else {
        return Err(Failure::new(format!(
            "Installing {names} needs root: run `sudo apt-get update && sudo apt-get install {names}`, then the same command again."
        )));
    };
    let mut said = String::new();
    if !UPDATED.swap(true, Ordering::Relaxed) {
        // Fails for one unreachable repository among many: whether it matters, the install tells.
        let mut update = root.apt(workspace);
        let (_, log) = process::logged(workspace, update.arg("update"), "apt-update")?;
        said = fs::read_to_string(log).unwrap_or_default();
    }
    let mut install = root.apt(workspace);
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages);
    let (success, log) = process::logged(workspace, &mut install, "apt-install")?;
    if success {
        return Ok(());
    }
    said.push_str(&fs::read_to_string(&log).unwrap_or_default());
    Err(process::failed(
        &install,
        &format!("Installing {names}"),
        &said,
        log,
    ))
}

enum Root {
    Already,
    Sudo,
}

impl Root {
    fn of_this_user() -> Option<Self> {
        let is_root = process::output(Command::new("id").arg("-u")).as_deref() == Some("0");
        let has_sudo = || process::output(Command::new("sudo").args(["-n", "true"])).is_some();
        if is_root {
            Some(Self::Already)
        } else {
            has_sudo().then_some(Self::Sudo)
        }
    }

    fn apt(&self, workspace: &Workspace) -> Command {
        let mut command = match self {
            Self::Already => process::command(workspace, "apt-get"),
            Self::Sudo => {
                let mut sudo = process::command(workspace, "sudo");
                sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
                sudo
            }
        };
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }
}
