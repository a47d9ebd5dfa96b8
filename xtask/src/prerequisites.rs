//! What a command needs before it can start: checked first, installed only if missing.

use crate::browsers::{self, Browser};
use crate::cargo_tools::CargoTool;
use crate::debian;
use crate::failure::Failure;
use crate::lint;
use crate::node::{self, Packages};
use crate::process;
use crate::python;
use crate::step::Progress;
use crate::toolchain::Compiler;
use crate::wasm_std;
use crate::workspace::Workspace;

/// One thing that may have to be installed.
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

/// For `docs`: what makes them comes with the tests' packages.
pub(crate) const DOCS: &[Prerequisite] = CODEGEN;

/// For `lint`: the types of tests are checked against the packages that they use.
pub(crate) const LINT: &[Prerequisite] = &[
    Prerequisite::Node,
    Prerequisite::BuildPackages,
    Prerequisite::TestPackages,
    Prerequisite::ComponentPackages,
    Prerequisite::LintComponents,
];

/// For `size` and `bench`, over [`BUILD`].
pub(crate) const COMPARE: &[Prerequisite] = &[Prerequisite::TestPackages];

/// For `bench load` and `bench client`, over [`BUILD`].
pub(crate) const IN_CHROMIUM: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::Browser(Browser::Chromium),
];

/// For `bench resend`, over [`BUILD`].
pub(crate) const RESEND: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::Browser(Browser::Chromium),
    Prerequisite::Browser(Browser::Firefox),
    Prerequisite::Browser(Browser::WebKit),
    Prerequisite::Geckodriver,
];

/// For `test --quick`, over [`BUILD`].
pub(crate) const TEST: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::JestPackages,
    Prerequisite::LintComponents,
    Prerequisite::PythonSdk,
    Prerequisite::Curl,
];

/// For `test`, over [`TEST`].
pub(crate) const BROWSERS: &[Prerequisite] = &[
    Prerequisite::HostPackages,
    Prerequisite::Browser(Browser::Chromium),
    Prerequisite::Browser(Browser::Firefox),
    Prerequisite::Browser(Browser::WebKit),
    Prerequisite::Geckodriver,
    Prerequisite::CargoTool(CargoTool::WasmPack),
    Prerequisite::WasmStd,
];

/// For `test hosts`, over [`BUILD`]; with `test --all`, over [`BROWSERS`] too.
pub(crate) const HOSTS: &[Prerequisite] = &[
    Prerequisite::TestPackages,
    Prerequisite::HostPackages,
    Prerequisite::FrameworkPackages,
    Prerequisite::Browser(Browser::Chromium),
];

/// For `test nodes`, over [`TEST`].
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

    fn ensure(self, workspace: &Workspace) -> Result<String, Failure> {
        match self {
            Self::Node => node::ensure(workspace),
            Self::BuildPackages => Packages::Build.ensure(workspace),
            Self::TestPackages => Packages::Tests.ensure(workspace),
            Self::HostPackages => Packages::Hosts.ensure(workspace),
            Self::JestPackages => Packages::Jest.ensure(workspace),
            Self::FrameworkPackages => Packages::Frameworks.ensure(workspace),
            Self::NodePackages => Packages::Nodes.ensure(workspace),
            Self::ComponentPackages => Packages::Components.ensure(workspace),
            Self::WasmCompiler => Compiler::ensure(workspace),
            Self::WasmStd => wasm_std::ensure(workspace),
            Self::CargoTool(tool) => tool.ensure(workspace),
            Self::LintComponents => lint::ensure_components(workspace),
            Self::PythonSdk => python::ensure(workspace),
            Self::Curl => curl(workspace),
            Self::Browser(browser) => browser.ensure(workspace),
            Self::Geckodriver => browsers::ensure_geckodriver(workspace),
        }
    }
}

/// The tests of the documented paths send them with curl.
fn curl(workspace: &Workspace) -> Result<String, Failure> {
    let is_available = || process::on_path(&["curl"]).is_some();
    if is_available() {
        return Ok("there".to_owned());
    }
    if debian::is_available() {
        debian::install(workspace, &["curl"])?;
        return Ok("installed".to_owned());
    }
    Err(Failure::new(
        "curl is needed for the tests: install it, then run the same command again.",
    ))
}

/// Checks each prerequisite as one step, and installs it if it is missing.
///
/// # Errors
///
/// The first prerequisite that is missing and cannot be installed.
pub(crate) fn ensure(
    workspace: &Workspace,
    progress: &mut Progress,
    prerequisites: &[Prerequisite],
) -> Result<(), Failure> {
    prerequisites
        .iter()
        .try_for_each(|it| progress.step(it.name(), || it.ensure(workspace)))
}
