//! Builds the shipped wasm from Rust with cargo, wasm-bindgen and wasm-opt.

use crate::failure::Failure;
use crate::process;
use crate::toolchain::{Compiler, WASM};
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// A wasm module of the package.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Module {
    /// Downloaded by every page.
    Client,
    /// Also downloaded by a page that watches a list.
    Live,
    /// Also downloaded by a page with token refresh.
    Token,
    /// The sandbox.
    Sandbox,
}

/// The wasm features that rustc emits, and the removal of sections that only tools read.
const WASM_OPT: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
    "--strip-producers",
    "--strip-target-features",
];

/// A panic becomes a trap without message, location or unwinding, which saves a fifth of the bytes.
const RUSTFLAGS: [&str; 3] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
];

/// For the modules of a page: LLVM's full optimization, without the passes that make code longer.
/// `opt-level` "z" and "s" inline less, and are no shorter after wasm-opt and compression. The stack
/// is an eighth of the default, because nothing needs more and a page has an instance for each list.
const SMALL: [&str; 4] = [
    "-Cllvm-args=-inline-threshold=10",
    "-Cllvm-args=-unroll-threshold=0",
    "-Cllvm-args=-jump-threading-threshold=0",
    "-Clink-arg=-zstack-size=131072",
];

impl Module {
    /// All modules.
    pub(crate) const ALL: [Self; 4] = [Self::Client, Self::Live, Self::Token, Self::Sandbox];

    /// Returns the name of the folder in target/wasm, which the names of its files begin with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Live => "live",
            Self::Token => "token",
            Self::Sandbox => "sandbox",
        }
    }

    /// Returns the path of the finished module.
    pub(crate) fn path(self, workspace: &Workspace) -> PathBuf {
        self.folder(workspace)
            .join(format!("{}_bg.wasm", self.name()))
    }

    /// Returns cargo's profile: size for the modules of a page, speed for the sandbox.
    fn profile(self) -> &'static str {
        match self {
            Self::Client | Self::Live | Self::Token => "size",
            Self::Sandbox => "speed",
        }
    }

    /// Returns the passes of wasm-opt. Those for a page give the fewest bytes after compression.
    ///
    /// `--low-memory-unused` is right because the first kilobyte of memory is the end of the stack,
    /// where no address is that a load has an offset from. Browsers compile a function at its first
    /// call; the client's inline limit keeps code that the first call does not need out of the
    /// functions that it calls, which halves the time of that call.
    fn passes(self) -> &'static [&'static str] {
        match self {
            Self::Client => &[
                "--one-caller-inline-max-function-size=100",
                "--low-memory-unused",
                "--generate-global-effects",
                "-Oz",
                "--converge",
                "--reorder-functions",
            ],
            Self::Live | Self::Token => &[
                "--low-memory-unused",
                "--generate-global-effects",
                "-Oz",
                "--converge",
                "--reorder-functions",
            ],
            Self::Sandbox => &["-O2"],
        }
    }

    /// Compiles the module, and std with the same flags. Each module is compiled separately, because
    /// cargo unifies features: together, the client would contain code for the sandbox only.
    ///
    /// # Errors
    ///
    /// If cargo fails.
    pub(crate) fn compile(self, workspace: &Workspace) -> Result<String, Failure> {
        let compiler =
            Compiler::find(workspace).ok_or_else(|| Failure::new("The wasm compiler has gone."))?;
        let mut cargo = compiler.command(workspace, "cargo");
        cargo
            .args([
                "build",
                "--package",
                self.package(),
                "--profile",
                self.profile(),
                "--target",
                WASM,
            ])
            .arg("-Zbuild-std=std,panic_abort")
            .args(match self {
                Self::Client | Self::Live | Self::Token => {
                    &["-Zbuild-std-features=optimize_for_size"][..]
                }
                Self::Sandbox => &[],
            })
            // A folder of its own, so that native builds with another compiler do not invalidate it.
            .arg("--target-dir")
            .arg(workspace.target.join("size"))
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                self.rustflags(workspace, &compiler),
            );
        let log = format!("cargo-{}", self.name());
        process::run(
            workspace,
            &mut cargo,
            &log,
            &format!("Compiling the {} module", self.name()),
        )?;
        note_version(workspace, &compiler)?;
        let bytes = fs::metadata(self.compiled(workspace)).map_or(0, |file| file.len());
        Ok(format!("{bytes} bytes"))
    }

    /// Runs wasm-bindgen and wasm-opt, unless their output is from the same compiled bytes.
    ///
    /// # Errors
    ///
    /// If wasm-bindgen or wasm-opt fails.
    pub(crate) fn finish(self, workspace: &Workspace) -> Result<String, Failure> {
        let compiled = self.compiled(workspace);
        let bytes = fs::read(&compiled).map_err(Failure::from_io(format!(
            "{} cannot be read",
            compiled.display()
        )))?;
        let folder = self.folder(workspace);
        let stamp = folder.join("made-from");
        let now = stamp_of(&bytes, self.passes());
        let finished = self.path(workspace);
        if finished.is_file() && fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
            return Ok(format!("{} bytes, unchanged", length(&finished)));
        }
        // Removed until all files are written, so that an interrupted run does not count as finished.
        let _ = fs::remove_file(&stamp);
        let what = format!("Finishing the {} module", self.name());
        let mut bindgen = process::command(workspace, workspace.tool("wasm-bindgen"));
        bindgen
            .args([
                "--target",
                "bundler",
                "--out-name",
                self.name(),
                "--out-dir",
            ])
            .arg(&folder)
            .arg(&compiled);
        process::run(
            workspace,
            &mut bindgen,
            &format!("wasm-bindgen-{}", self.name()),
            &what,
        )?;
        let large = folder.join("unoptimised.wasm");
        fs::rename(&finished, &large).map_err(Failure::from_io("wasm-bindgen wrote no module"))?;
        let mut opt = process::command(workspace, "node");
        opt.arg("node_modules/binaryen/bin/wasm-opt")
            .args(self.passes())
            .args(WASM_OPT)
            .arg(&large)
            .arg("-o")
            .arg(&finished);
        process::run(
            workspace,
            &mut opt,
            &format!("wasm-opt-{}", self.name()),
            &what,
        )?;
        fs::write(&stamp, now).map_err(Failure::from_io(format!(
            "{} cannot be written",
            stamp.display()
        )))?;
        Ok(format!("{} bytes", length(&finished)))
    }

    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Client => "seam-session-wasm-client",
            Self::Live => "seam-session-wasm-lists",
            Self::Token => "seam-session-wasm-token",
            Self::Sandbox => "seam-session-sandbox",
        }
    }

    /// Returns the flags for `CARGO_ENCODED_RUSTFLAGS`, which are separated by U+001F because paths
    /// may have spaces. Folders of this machine are renamed; otherwise the module would contain
    /// their paths.
    fn rustflags(self, workspace: &Workspace, compiler: &Compiler) -> String {
        let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo = cargo.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
        let folders = [
            (Some(compiler.sysroot.clone()), "rust"),
            (cargo, "cargo"),
            (Some(workspace.root.clone()), "seam-session"),
        ];
        let names = folders.into_iter().filter_map(|(folder, name)| {
            Some(format!("--remap-path-prefix={}={name}", folder?.display()))
        });
        let small = match self {
            Self::Client | Self::Live | Self::Token => &SMALL[..],
            Self::Sandbox => &[],
        };
        let flags = RUSTFLAGS.iter().chain(small).map(|flag| (*flag).to_owned());
        flags.chain(names).collect::<Vec<_>>().join("\u{1f}")
    }

    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("wasm").join(self.name())
    }

    fn compiled(self, workspace: &Workspace) -> PathBuf {
        let file = format!("{}.wasm", self.package().replace('-', "_"));
        workspace
            .target
            .join("size")
            .join(WASM)
            .join(self.profile())
            .join(file)
    }
}

/// Writes the compiler's version for the package's SBOM, because std is part of the module.
fn note_version(workspace: &Workspace, compiler: &Compiler) -> Result<(), Failure> {
    let folder = workspace.target.join("wasm");
    let file = folder.join("rust-version");
    let version = process::version_in(&compiler.version).unwrap_or(&compiler.version);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, version))
        .map_err(Failure::from_io(format!(
            "{} cannot be written",
            file.display()
        )))
}

/// Returns a hash of the compiled bytes and of the arguments that they are processed with.
fn stamp_of(compiled: &[u8], passes: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(compiled);
    for flag in passes.iter().chain(&WASM_OPT) {
        hasher.write(flag.as_bytes());
    }
    format!("{} {:016x}\n", compiled.len(), hasher.finish())
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_one_byte_and_only_then() {
        assert_eq!(stamp_of(b"\0asm1", &["-Oz"]), stamp_of(b"\0asm1", &["-Oz"]));
        assert_ne!(stamp_of(b"\0asm1", &["-Oz"]), stamp_of(b"\0asm2", &["-Oz"]));
        assert_ne!(stamp_of(b"\0asm1", &["-Oz"]), stamp_of(b"\0asm1", &["-O3"]));
    }
}
