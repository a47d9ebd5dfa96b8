//! `cargo xtask`: the commands for contributors and CI.

mod browsers;
mod cargo_tools;
mod debian;
mod display;
mod exports;
mod failure;
mod lint;
mod node;
mod package;
mod prerequisites;
mod process;
mod python;
mod rust_client;
mod sandbox;
mod step;
mod suites;
mod summary;
mod test_output;
mod toolchain;
mod wasm;
mod wasm_std;
mod workspace;

use failure::Failure;
use prerequisites::{Install, Prerequisite};
use std::process::ExitCode;
use step::Progress;
use suites::Selection;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask COMMAND

    demo [--once] [--port N]  install what is missing, build, run the demo and serve its page
    demo --devices N          serve the property manager page with N devices instead
    test                      install what is missing, run the suites: one Node, three browsers,
                              one host of each family
    test --quick              the same without browsers
    test --all                also `test hosts` and `test nodes`
    test hosts                the packed package in every bundler and framework, in Chromium
    test nodes                the package's suite on Node 20, 22, 24 and the newest
    build                     build the wasm modules, the package and the pages
    pack                      build, then create the tarball for npm
    lint [--fix]              every check of the sources; --fix: formatters rewrite the files
    setup                     install what is missing for build, test, lint and bench
    size                      bytes of the browser entry, beside the official SDK's
    bench                     times, beside the official SDK's
    bench load                time from navigation to a list on the screen, beside the official SDK
    bench client              a list that is kept fresh, beside structural sharing
    bench sandbox             the sandbox, beside Seam's own fake
    bench resend              how often browsers deliver an action when connections break
    mutants [FILE...]         removes each check of the sandbox's scope in turn, and lists those
                              whose removal no test notices: by default in every file of scope
    mutants --list            the same list of checks, without running anything
    mutants --missed OUTPUT   only those that an earlier run missed, whose output is in OUTPUT
    codegen [--check]         write the generated code; --check: only compare
    docs                      the API reference, into target/docs
    help                      this

Every command takes --no-install: then a missing tool is an error that tells how to get it, and
nothing is installed, npm packages included. Without it, the system packages to be installed are
listed before the first is.
Tools are kept in SEAM_SESSION_TOOLS, else in the user's cache folder under seam-session.
Every step's output is kept in target/xtask.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (arguments, install) = take_no_install(&arguments);
    dispatch(&arguments, install).unwrap_or_else(|failure| {
        eprint!("{}", failure.report());
        ExitCode::FAILURE
    })
}

/// Returns the arguments without `--no-install`, and what may be installed.
fn take_no_install<'a>(arguments: &[&'a str]) -> (Vec<&'a str>, Install) {
    let (flags, arguments): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|it| **it == "--no-install");
    let install = if flags.is_empty() {
        Install::Missing
    } else {
        Install::Nothing
    };
    (arguments, install)
}

fn dispatch(arguments: &[&str], install: Install) -> Result<ExitCode, Failure> {
    let done = |()| ExitCode::SUCCESS;
    match arguments {
        [] | ["help" | "--help" | "-h"] => {
            step::print(&format!("{HELP}\n"));
            Ok(ExitCode::SUCCESS)
        }
        ["setup"] => setup(install).map(done),
        ["build"] => build(&[], install).map(|_| ExitCode::SUCCESS),
        ["pack"] => pack(install).map(done),
        ["demo", rest @ ..] => after_build(install, &[], "www/demo.mjs", rest),
        ["size", rest @ ..] => {
            after_build(install, prerequisites::COMPARE, "benches/size.mjs", rest)
        }
        ["bench", "load"] => after_build(
            install,
            prerequisites::IN_CHROMIUM,
            "benches/first-list.mjs",
            &[],
        ),
        ["bench", "client", rest @ ..] => after_build(
            install,
            prerequisites::IN_CHROMIUM,
            "benches/client.mjs",
            rest,
        ),
        ["bench", "resend"] => {
            after_build(install, prerequisites::RESEND, "benches/resend.mjs", &[])
        }
        ["bench", "sandbox", rest @ ..] => {
            after_build(install, prerequisites::COMPARE, "benches/sandbox.mjs", rest)
        }
        ["bench", rest @ ..] => {
            after_build(install, prerequisites::COMPARE, "benches/bench.mjs", rest)
        }
        ["test"] => test(Selection::Default, install),
        ["test", "--quick"] => test(Selection::Quick, install),
        ["test", "--all"] => test(Selection::All, install),
        ["test", "hosts"] => test(Selection::Hosts, install),
        ["test", "nodes"] => test(Selection::Nodes, install),
        ["lint"] => lint(false, install).map(done),
        ["lint", "--fix"] => lint(true, install).map(done),
        ["mutants", rest @ ..] => mutants(rest),
        ["codegen", rest @ ..] => {
            script(install, prerequisites::CODEGEN, "xtask/codegen.mjs", rest)
        }
        ["docs"] => script(install, prerequisites::DOCS, "xtask/docs.mjs", &[]),
        other => Err(Failure::new(format!(
            "`cargo xtask {}` is not a command.\n\n{HELP}",
            other.join(" ")
        ))),
    }
}

fn setup(install: Install) -> Result<(), Failure> {
    let needed = [
        prerequisites::BUILD,
        prerequisites::TEST,
        prerequisites::BROWSERS,
    ]
    .concat();
    prerequisites::ensure(
        &Workspace::find()?,
        &mut Progress::new(needed.len()),
        &needed,
        install,
    )
}

fn build(more: &[Prerequisite], install: Install) -> Result<Workspace, Failure> {
    let workspace = Workspace::find()?;
    let needed = [prerequisites::BUILD, more].concat();
    let mut progress = Progress::new(needed.len() + package::BUILD_STEPS);
    prerequisites::ensure(&workspace, &mut progress, &needed, install)?;
    package::build(&workspace, &mut progress)?;
    Ok(workspace)
}

fn pack(install: Install) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let mut progress = Progress::new(prerequisites::BUILD.len() + package::BUILD_STEPS + 1);
    prerequisites::ensure(&workspace, &mut progress, prerequisites::BUILD, install)?;
    package::build(&workspace, &mut progress)?;
    progress.step("npm pack, install", || {
        let tarball = package::pack(&workspace)?;
        Ok(tarball.display().to_string())
    })
}

fn after_build(
    install: Install,
    needed: &[Prerequisite],
    path: &str,
    arguments: &[&str],
) -> Result<ExitCode, Failure> {
    let workspace = build(needed, install)?;
    let mut script = node::script(&workspace, path)?;
    script.args(arguments).envs(browsers::variables(&workspace));
    step::print("\n");
    process::exec(script)
}

fn test(selection: Selection, install: Install) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find()?;
    let needed = selection.prerequisites();
    let mut progress = Progress::new(needed.len() + suites::steps(selection));
    prerequisites::ensure(&workspace, &mut progress, &needed, install)?;
    let passed = suites::run(&workspace, &mut progress, selection);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn lint(fix: bool, install: Install) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let mut progress = Progress::new(prerequisites::LINT.len() + lint::CHECKS.len());
    prerequisites::ensure(&workspace, &mut progress, prerequisites::LINT, install)?;
    lint::run(&workspace, &mut progress, fix)
}

/// Runs `xtask/mutants`, a program of its own: it alone parses Rust, and every other command
/// starts sooner without the crates for that.
fn mutants(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let mut cargo = process::command(&Workspace::find()?, "cargo");
    cargo
        .args(["run", "--quiet", "--package", "mutants", "--"])
        .args(arguments);
    process::exec(cargo)
}

/// Runs a script that does not need the build.
fn script(
    install: Install,
    needed: &[Prerequisite],
    path: &str,
    arguments: &[&str],
) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find()?;
    let mut progress = Progress::new(needed.len());
    prerequisites::ensure(&workspace, &mut progress, needed, install)?;
    let mut script = node::script(&workspace, path)?;
    script.args(arguments);
    process::exec(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_takes_no_install_at_any_place() {
        for arguments in [
            ["--no-install", "test", "hosts"],
            ["test", "hosts", "--no-install"],
        ] {
            let (rest, install) = take_no_install(&arguments);
            assert_eq!(rest, ["test", "hosts"]);
            assert_eq!(install, Install::Nothing);
        }
        assert_eq!(
            take_no_install(&["setup"]),
            (vec!["setup"], Install::Missing)
        );
    }
}
