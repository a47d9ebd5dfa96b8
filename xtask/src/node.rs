//! Node, and the npm packages of the build and of the tests.

use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST: u32 = 20;

/// Returns the version of Node, 20 or newer and with npm.
///
/// # Errors
///
/// If it is missing or older: which was found, and where to get another.
pub(crate) fn find(workspace: &Workspace) -> Result<String, Failure> {
    let ask =
        |program: &str| process::output(process::command(workspace, program).arg("--version"));
    let Some(version) = ask("node") else {
        return Err(Failure::new(format!(
            "Node {OLDEST} or newer is needed and is missing: install it from https://nodejs.org, then run the same command again."
        )));
    };
    if major(&version).is_none_or(|major| major < OLDEST) {
        return Err(Failure::new(format!(
            "Node {OLDEST} or newer is needed and this is {version}: install one from https://nodejs.org, then run the same command again."
        )));
    }
    if ask("npm").is_none() {
        return Err(Failure::new(
            "npm is needed and is missing: it comes with Node from https://nodejs.org, on Debian as the package npm.",
        ));
    }
    Ok(format!("found {version}"))
}

/// Returns the command `node`, run in the repository's root.
pub(crate) fn command(workspace: &Workspace) -> Command {
    process::command(workspace, "node")
}

/// A folder with a package.json and a package-lock.json.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packages {
    /// For the build, in the repository's root.
    Build,
    /// For tests, benchmarks and generated code, in tests/: official SDKs and OpenAPI.
    Tests,
    /// Bundlers and frameworks that the package is tested in, in tests/hosts/: half a gigabyte.
    Hosts,
    /// Jest and other environments that load the package with `require`, in tests/jest/.
    Jest,
    /// More bundlers and frameworks, for `test hosts`: the npm workspace tests/hosts/frameworks/. It
    /// is installed in target/, because frameworks write their output beside their packages.
    Frameworks,
    /// Versions of Node that the package is tested with, in tests/nodes/.
    Nodes,
    /// For the page with Seam's official components, in www/components/.
    Components,
}

impl Packages {
    /// Returns `None` unless the installed packages are those of the lock file. For
    /// [`Packages::Frameworks`], first updates the copies of the manifests.
    ///
    /// # Errors
    ///
    /// If the lock file cannot be read, or a manifest cannot be copied.
    pub(crate) fn find(self, workspace: &Workspace) -> Result<Option<String>, Failure> {
        let folder = self.folder(workspace);
        if let Self::Frameworks = self {
            copy_manifests(&workspace.root.join("tests/hosts/frameworks"), &folder).map_err(
                Failure::from_io(format!("{} cannot be written", folder.display())),
            )?;
        }
        let lock = read_lock(&folder)?;
        let is_current = match fs::read_to_string(stamp(&folder)) {
            Ok(installed) => installed == lock,
            Err(_) => was_installed_by_hand(&folder),
        };
        Ok(is_current.then(|| "found".to_owned()))
    }

    /// Runs `npm ci`.
    ///
    /// # Errors
    ///
    /// If npm fails.
    pub(crate) fn install(self, workspace: &Workspace) -> Result<String, Failure> {
        let folder = self.folder(workspace);
        let lock = read_lock(&folder)?;
        let (modules, stamp) = (folder.join("node_modules"), stamp(&folder));
        if modules.is_symlink() {
            // `npm ci` would follow the link and empty the folder of another checkout.
            fs::remove_file(&modules).map_err(Failure::from_io(format!(
                "the link {} cannot be removed",
                modules.display()
            )))?;
        }
        step::note("npm ci");
        let mut ci = process::command(workspace, "npm");
        // By default npm retries for more than a minute if there is no network.
        ci.args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--fetch-retry-mintimeout=1000",
        ])
        .arg("--fetch-retry-maxtimeout=5000")
        .current_dir(&folder);
        process::run(workspace, &mut ci, self.log(), "Installing npm packages")?;
        fs::write(&stamp, lock).map_err(Failure::from_io(format!(
            "{} cannot be written",
            stamp.display()
        )))?;
        Ok("installed".to_owned())
    }

    /// Returns the command that installs the packages, as a sentence.
    pub(crate) fn remedy(self, workspace: &Workspace) -> String {
        let folder = self.folder(workspace);
        let name = folder.strip_prefix(&workspace.root).unwrap_or(&folder);
        if name.as_os_str().is_empty() {
            return "Run `npm ci`.".to_owned();
        }
        format!("Run `npm ci` in {}/.", name.display())
    }

    fn folder(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Build => workspace.root.clone(),
            Self::Tests => workspace.root.join("tests"),
            Self::Hosts => workspace.root.join("tests/hosts"),
            Self::Jest => workspace.root.join("tests/jest"),
            Self::Frameworks => workspace.target.join("frameworks"),
            Self::Nodes => workspace.root.join("tests/nodes"),
            Self::Components => workspace.root.join("www/components"),
        }
    }

    fn log(self) -> &'static str {
        match self {
            Self::Build => "npm-build",
            Self::Tests => "npm-tests",
            Self::Hosts => "npm-hosts",
            Self::Jest => "npm-jest",
            Self::Frameworks => "npm-frameworks",
            Self::Nodes => "npm-nodes",
            Self::Components => "npm-components",
        }
    }
}

fn read_lock(folder: &Path) -> Result<String, Failure> {
    fs::read_to_string(folder.join("package-lock.json")).map_err(Failure::from_io(format!(
        "{}/package-lock.json cannot be read",
        folder.display()
    )))
}

/// A copy of the lock file that was installed. `npm ci` first removes `node_modules` and this file
/// with it, so that an interrupted run leaves none.
fn stamp(folder: &Path) -> PathBuf {
    folder.join("node_modules/.seam-session-lock.json")
}

/// Whether `npm ci` or `npm install` has ended, without this program, since the lock file changed:
/// at the end npm writes a lock file of its own into `node_modules`. The target of a symbolic link
/// does not count, because it was installed for another folder.
fn was_installed_by_hand(folder: &Path) -> bool {
    let modified = |name: &str| fs::metadata(folder.join(name)).and_then(|it| it.modified());
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(lock)) => installed >= lock && !folder.join("node_modules").is_symlink(),
        _ => false,
    }
}

/// Copies the package.json and the lock file of an npm workspace, and the package.json of each of
/// its folders.
fn copy_manifests(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), to.join(name))?;
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let manifest = entry.path().join("package.json");
        if manifest.is_file() {
            let folder = to.join(entry.file_name());
            fs::create_dir_all(&folder)?;
            fs::copy(manifest, folder.join("package.json"))?;
        }
    }
    Ok(())
}

/// The versions of Node that the package is tested with: the oldest, those with long-term support,
/// and the newest.
pub(crate) const VERSIONS: [&str; 4] = ["20", "22", "24", "26"];

/// Returns the command of a Node in tests/nodes/, run in the repository's root and first on PATH.
///
/// # Errors
///
/// If there is none for this operating system and processor.
pub(crate) fn command_of_version(workspace: &Workspace, version: &str) -> Result<Command, Failure> {
    let machine = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("node-{version}-{}-{machine}", env::consts::OS);
    let bin = Packages::Nodes
        .folder(workspace)
        .join("node_modules")
        .join(&package)
        .join("bin");
    let program = bin.join("node");
    if !program.is_file() {
        return Err(Failure::new(format!(
            "Node {version} is not among the packages of tests/nodes/ for this machine: add it to the package.json there as {package}, or run this on Linux."
        )));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(bin).chain(env::split_paths(&path)))
        .map_err(|error| Failure::new(format!("PATH cannot be set: {error}.")))?;
    let mut node = process::command(workspace, program);
    node.env("PATH", path);
    Ok(node)
}

/// Returns the command that runs a script of the repository.
///
/// # Errors
///
/// If there is no such file.
pub(crate) fn script(workspace: &Workspace, path: &str) -> Result<Command, Failure> {
    if !workspace.root.join(Path::new(path)).is_file() {
        return Err(Failure::new(format!("{path} does not exist.")));
    }
    let mut node = command(workspace);
    node.arg(path);
    Ok(node)
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.19.2"), Some(20));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("nonsense"), None);
    }
}
