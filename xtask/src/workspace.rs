//! The folders of the repository, and the cache outside of it.

use crate::failure::Failure;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that the steps read and write.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Where set-up installs tools: outside the clone, so that other clones use them too.
    pub(crate) cache: PathBuf,
    /// The repository's `target`, whatever `CARGO_TARGET_DIR` is, so that scripts find the build.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the folders. Creates the one for logs.
    ///
    /// # Errors
    ///
    /// If the repository was moved since this program was compiled, or there is no home folder.
    pub(crate) fn find() -> Result<Self, Failure> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        if !root.join("xtask/Cargo.toml").is_file() {
            return Err(Failure::new(format!(
                "The repository is no longer at {}; run `cargo xtask` in its new place.",
                root.display()
            )));
        }
        let target = root.join("target");
        let cache = cache_folder(|name| env::var_os(name).map(PathBuf::from)).ok_or_else(|| {
            Failure::new("HOME is not set; set SEAM_SESSION_TOOLS to a folder for the build tools.")
        })?;
        let workspace = Self {
            root,
            cache,
            target,
        };
        let logs = workspace.logs();
        fs::create_dir_all(&logs).map_err(Failure::from_io(format!(
            "{} cannot be made",
            logs.display()
        )))?;
        Ok(workspace)
    }

    /// Returns a workspace in a new, empty folder for the test of this name.
    #[cfg(test)]
    pub(crate) fn temporary(test: &str) -> Self {
        let root = env::temp_dir().join(format!("xtask-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let workspace = Self {
            cache: root.join("cache"),
            target: root.join("target"),
            root,
        };
        fs::create_dir_all(workspace.logs()).unwrap();
        workspace
    }

    /// Returns the folder for the logs, one for each step.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// Returns the path of a program that set-up installs with cargo.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.cache
            .join("bin")
            .join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Returns the path of a program that npm installs in the repository's root.
    pub(crate) fn npm_tool(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}

/// Returns the folder for tools. An empty variable counts as unset, as the XDG specification says.
fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
    set("SEAM_SESSION_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("seam-session")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache/seam-session")))
        .or_else(|| set("LOCALAPPDATA").map(|folder| folder.join("seam-session")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(set: &[(&str, &str)]) -> Option<PathBuf> {
        cache_folder(|name| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_tools_folder_is_the_one_named_then_the_xdg_cache_then_the_home_cache() {
        let home = ("HOME", "/h");
        let xdg = ("XDG_CACHE_HOME", "/x");
        assert_eq!(
            cache(&[home, xdg, ("SEAM_SESSION_TOOLS", "/t")]),
            Some("/t".into())
        );
        assert_eq!(cache(&[home, xdg]), Some("/x/seam-session".into()));
        assert_eq!(cache(&[home]), Some("/h/.cache/seam-session".into()));
        assert_eq!(cache(&[]), None);
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let found = cache(&[
            ("HOME", "/h"),
            ("XDG_CACHE_HOME", ""),
            ("SEAM_SESSION_TOOLS", ""),
        ]);
        assert_eq!(found, Some("/h/.cache/seam-session".into()));
    }
}
