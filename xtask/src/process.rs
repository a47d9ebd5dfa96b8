//! Runs other programs, with their output in a log.

use crate::failure::Failure;
use crate::workspace::Workspace;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// Variables that cargo sets for the program that it runs. A cargo or rustc that this program
/// starts must not read them.
const CARGO_VARIABLES: [&str; 4] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "RUST_RECURSION_COUNT",
];

/// Returns a command that runs in the repository's root, without the variables of `cargo run`.
pub(crate) fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&workspace.root).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if CARGO_VARIABLES.contains(&text.as_ref()) || text.starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command with its output in `target/xtask/<log>.log`; returns whether it succeeded, and
/// the path of the log.
///
/// # Errors
///
/// If the program cannot be started.
pub(crate) fn logged(
    workspace: &Workspace,
    command: &mut Command,
    log: &str,
) -> Result<(bool, PathBuf), Failure> {
    let path = workspace.logs().join(format!("{log}.log"));
    let cannot = || Failure::from_io(format!("{} cannot be written", path.display()));
    let out = File::create(&path).map_err(cannot())?;
    let err = out.try_clone().map_err(cannot())?;
    let program = Path::new(command.get_program()).display().to_string();
    let status = command
        .stdout(out)
        .stderr(err)
        .status()
        .map_err(Failure::from_io(format!("`{program}` cannot be started")))?;
    Ok((status.success(), path))
}

/// Runs a command. `what` is a noun that completes the message "… failed".
///
/// # Errors
///
/// If the command fails; the message tells whether the network was the reason.
pub(crate) fn run(
    workspace: &Workspace,
    command: &mut Command,
    log: &str,
    what: &str,
) -> Result<(), Failure> {
    let (success, path) = logged(workspace, command, log)?;
    if success {
        return Ok(());
    }
    let output = fs::read_to_string(&path).unwrap_or_default();
    Err(failed(command, what, &output, path))
}

/// Hands the terminal to a program and returns its exit code. On Unix the program replaces this
/// process, so that Ctrl-C and signals reach the program only.
///
/// # Errors
///
/// If the program cannot be started.
pub(crate) fn exec(mut command: Command) -> Result<ExitCode, Failure> {
    let program = Path::new(command.get_program()).display().to_string();
    let status = replace_or_wait(command.stdin(Stdio::inherit()))
        .map_err(Failure::from_io(format!("`{program}` cannot be started")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

#[cfg(unix)]
fn replace_or_wait(command: &mut Command) -> io::Result<ExitStatus> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_or_wait(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}

/// Returns the failure of a command that printed `output`.
pub(crate) fn failed(command: &Command, what: &str, output: &str, log: PathBuf) -> Failure {
    let line = command_line(command);
    let message = if is_network_error(output) {
        format!(
            "{what} needs the network, and `{line}` could not reach it: connect, then run the same command again."
        )
    } else {
        format!("{what} failed: `{line}`.")
    };
    Failure::with_log(message, log)
}

/// Returns the trimmed standard output, or `None` if the program is missing or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Returns the first of these programs that is on PATH.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        folders
            .iter()
            .map(|folder| folder.join(&file))
            .find(|file| file.is_file())
    })
}

/// Returns PATH with these folders before all others.
pub(crate) fn path_with(first: &[&Path]) -> std::ffi::OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = first
        .iter()
        .map(|folder| folder.to_path_buf())
        .chain(env::split_paths(&path));
    env::join_paths(folders).unwrap_or(path)
}

/// Returns the command as it would be typed.
fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// Whether the output of cargo, curl, npm, pip, apt or rustup says that the network could not be
/// reached.
fn is_network_error(output: &str) -> bool {
    const PHRASES: [&str; 13] = [
        "could not resolve",
        "couldn't resolve",
        "temporary failure resolving",
        "name resolution",
        "enotfound",
        "eai_again",
        "econnrefused",
        "etimedout",
        "enetunreach",
        "failed to connect",
        "newconnectionerror",
        "network is unreachable",
        "could not download",
    ];
    let output = output.to_lowercase();
    PHRASES.iter().any(|phrase| output.contains(phrase))
}

/// Returns the first `1.2` or `1.2.3` in the output of `--version`.
pub(crate) fn version_in(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|word| word.trim_matches('.'))
        .find(|word| word.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_print() {
        for (text, version) in [
            ("rustc 1.96.0 (ac68faa20 2026-05-25)", Some("1.96.0")),
            ("wasm-bindgen 0.2.130", Some("0.2.130")),
            ("v20.19.2", Some("20.19.2")),
            ("geckodriver 0.37.1 ( 2026)\n\nThe source", Some("0.37.1")),
            ("no version here.", None),
        ] {
            assert_eq!(version_in(text), version, "{text}");
        }
    }

    #[test]
    fn a_missing_network_is_recognised_in_each_tools_words() {
        for text in [
            "warning: spurious network error: [6] Couldn't resolve host name",
            "npm error code ENOTFOUND",
            "npm error code EAI_AGAIN",
            "NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')",
            "Err:1 http://deb.example bookworm InRelease\n  Temporary failure resolving 'deb.example'",
            "error: could not download file from 'https://example/channel.toml'",
            "curl: (7) Failed to connect to localhost port 1",
        ] {
            assert!(is_network_error(text), "{text}");
        }
    }

    #[test]
    fn a_compile_error_is_not_taken_for_a_missing_network() {
        assert!(!is_network_error(
            "error[E0425]: cannot find value `x` in this scope"
        ));
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit"]);
        assert_eq!(command_line(&command), "npm ci --no-audit");
    }
}
