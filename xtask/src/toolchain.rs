//! The compiler of the shipped wasm: one pinned version, with the sources of std.

use crate::debian;
use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version to install with rustup. The documented sizes were measured with it.
const VERSION: &str = "1.96.0";
const NEEDED: &str = "The wasm build needs Rust 1.96 with its library's sources";
/// The oldest minor version that is accepted from Debian: the first with
/// `-Cpanic=immediate-abort`.
const OLDEST_MINOR: u32 = 92;
/// lld-22 is listed because `rust-lld` is a link to it, and rust-web-llvm only recommends it.
pub(crate) const DEBIAN_PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];

/// The compilation target of everything that is shipped.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A compiler with the sources of std, which the build recompiles for size.
#[derive(Debug)]
pub(crate) struct Compiler {
    /// The folder of its `cargo` and `rustc`.
    pub(crate) bin: PathBuf,
    /// The folder that contains `lib/rustlib`.
    pub(crate) sysroot: PathBuf,
    /// The output of `rustc --version`, such as "rustc 1.96.0 (…)".
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

    /// Returns rustup's 1.96.0, else Debian's compiler, else `None`. rustup's default toolchain is
    /// neither used nor changed.
    pub(crate) fn find(workspace: &Workspace) -> Option<Self> {
        Self::of_rustup(workspace).or_else(|| Self::at(workspace, Path::new("/usr/bin")))
    }

    /// Returns when apt installs the compiler; `None` if always.
    pub(crate) fn apt_condition() -> Option<&'static str> {
        let rustup = process::on_path(&["rustup"]);
        rustup.map(|_| "only if rustup cannot install its Rust")
    }

    /// Returns the commands that install the compiler, as a sentence.
    pub(crate) fn remedy() -> String {
        let install = Self::INSTALL.join(" ");
        let apt = if debian::is_available() {
            format!(", or `sudo apt-get install {}`", DEBIAN_PACKAGES.join(" "))
        } else {
            String::new()
        };
        format!("Run `rustup {install}`{apt}.")
    }

    /// Returns the origin and the version, for people.
    pub(crate) fn summary(&self) -> String {
        format!("found {}", self.short_version())
    }

    /// Installs the compiler with rustup, or with apt if rustup is missing or fails.
    ///
    /// # Errors
    ///
    /// If neither can, with the remedy.
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

    /// Returns a command of this toolchain that may use unstable flags, which building std needs.
    pub(crate) fn command(&self, workspace: &Workspace, program: &str) -> Command {
        let mut command = process::command(workspace, self.bin.join(program));
        self.choose(&mut command, &[]);
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    }

    /// Makes a command and its children use this toolchain instead of rustup's default. The folders
    /// `first` come before it on PATH.
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
        // Listed first, because `rustup which` may install a toolchain that is missing.
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

    /// Returns whether rustup succeeded, and its log.
    fn install_with_rustup(workspace: &Workspace) -> Result<(bool, PathBuf), Failure> {
        let toolchains = process::output(rustup(workspace).args(["toolchain", "list"]));
        let has_default = toolchains.is_some_and(|list| list.contains("default"));
        let mut install = rustup(workspace);
        install.args(Self::INSTALL);
        let done = process::logged(workspace, &mut install, "rustup")?;
        if !has_default {
            // rustup makes the first toolchain the default. Undone: that is for the user to choose.
            let _ = process::output(rustup(workspace).args(["default", "none"]));
        }
        Ok(done)
    }

    /// Returns the compiler in this folder if it is new enough and has the sources of std.
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

/// Returns the 96 of "rustc 1.96.0 (…)".
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
