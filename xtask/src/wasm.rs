//! From Rust to the wasm that is shipped: cargo, wasm-bindgen, wasm-opt.

use crate::failure::Failure;
use crate::process;
use crate::toolchain::{Compiler, WASM};
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// One of the modules that are built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Module {
    /// What every page downloads.
    Client,
    /// What a page that keeps a list fresh downloads besides.
    Live,
    /// What a page whose token is renewed downloads besides.
    Renewal,
    /// The workspace in memory.
    Sandbox,
}

/// What rustc emits and wasm-opt must accept; then no section that only tools read.
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

/// A panic becomes a bare trap, without message, place or unwinding: a fifth of the bytes.
const RUSTFLAGS: [&str; 3] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
];

/// For what a page loads: as fast as LLVM makes it, without what makes code longer. What `opt-level`
/// "z" and "s" leave uninlined is no shorter after wasm-opt and compression.
/// Of the stack, an eighth of what is usual: nothing needs more, and a page has a copy for each list.
const SMALL: [&str; 4] = [
    "-Cllvm-args=-inline-threshold=10",
    "-Cllvm-args=-unroll-threshold=0",
    "-Cllvm-args=-jump-threading-threshold=0",
    "-Clink-arg=-zstack-size=131072",
];

impl Module {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Client, Self::Live, Self::Renewal, Self::Sandbox];

    /// The folder under target/wasm, and the stem of the files in it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Live => "live",
            Self::Renewal => "renewal",
            Self::Sandbox => "sandbox",
        }
    }

    /// The finished module.
    pub(crate) fn path(self, workspace: &Workspace) -> PathBuf {
        self.folder(workspace)
            .join(format!("{}_bg.wasm", self.name()))
    }

    /// Cargo's profile: what every page downloads is small, what is asked often is fast.
    fn profile(self) -> &'static str {
        match self {
            Self::Client | Self::Live | Self::Renewal => "size",
            Self::Sandbox => "speed",
        }
    }

    /// How wasm-opt is to go about it. For what a page loads the least bytes after compression: the
    /// first kilobyte of memory is the far end of the stack, so no address that a load computes
    /// from is there; then over and over until nothing is gained. Browsers compile a function when
    /// it is first called: what the client's first call does not need stays out of what it does,
    /// which halves what it waits for.
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
            Self::Live | Self::Renewal => &[
                "--low-memory-unused",
                "--generate-global-effects",
                "-Oz",
                "--converge",
                "--reorder-functions",
            ],
            Self::Sandbox => &["-O2"],
        }
    }

    /// Compiles with a std built the same way. Each module by itself: together they would share
    /// features, and the client would carry what only the sandbox needs.
    ///
    /// # Errors
    ///
    /// When cargo fails.
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
                Self::Client | Self::Live | Self::Renewal => {
                    &["-Zbuild-std-features=optimize_for_size"][..]
                }
                Self::Sandbox => &[],
            })
            // Its own folder, so that host builds with another compiler disturb nothing.
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

    /// Writes the glue and shrinks the module, unless both were made from the same bytes.
    ///
    /// # Errors
    ///
    /// When wasm-bindgen or wasm-opt fails.
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
        // Gone until all is made, so that an interrupted run is not taken for a finished one.
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

    fn package(self) -> &'static str {
        match self {
            Self::Client => "seam-session-bindings",
            Self::Live => "seam-session-live",
            Self::Renewal => "seam-session-renewal",
            Self::Sandbox => "seam-session-sandbox",
        }
    }

    /// The flags, and names for the folders of this machine, which otherwise stand in the module
    /// wherever code names its own file. Separated as cargo wants it: a path may hold spaces.
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
            Self::Client | Self::Live | Self::Renewal => &SMALL[..],
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

/// Leaves the version for the package's bill of materials: Rust's own library is compiled in.
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

/// Tells the same compiled bytes, treated the same way, from others.
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
