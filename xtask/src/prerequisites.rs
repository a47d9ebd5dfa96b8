//! What a command needs before it can start: checked first, installed only if missing.

use crate::browsers::{self, Browser};
use crate::cargo_tools::CargoTool;
use crate::debian::{self, SystemPackages};
use crate::failure::Failure;
use crate::lint;
use crate::node::{self, Packages};
use crate::process;
use crate::python;
use crate::step::{self, Progress};
use crate::toolchain::{self, Compiler};
use crate::wasm_std;
use crate::workspace::Workspace;

/// What may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Install {
    /// Every prerequisite that is missing.
    Missing,
    /// Nothing, with `--no-install`: a prerequisite that is missing is an error.
    Nothing,
}

/// A tool, or a set of packages, that may have to be installed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Prerequisite {
    Node,
    BuildPackages,
    TestPackages,
    HostPackages,
    JestPackages,
    FrameworkPackages,
    NodePackages,
    ComponentPackages,
    WasmCompiler,
    WasmStd,
    CargoTool(CargoTool),
    LintComponents,
    PythonSdk,
    Curl,
    Browser(Browser),
    Geckodriver,
}

/// For `build` and `demo`.
pub(crate) const BUILD: &[Prerequisite] = &[
    Prerequisite::Node,
    Prerequisite::BuildPackages,
    Prerequisite::ComponentPackages,
    Prerequisite::WasmCompiler,
    Prerequisite::CargoTool(CargoTool::WasmBindgen),
];

/// For `codegen`.
pub(crate) const CODEGEN: &[Prerequisite] = &[
    Prerequisite::Node,
    Prerequisite::BuildPackages,
    Prerequisite::TestPackages,
];

/// For `docs`, whose generator is among the packages of the tests.
pub(crate) const DOCS: &[Prerequisite] = CODEGEN;

/// For `lint`; tsc needs the packages that the tests use, and `ESLint` is among those of Jest.
pub(crate) const LINT: &[Prerequisite] = &[
    Prerequisite::Node,
    Prerequisite::BuildPackages,
    Prerequisite::TestPackages,
    Prerequisite::ComponentPackages,
    Prerequisite::JestPackages,
    Prerequisite::LintComponents,
];

/// For `size` and `bench`, in addition to [`BUILD`].
pub(crate) const COMPARE: &[Prerequisite] = &[Prerequisite::TestPackages];

/// For `bench load` and `bench client`, in addition to [`BUILD`].
pub(crate) const IN_CHROMIUM: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::Browser(Browser::Chromium),
];

/// For `bench resend`, in addition to [`BUILD`].
pub(crate) const RESEND: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::Browser(Browser::Chromium),
    Prerequisite::Browser(Browser::Firefox),
    Prerequisite::Browser(Browser::WebKit),
    Prerequisite::Geckodriver,
];

/// For `test --quick`, in addition to [`BUILD`].
pub(crate) const TEST: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::JestPackages,
    Prerequisite::LintComponents,
    Prerequisite::PythonSdk,
    Prerequisite::Curl,
];

/// For `test`, in addition to [`TEST`].
pub(crate) const BROWSERS: &[Prerequisite] = &[
    Prerequisite::HostPackages,
    Prerequisite::Browser(Browser::Chromium),
    Prerequisite::Browser(Browser::Firefox),
    Prerequisite::Browser(Browser::WebKit),
    Prerequisite::Geckodriver,
    Prerequisite::CargoTool(CargoTool::WasmPack),
    Prerequisite::WasmStd,
];

/// For `test hosts`, in addition to [`BUILD`].
pub(crate) const HOSTS: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::HostPackages,
    Prerequisite::FrameworkPackages,
    Prerequisite::Browser(Browser::Chromium),
];

/// For `test nodes`, in addition to [`TEST`].
pub(crate) const NODES: &[Prerequisite] = &[Prerequisite::NodePackages];

impl Prerequisite {
    fn name(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::BuildPackages => "npm packages of the build",
            Self::TestPackages => "npm packages of the tests",
            Self::HostPackages => "bundlers and frameworks",
            Self::JestPackages => "Jest",
            Self::FrameworkPackages => "more bundlers and frameworks",
            Self::NodePackages => "versions of Node",
            Self::ComponentPackages => "npm packages of Seam's components",
            Self::WasmCompiler => "wasm compiler",
            Self::WasmStd => "std for wasm32",
            Self::CargoTool(tool) => tool.name(),
            Self::LintComponents => "clippy and rustfmt",
            Self::PythonSdk => "Python SDK",
            Self::Curl => "curl",
            Self::Browser(browser) => browser.name(),
            Self::Geckodriver => CargoTool::Geckodriver.name(),
        }
    }

    /// Returns what is present, or `None` if it is missing.
    ///
    /// # Errors
    ///
    /// If it is missing and `cargo xtask` never installs it (Node, clippy, rustfmt), or if a file
    /// of the repository cannot be read.
    fn find(self, workspace: &Workspace) -> Result<Option<String>, Failure> {
        match self {
            Self::Node => node::find(workspace).map(Some),
            Self::LintComponents => lint::find_components(workspace).map(Some),
            Self::WasmCompiler => Ok(Compiler::find(workspace).map(|it| it.summary())),
            Self::WasmStd => Ok(wasm_std::find(workspace)),
            Self::CargoTool(tool) => tool.find(workspace),
            Self::PythonSdk => Ok(python::find(workspace)),
            Self::Curl => Ok(process::on_path(&["curl"]).map(|_| "found".to_owned())),
            Self::Browser(browser) => Ok(browser.find()),
            Self::Geckodriver => browsers::find_geckodriver(workspace),
            packages => match packages.npm_packages() {
                Some(packages) => packages.find(workspace),
                None => Ok(None),
            },
        }
    }

    /// Installs it and returns what was installed.
    fn install(self, workspace: &Workspace) -> Result<String, Failure> {
        match self {
            Self::WasmCompiler => Compiler::install(workspace),
            Self::WasmStd => wasm_std::install(workspace),
            Self::CargoTool(tool) => tool.install(workspace),
            Self::PythonSdk => python::install(workspace),
            Self::Curl => install_curl(workspace),
            Self::Browser(browser) => browser.install(workspace),
            Self::Geckodriver => CargoTool::Geckodriver.install(workspace),
            other => match other.npm_packages() {
                Some(packages) => packages.install(workspace),
                None => Err(Failure::new(other.remedy(workspace))),
            },
        }
    }

    /// Returns how to install it by hand, as a sentence.
    fn remedy(self, workspace: &Workspace) -> String {
        match self {
            Self::Node => "Install Node from https://nodejs.org.".to_owned(),
            Self::LintComponents => "Run `rustup component add clippy rustfmt`.".to_owned(),
            Self::WasmCompiler => Compiler::remedy(),
            Self::WasmStd => wasm_std::remedy(workspace),
            Self::CargoTool(tool) => tool.remedy(workspace),
            Self::PythonSdk => python::remedy(workspace),
            Self::Curl => CURL_REMEDY.to_owned(),
            Self::Browser(browser) => browser.remedy(),
            Self::Geckodriver => format!(
                "{} Or name an installed one in GECKODRIVER.",
                CargoTool::Geckodriver.remedy(workspace)
            ),
            other => other
                .npm_packages()
                .map(|packages| packages.remedy(workspace))
                .unwrap_or_default(),
        }
    }

    /// Returns the system packages that installing it takes: none if it is present, or if this
    /// system does not use apt.
    fn system_packages(self, workspace: &Workspace) -> Option<SystemPackages> {
        if !debian::is_available() {
            return None;
        }
        let (packages, condition): (&[&str], _) = match self {
            Self::WasmCompiler => {
                if Compiler::find(workspace).is_some() {
                    return None;
                }
                (&toolchain::DEBIAN_PACKAGES, Compiler::apt_condition())
            }
            Self::PythonSdk if python::needs_system_package(workspace) => {
                (&python::DEBIAN_PACKAGES, None)
            }
            Self::Curl if process::on_path(&["curl"]).is_none() => (&["curl"], None),
            Self::Browser(browser) if browser.find().is_none() => (browser.debian_packages(), None),
            _ => return None,
        };
        Some(SystemPackages {
            purpose: self.name(),
            packages,
            condition,
        })
    }

    fn npm_packages(self) -> Option<Packages> {
        match self {
            Self::BuildPackages => Some(Packages::Build),
            Self::TestPackages => Some(Packages::Tests),
            Self::HostPackages => Some(Packages::Hosts),
            Self::JestPackages => Some(Packages::Jest),
            Self::FrameworkPackages => Some(Packages::Frameworks),
            Self::NodePackages => Some(Packages::Nodes),
            Self::ComponentPackages => Some(Packages::Components),
            _ => None,
        }
    }
}

const CURL_REMEDY: &str = "curl is needed for the tests: install it so that it is on PATH, then run the same command again.";

/// The tests run the `curl` commands of the documentation.
fn install_curl(workspace: &Workspace) -> Result<String, Failure> {
    if !debian::is_available() {
        return Err(Failure::new(CURL_REMEDY));
    }
    debian::install(workspace, &["curl"])?;
    Ok("installed".to_owned())
}

/// Checks each prerequisite as one step, and installs it if it is missing. Announces the system
/// packages before the first step.
///
/// # Errors
///
/// With [`Install::Missing`]: the first prerequisite that is missing and cannot be installed.
/// With [`Install::Nothing`]: every prerequisite that is missing, each with its remedy.
pub(crate) fn ensure(
    workspace: &Workspace,
    progress: &mut Progress,
    prerequisites: &[Prerequisite],
    install: Install,
) -> Result<(), Failure> {
    if install == Install::Missing {
        let packages: Vec<SystemPackages> = prerequisites
            .iter()
            .filter_map(|it| it.system_packages(workspace))
            .collect();
        if let Some(announcement) = debian::announcement(&packages) {
            step::print(&announcement);
        }
    }
    let mut missing = Vec::new();
    for it in prerequisites {
        let result = progress.step(it.name(), || {
            find_or_install(
                install,
                || it.find(workspace),
                || it.install(workspace),
                || format!("{}: {}", it.name(), it.remedy(workspace)),
            )
        });
        match (result, install) {
            (Ok(()), _) => {}
            (Err(failure), Install::Missing) => return Err(failure),
            (Err(failure), Install::Nothing) => missing.push(failure.message),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Missing, and --no-install was given:\n\n  {}\n\nRun the same command without --no-install to install what is missing.",
        missing.join("\n  ")
    )))
}

/// Returns the result of `find`, or that of `install` if it is missing and may be installed.
///
/// # Errors
///
/// Those of `find` and `install`; with [`Install::Nothing`], the remedy.
fn find_or_install(
    policy: Install,
    find: impl FnOnce() -> Result<Option<String>, Failure>,
    install: impl FnOnce() -> Result<String, Failure>,
    remedy: impl FnOnce() -> String,
) -> Result<String, Failure> {
    match (find()?, policy) {
        (Some(found), _) => Ok(found),
        (None, Install::Missing) => install(),
        (None, Install::Nothing) => Err(Failure::new(remedy())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn without_permission_to_install_a_missing_tool_is_an_error_with_its_remedy() {
        let result = find_or_install(
            Install::Nothing,
            || Ok(None),
            || panic!("must not install"),
            || "Run `apt`.".to_owned(),
        );
        assert_eq!(result.unwrap_err().message, "Run `apt`.");
    }

    #[test]
    fn a_missing_tool_is_installed_and_one_that_is_present_is_not() {
        let missing = find_or_install(
            Install::Missing,
            || Ok(None),
            || Ok("installed".to_owned()),
            || panic!("needs no remedy"),
        );
        assert_eq!(missing.unwrap(), "installed");
        for policy in [Install::Missing, Install::Nothing] {
            let present = find_or_install(
                policy,
                || Ok(Some("found".to_owned())),
                || panic!("must not install"),
                || panic!("needs no remedy"),
            );
            assert_eq!(present.unwrap(), "found");
        }
    }

    #[test]
    fn without_permission_to_install_all_that_is_missing_is_listed_and_nothing_is_written() {
        let workspace = Workspace::temporary("no-install");
        for folder in ["", "tests"] {
            let lock = workspace.root.join(folder).join("package-lock.json");
            write(&lock, "{}");
        }
        let wanted = [
            Prerequisite::BuildPackages,
            Prerequisite::TestPackages,
            Prerequisite::CargoTool(CargoTool::WasmPack),
            Prerequisite::PythonSdk,
        ];
        let mut progress = Progress::new(wanted.len());
        let failure = ensure(&workspace, &mut progress, &wanted, Install::Nothing).unwrap_err();
        for it in wanted {
            assert!(failure.message.contains(it.name()), "{}", failure.message);
        }
        for remedy in [
            "`npm ci` in tests/",
            "cargo install wasm-pack",
            "pip install seam==",
        ] {
            assert!(failure.message.contains(remedy), "{}", failure.message);
        }
        for path in ["node_modules", "tests/node_modules", "cache"] {
            assert!(!workspace.root.join(path).exists(), "{path}");
        }
        fs::remove_dir_all(&workspace.root).unwrap();
    }

    #[test]
    fn npm_packages_are_found_only_if_they_are_those_of_the_lock_file() {
        let workspace = Workspace::temporary("stamp");
        let (lock, stamp) = (
            workspace.root.join("tests/package-lock.json"),
            workspace
                .root
                .join("tests/node_modules/.seam-session-lock.json"),
        );
        let is_found = || {
            let found = Prerequisite::TestPackages.find(&workspace);
            found.unwrap().is_some()
        };
        write(&lock, "1");
        assert!(!is_found());
        write(&stamp, "1");
        assert!(is_found());
        write(&lock, "2");
        assert!(!is_found());
        fs::remove_dir_all(&workspace.root).unwrap();
    }

    #[test]
    fn npm_packages_that_were_installed_by_hand_are_found_until_the_lock_file_changes() {
        let workspace = Workspace::temporary("by-hand");
        let lock = workspace.root.join("tests/package-lock.json");
        let hidden = workspace.root.join("tests/node_modules/.package-lock.json");
        write(&lock, "1");
        write(&hidden, "{}");
        let installed = fs::metadata(&hidden).unwrap().modified().unwrap();
        for (minute_later, found) in [(false, true), (true, false)] {
            let changed = installed + Duration::from_secs(if minute_later { 60 } else { 0 });
            let file = fs::File::options().write(true).open(&lock).unwrap();
            file.set_modified(changed).unwrap();
            let result = Prerequisite::TestPackages.find(&workspace).unwrap();
            assert_eq!(result.is_some(), found);
        }
        fs::remove_dir_all(&workspace.root).unwrap();
    }

    #[test]
    fn every_prerequisite_has_a_remedy() {
        let workspace = Workspace::temporary("remedies");
        write(
            &workspace.root.join("Cargo.lock"),
            "name = \"wasm-bindgen\"\nversion = \"0.2.130\"\n",
        );
        for list in [BUILD, LINT, TEST, BROWSERS, HOSTS, NODES, RESEND] {
            for it in list {
                assert!(!it.remedy(&workspace).is_empty(), "{}", it.name());
            }
        }
        fs::remove_dir_all(&workspace.root).unwrap();
    }
}
