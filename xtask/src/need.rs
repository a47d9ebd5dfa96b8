//! What a command needs before it can begin. Asked for first, installed only when absent.

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
pub(crate) enum Need {
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
pub(crate) const BUILD: &[Need] = &[
    Need::Node,
    Need::BuildPackages,
    Need::ComponentPackages,
    Need::WasmCompiler,
    Need::CargoTool(CargoTool::WasmBindgen),
];

/// For `codegen`.
pub(crate) const CODEGEN: &[Need] = &[Need::Node, Need::BuildPackages, Need::TestPackages];

/// For `docs`: what makes them comes with the tests' packages.
pub(crate) const DOCS: &[Need] = CODEGEN;

/// For `lint`: the types of tests are checked against the packages that they use.
pub(crate) const LINT: &[Need] = &[
    Need::Node,
    Need::BuildPackages,
    Need::TestPackages,
    Need::ComponentPackages,
    Need::LintComponents,
];

/// For `size` and `bench`, over [`BUILD`].
pub(crate) const COMPARE: &[Need] = &[Need::TestPackages];

/// For `bench load` and `bench client`, over [`BUILD`].
pub(crate) const IN_CHROMIUM: &[Need] = &[Need::TestPackages, Need::Browser(Browser::Chromium)];

/// For `bench resend`, over [`BUILD`].
pub(crate) const RESEND: &[Need] = &[
    Need::TestPackages,
    Need::Browser(Browser::Chromium),
    Need::Browser(Browser::Firefox),
    Need::Browser(Browser::WebKit),
    Need::Geckodriver,
];

/// For `test --quick`, over [`BUILD`].
pub(crate) const TEST: &[Need] = &[
    Need::TestPackages,
    Need::JestPackages,
    Need::LintComponents,
    Need::PythonSdk,
    Need::Curl,
];

/// For `test`, over [`TEST`].
pub(crate) const BROWSERS: &[Need] = &[
    Need::HostPackages,
    Need::Browser(Browser::Chromium),
    Need::Browser(Browser::Firefox),
    Need::Browser(Browser::WebKit),
    Need::Geckodriver,
    Need::CargoTool(CargoTool::WasmPack),
    Need::WasmStd,
];

/// For `test hosts`, over [`BUILD`]; with `test --all`, over [`BROWSERS`] too.
pub(crate) const HOSTS: &[Need] = &[
    Need::TestPackages,
    Need::HostPackages,
    Need::FrameworkPackages,
    Need::Browser(Browser::Chromium),
];

/// For `test nodes`, over [`TEST`].
pub(crate) const NODES: &[Need] = &[Need::NodePackages];

impl Need {
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
    let is_here = || process::on_path(&["curl"]).is_some();
    if is_here() {
        return Ok("there".to_owned());
    }
    if debian::is_here() {
        debian::install(workspace, &["curl"])?;
        return Ok("installed".to_owned());
    }
    Err(Failure::new(
        "curl is needed for the tests: install it, then run the same command again.",
    ))
}

/// One step for each need.
///
/// # Errors
///
/// The first need that is neither there nor to be had.
pub(crate) fn ensure(
    workspace: &Workspace,
    progress: &mut Progress,
    needs: &[Need],
) -> Result<(), Failure> {
    needs
        .iter()
        .try_for_each(|need| progress.step(need.name(), || need.ensure(workspace)))
}
