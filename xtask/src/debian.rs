//! System packages, installed with apt where a tool is missing.

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;
use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// The package lists are updated once a run, however many steps install something.
static UPDATED: AtomicBool = AtomicBool::new(false);

const INSTALL: [&str; 3] = ["install", "--yes", "--no-install-recommends"];

/// The packages that one prerequisite takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemPackages {
    /// The name of the prerequisite.
    pub(crate) purpose: &'static str,
    /// Debian's names of the packages.
    pub(crate) packages: &'static [&'static str],
    /// When they are installed, if not in every case.
    pub(crate) condition: Option<&'static str>,
}

/// Whether this system installs packages with apt.
pub(crate) fn is_available() -> bool {
    process::on_path(&["apt-get"]).is_some()
}

/// Returns the lines that tell which packages will be installed, for what and by which command;
/// `None` if there are none.
pub(crate) fn announcement(packages: &[SystemPackages]) -> Option<String> {
    if packages.is_empty() {
        return None;
    }
    Some(announcement_as(Root::for_current_user().as_ref(), packages))
}

fn announcement_as(root: Option<&Root>, packages: &[SystemPackages]) -> String {
    let mut text = match root {
        Some(root) => {
            let apt = root.command_line();
            format!(
                "These system packages are missing and will be installed, with `{apt} update` and `{apt} {}`:\n",
                INSTALL.join(" ")
            )
        }
        None => {
            "These system packages are missing; install them with `sudo apt-get update` and `sudo apt-get install`:\n".to_owned()
        }
    };
    for SystemPackages {
        purpose,
        packages,
        condition,
    } in packages
    {
        let condition = condition.map(|it| format!(", {it}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "    {} (for {purpose}{condition})",
            packages.join(" ")
        );
    }
    text.push_str("With --no-install nothing is installed.\n\n");
    text
}

/// Installs packages as root, or through sudo if that does not ask for a password.
///
/// # Errors
///
/// If this user may not, with the command to run; if apt fails, with its log.
pub(crate) fn install(workspace: &Workspace, packages: &[&str]) -> Result<(), Failure> {
    let names = packages.join(" ");
    let Some(root) = Root::for_current_user() else {
        return Err(Failure::new(format!(
            "Installing {names} needs root: run `sudo apt-get update && sudo apt-get install {names}`, then the same command again."
        )));
    };
    let mut output = String::new();
    if !UPDATED.swap(true, Ordering::Relaxed) {
        // One unreachable repository among many makes it fail; whether that matters shows when
        // the packages are installed.
        let mut update = root.apt(workspace);
        let (_, log) = process::logged(workspace, update.arg("update"), "apt-update")?;
        output = fs::read_to_string(log).unwrap_or_default();
    }
    let mut install = root.apt(workspace);
    install.args(INSTALL).args(packages);
    let (success, log) = process::logged(workspace, &mut install, "apt-install")?;
    if success {
        return Ok(());
    }
    output.push_str(&fs::read_to_string(&log).unwrap_or_default());
    Err(process::failed(
        &install,
        &format!("Installing {names}"),
        &output,
        log,
    ))
}

/// How this user runs apt as root.
enum Root {
    Already,
    Sudo,
}

impl Root {
    fn for_current_user() -> Option<Self> {
        let is_root = process::output(Command::new("id").arg("-u")).as_deref() == Some("0");
        let has_sudo = || process::output(Command::new("sudo").args(["-n", "true"])).is_some();
        if is_root {
            Some(Self::Already)
        } else {
            has_sudo().then_some(Self::Sudo)
        }
    }

    fn command_line(&self) -> &'static str {
        match self {
            Self::Already => "apt-get",
            Self::Sudo => "sudo -n apt-get",
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

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGES: [SystemPackages; 2] = [
        SystemPackages {
            purpose: "Chromium",
            packages: &["chromium", "chromium-driver"],
            condition: None,
        },
        SystemPackages {
            purpose: "wasm compiler",
            packages: &["rustc-web"],
            condition: Some("only if rustup fails"),
        },
    ];

    #[test]
    fn the_packages_are_announced_with_their_purpose_and_the_command() {
        let text = announcement_as(Some(&Root::Sudo), &PACKAGES);
        for part in [
            "`sudo -n apt-get install --yes --no-install-recommends`",
            "    chromium chromium-driver (for Chromium)\n",
            "    rustc-web (for wasm compiler, only if rustup fails)\n",
            "--no-install",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(announcement_as(Some(&Root::Already), &PACKAGES).contains("`apt-get install"));
    }

    #[test]
    fn a_user_who_cannot_become_root_is_told_what_to_run() {
        let text = announcement_as(None, &PACKAGES);
        assert!(
            text.contains("install them with `sudo apt-get update`"),
            "{text}"
        );
        assert!(!text.contains("will be installed"), "{text}");
    }

    #[test]
    fn nothing_is_announced_if_no_package_is_missing() {
        assert_eq!(announcement(&[]), None);
    }
}
