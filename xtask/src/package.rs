//! Builds the npm package and the pages around the wasm modules.

use crate::failure::Failure;
use crate::node;
use crate::process;
use crate::step::Progress;
use crate::wasm::Module;
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

/// The number of steps that [`build`] takes.
pub(crate) const BUILD_STEPS: usize = 2 * Module::ALL.len() + 2;

/// Builds all modules, then the package, then the pages.
///
/// # Errors
///
/// The first step that fails.
pub(crate) fn build(workspace: &Workspace, progress: &mut Progress) -> Result<(), Failure> {
    for module in Module::ALL {
        let name = module.name();
        progress.step(&format!("{name}: cargo"), || module.compile(workspace))?;
        progress.step(&format!("{name}: wasm-bindgen, wasm-opt"), || {
            module.finish(workspace)
        })?;
    }
    for (name, path) in [("package", "pkg/build.mjs"), ("pages", "www/build.mjs")] {
        progress.step(name, || {
            if !workspace.root.join(path).is_file() {
                return Ok(format!("{path} does not exist"));
            }
            let mut node = node::script(workspace, path)?;
            process::run(
                workspace,
                &mut node,
                &format!("build-{name}"),
                &format!("Building the {name}"),
            )?;
            Ok("built".to_owned())
        })?;
    }
    Ok(())
}

/// Packs the package into target/package and returns the tarball's path. Installs the tarball into
/// the empty project `app` beside it, from which the tests load the package.
///
/// # Errors
///
/// If npm fails or packs nothing.
pub(crate) fn pack(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join("package");
    let app = folder.join("app");
    let cannot = || Failure::from_io(format!("{} cannot be made", folder.display()));
    // A tarball of an earlier version would be mistaken for this one.
    if folder.is_dir() {
        fs::remove_dir_all(&folder).map_err(cannot())?;
    }
    fs::create_dir_all(&app).map_err(cannot())?;
    let mut pack = process::command(workspace, "npm");
    pack.args(["pack", "--pack-destination"])
        .arg(&folder)
        .current_dir(workspace.root.join("pkg"));
    process::run(workspace, &mut pack, "npm-pack", "Packing the package")?;
    let entries = fs::read_dir(&folder).map_err(cannot())?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let tarball = files
        .find(|file| file.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| {
            Failure::new(format!(
                "`npm pack` left no tarball in {}.",
                folder.display()
            ))
        })?;
    fs::write(
        app.join("package.json"),
        "{ \"private\": true, \"type\": \"module\" }\n",
    )
    .map_err(cannot())?;
    // Without a network this fails if the package has dependencies, and it must have none.
    let mut install = process::command(workspace, "npm");
    install
        .args(["install", "--offline", "--no-audit", "--no-fund"])
        .arg(&tarball)
        .current_dir(&app);
    process::run(
        workspace,
        &mut install,
        "npm-install",
        "Installing the packed package",
    )?;
    Ok(tarball)
}
