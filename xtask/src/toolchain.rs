//! The compiler that makes the shipped wasm: one version, with std's sources.

use crate::debian;
use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that rustup is asked for. The sizes were measured with it.
const VERSION: &str = "1.96.0";
const NEEDED: &str = "The wasm build needs Rust 1.96 with its library's sources";
/// The oldest that Debian may offer instead: `-Cpanic=immediate-abort` is that young.
const OLDEST_MINOR: u32 = 92;
/// `rust-lld` is a link to lld-22's, which rust-web-llvm only recommends.
pub(crate) const DEBIAN_PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];

/// The target of everything that is shipped.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A compiler with std's sources, which the size build compiles anew.
#[derive(Debug)]
pub(crate) struct Compiler {
    /// The folder of its `cargo` and `rustc`.
    pub(crate) bin: PathBuf,
    /// The folder over `lib/rustlib`.
    pub(crate) sysroot: PathBuf,
    /// "rustc 1.96.0 (…)".
    pub(crate) version: String,
}

impl Compiler {
    /// The arguments of rustup.
    const INSTALL: [&'static str; 10] = [
        "toolchain",
        "install",
        VERSION,
        "--profile",
        "minimal",
        "--no-self-update",
        "--component",
        "rust-src",
        "--target",
        WASM,
    ];

    /// What is there already: rustup's 1.96.0, or Debian's. rustup's default, whichever
    /// toolchain that is, is neither used nor changed.
    pub(crate) fn find(workspace: &Workspace) -> Option<Self> {
        Self::of_rustup(workspace).or_else(|| Self::at(workspace, Path::new("/usr/bin")))
    }

    /// When apt installs the compiler, if not in every case.
    pub(crate) fn apt_condition() -> Option<&'static str> {
        let rustup = process::on_path(&["rustup"]);
        rustup.map(|_| "only if rustup cannot install its Rust")
    }

    /// Tells which command installs the compiler.
    pub(crate) fn remedy() -> String {
        let install = Self::INSTALL.join(" ");
        let apt = if debian::is_available() {
            format!(", or `sudo apt-get install {}`", DEBIAN_PACKAGES.join(" "))
        } else {
            String::new()
        };
        format!("Run `rustup {install}`{apt}.")
    }

    /// The origin and the version, for people.
    pub(crate) fn summary(&self) -> String {
        format!("found {}", self.short_version())
    }

    /// Installs the compiler with rustup, or with apt if rustup is missing or fails.
    ///
    /// # Errors
    ///
    /// If neither can: what is missing and how to get it.
    pub(crate) fn install(workspace: &Workspace) -> Result<String, Failure> {
        let rustup = process::on_path(&["rustup"]).is_some();
        if rustup {
            step::note("adding it to rustup");
            let (success, log) = Self::install_with_rustup(workspace)?;
            if success && Self::of_rustup(workspace).is_some() {
                return Ok(format!("added {VERSION} to rustup, its default unchanged"));
            }
            if !debian::is_available() {
                let message = format!(
                    "{NEEDED}: rustup could not install it; connect to the network, then run the same command again."
                );
                return Err(Failure::with_log(message, log));
            }
        }
        if debian::is_available() {
            step::note(if rustup {
                "rustup could not, so Debian's"
            } else {
                "installing Debian's"
            });
            debian::install(workspace, &DEBIAN_PACKAGES)?;
            if let Some(compiler) = Self::find(workspace) {
                return Ok(format!("installed {}", compiler.short_version()));
            }
        }
        Err(Failure::new(format!(
            "{NEEDED}: install rustup from https://rustup.rs, then run the same command again."
        )))
    }

    /// A command of this toolchain that may use unstable flags, which building std takes.
    pub(crate) fn command(&self, workspace: &Workspace, program: &str) -> Command {
        let mut command = process::command(workspace, self.bin.join(program));
        self.choose(&mut command, &[]);
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    }

    /// Lets a command, and what it starts, find this toolchain past rustup. `first` are more
    /// folders to stand before PATH.
    pub(crate) fn choose(&self, command: &mut Command, first: &[&Path]) {
        let folders: Vec<&Path> = first.iter().copied().chain([self.bin.as_path()]).collect();
        command.env("PATH", process::path_with(&folders));
        for variable in [
            "RUSTUP_TOOLCHAIN",
            "RUSTC",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
        ] {
            command.env_remove(variable);
        }
    }

    fn of_rustup(workspace: &Workspace) -> Option<Self> {
        // Asked first, because `rustup which` of an absent toolchain may install it.
        let toolchains = process::output(rustup(workspace).args(["toolchain", "list"]))?;
        toolchains
            .lines()
            .find(|line| line.starts_with(&format!("{VERSION}-")))?;
        let rustc =
            process::output(rustup(workspace).args(["which", "--toolchain", VERSION, "rustc"]))?;
        let compiler = Self::at(workspace, Path::new(&rustc).parent()?)?;
        compiler
            .sysroot
            .join("lib/rustlib")
            .join(WASM)
            .is_dir()
            .then_some(compiler)
    }

    /// Whether that went well, and the log.
    fn install_with_rustup(workspace: &Workspace) -> Result<(bool, PathBuf), Failure> {
        let toolchains = process::output(rustup(workspace).args(["toolchain", "list"]));
        let has_default = toolchains.is_some_and(|list| list.contains("default"));
        let mut install = rustup(workspace);
        install.args(Self::INSTALL);
        let done = process::logged(workspace, &mut install, "rustup")?;
        if !has_default {
            // rustup makes the first toolchain the default; the choice is the user's.
            let _ = process::output(rustup(workspace).args(["default", "none"]));
        }
        Ok(done)
    }

    /// The compiler in this folder, if it is young enough and has std's sources.
    fn at(workspace: &Workspace, bin: &Path) -> Option<Self> {
        let ask = |argument: &[&str]| {
            let mut rustc = process::command(workspace, bin.join("rustc"));
            process::output(rustc.env_remove("RUSTUP_TOOLCHAIN").args(argument))
        };
        let version = ask(&["--version"])?;
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        let sources = sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml");
        let cargo = bin.join(format!("cargo{}", std::env::consts::EXE_SUFFIX));
        let complete = minor(&version)? >= OLDEST_MINOR && sources.is_file() && cargo.is_file();
        complete.then(|| Self {
            bin: bin.to_path_buf(),
            sysroot,
            version,
        })
    }

    fn short_version(&self) -> String {
        let origin = if self.bin == Path::new("/usr/bin") {
            "Debian's"
        } else {
            "rustup's"
        };
        format!(
            "{origin} {}",
            process::version_in(&self.version).unwrap_or(&self.version)
        )
    }
}

fn rustup(workspace: &Workspace) -> Command {
    process::command(workspace, "rustup")
}

/// The 96 of "rustc 1.96.0 (…)".
fn minor(version: &str) -> Option<u32> {
    process::version_in(version)?
        .strip_prefix("1.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_of_a_compiler_is_read() {
        assert_eq!(
            minor("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"),
            Some(96)
        );
        assert_eq!(minor("rustc 1.63.0"), Some(63));
        assert_eq!(minor("command not found"), None);
    }
}
