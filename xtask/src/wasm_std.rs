//! std for wasm32, for a compiler that comes without it, such as Debian's: `wasm-pack test` needs it
//! in the sysroot. It is built once, into the cache; nothing in /usr is changed.

use crate::failure::Failure;
use crate::process;
use crate::step;
use crate::toolchain::{Compiler, WASM};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the compiler of the browser tests, which has std for wasm32 in its sysroot.
///
/// # Errors
///
/// If there is no compiler.
pub(crate) fn compiler(workspace: &Workspace) -> Result<Compiler, Failure> {
    let compiler = Compiler::find(workspace)
        .ok_or_else(|| Failure::new("The wasm compiler is missing: run `cargo xtask setup`."))?;
    if has_std(&compiler.sysroot) {
        return Ok(compiler);
    }
    let sysroot = cached_sysroot(workspace, &compiler);
    Ok(Compiler {
        bin: sysroot.join("bin"),
        sysroot,
        version: compiler.version,
    })
}

/// Returns `None` if neither the compiler's sysroot nor the cache has the library.
pub(crate) fn find(workspace: &Workspace) -> Option<String> {
    let compiler = compiler(workspace).ok()?;
    has_std(&compiler.sysroot).then(|| "found".to_owned())
}

/// Returns the commands that install the library, as a sentence.
pub(crate) fn remedy(workspace: &Workspace) -> String {
    format!(
        "`rustup target add {WASM}` installs it, or `cargo xtask setup` compiles it into {}.",
        workspace.cache.join("sysroot").display()
    )
}

/// Compiles the library into the cache.
///
/// # Errors
///
/// If it cannot be compiled or written.
pub(crate) fn install(workspace: &Workspace) -> Result<String, Failure> {
    step::note("building it, about a minute");
    let Some(compiler) = Compiler::find(workspace) else {
        return Err(Failure::new(
            "The wasm compiler is missing: run `cargo xtask setup`.",
        ));
    };
    let work = workspace.target.join("wasm-std");
    let libraries = compile(workspace, &compiler, &work)?;
    let sysroot = cached_sysroot(workspace, &compiler);
    assemble(&compiler, &libraries, &sysroot).map_err(Failure::from_io(format!(
        "{} cannot be made",
        sysroot.display()
    )))?;
    let _ = fs::remove_dir_all(&work);
    Ok("built from the compiler's sources".to_owned())
}

fn has_std(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(WASM).join("lib").is_dir()
}

fn cached_sysroot(workspace: &Workspace, compiler: &Compiler) -> PathBuf {
    let name: String = compiler
        .version
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    workspace.cache.join("sysroot").join(name)
}

/// Compiles std and test as dependencies of an empty library, and returns their folder.
fn compile(workspace: &Workspace, compiler: &Compiler, work: &Path) -> Result<PathBuf, Failure> {
    const MANIFEST: &str = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                            [workspace]\n\n[profile.dev]\ndebug = false\nopt-level = 1\n";
    fs::create_dir_all(work.join("src"))
        .and_then(|()| fs::write(work.join("Cargo.toml"), MANIFEST))
        .and_then(|()| fs::write(work.join("src/lib.rs"), "#![no_std]\n"))
        .map_err(Failure::from_io(format!(
            "{} cannot be written",
            work.display()
        )))?;
    let mut cargo = compiler.command(workspace, "cargo");
    cargo
        .args([
            "build",
            "-Zbuild-std=std,panic_abort,test",
            "--target",
            WASM,
        ])
        .arg("--target-dir")
        .arg(work.join("target"))
        .current_dir(work);
    process::run(
        workspace,
        &mut cargo,
        "wasm-std",
        "Compiling std for wasm32",
    )?;
    Ok(work.join("target").join(WASM).join("debug/deps"))
}

/// Writes a sysroot with links to the compiler's own folders, the new library, and a `rustc` and a
/// `rustdoc` that use this sysroot. It is renamed into place at the end, so that it is complete or
/// missing.
fn assemble(compiler: &Compiler, libraries: &Path, sysroot: &Path) -> std::io::Result<()> {
    let partial = sysroot.with_extension("partial");
    let _ = fs::remove_dir_all(&partial);
    let rustlib = partial.join("lib/rustlib");
    let std = rustlib.join(WASM).join("lib");
    fs::create_dir_all(&std)?;
    for entry in fs::read_dir(compiler.sysroot.join("lib/rustlib"))? {
        let entry = entry?;
        link(&entry.path(), &rustlib.join(entry.file_name()))?;
    }
    for entry in fs::read_dir(libraries)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libempty-") {
            fs::copy(entry.path(), std.join(&name))?;
        }
    }
    let bin = partial.join("bin");
    fs::create_dir_all(&bin)?;
    link(&compiler.bin.join("cargo"), &bin.join("cargo"))?;
    for program in ["rustc", "rustdoc"] {
        let script = format!(
            "#!/bin/sh\nexec '{}' --sysroot '{}' \"$@\"\n",
            compiler.bin.join(program).display(),
            sysroot.display(),
        );
        fs::write(bin.join(program), script)?;
        make_executable(&bin.join(program))?;
    }
    let _ = fs::remove_dir_all(sysroot);
    fs::rename(&partial, sysroot)
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(unix)]
fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

// On other systems rustup installs std for wasm32, and these functions are not called.
#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
