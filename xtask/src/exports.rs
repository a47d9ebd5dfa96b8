//! Checks that no wasm module contains another, by the exports in the modules' bytes.

use crate::failure::Failure;
use crate::wasm::Module;
use crate::workspace::Workspace;
use std::fs;

const EXPORT_SECTION: u8 = 7;

/// Checks that no two modules have an export in common, apart from those that wasm-bindgen adds.
///
/// # Errors
///
/// If two modules have exports in common, with their names; if a module has no export of its own.
pub(crate) fn check(workspace: &Workspace) -> Result<String, Failure> {
    let mut all: Vec<String> = Vec::new();
    for module in Module::ALL {
        let own = own_exports(workspace, module)?;
        let shared: Vec<&str> = own
            .iter()
            .filter(|name| all.contains(name))
            .map(String::as_str)
            .collect();
        if !shared.is_empty() {
            return Err(Failure::new(format!(
                "The {} module and another both export {}: one of them carries the other.",
                module.name(),
                shared.join(", ")
            )));
        }
        all.extend(own);
    }
    Ok(format!("{} exports, none shared", all.len()))
}

fn own_exports(workspace: &Workspace, module: Module) -> Result<Vec<String>, Failure> {
    let path = module.path(workspace);
    let wasm = fs::read(&path).map_err(Failure::from_io(format!(
        "{} cannot be read",
        path.display()
    )))?;
    let names = exports(&wasm).unwrap_or_default();
    let own: Vec<String> = names
        .into_iter()
        .filter(|name| !is_added_by_wasm_bindgen(name))
        .collect();
    if own.is_empty() {
        return Err(Failure::new(format!(
            "{} exports nothing of its own.",
            path.display()
        )));
    }
    Ok(own)
}

/// Whether wasm-bindgen adds this export to every module.
fn is_added_by_wasm_bindgen(name: &str) -> bool {
    name == "memory" || name.starts_with("__") || name.starts_with("wasm_bindgen_")
}

/// Returns the names of the exports, or `None` if the bytes are not a complete module.
fn exports(wasm: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader(wasm.strip_prefix(b"\0asm\x01\0\0\0")?);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let mut section = Reader(reader.take(length)?);
        if id == EXPORT_SECTION {
            let number = section.number()?;
            return (0..number).map(|_| section.export_name()).collect();
        }
    }
    Some(Vec::new())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads an unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn export_name(&mut self) -> Option<String> {
        let length = self.number()?;
        let name = String::from_utf8(self.take(length)?.to_vec()).ok()?;
        let _kind = self.byte()?;
        let _index = self.number()?;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_export_names_of_a_module_are_read() {
        // A custom section, which is skipped, then exports "ab" (function 0) and "c" (memory 200).
        let wasm = b"\0asm\x01\0\0\0\x00\x02\x01x\x07\x0b\x02\x02ab\x00\x00\x01c\x02\xc8\x01";
        assert_eq!(exports(wasm), Some(vec!["ab".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn a_cut_module_has_no_export_list() {
        assert_eq!(exports(b"\0asm\x01\0\0\0\x07\x0b\x02\x02ab"), None);
        assert_eq!(exports(b"not wasm"), None);
    }

    #[test]
    fn wasm_bindgens_own_exports_are_not_a_modules() {
        for (name, plumbing) in [
            ("memory", true),
            ("__wbindgen_export2", true),
            ("wasm_bindgen_b5e3___convert__closures_____invoke", true),
            ("sandbox_handle", false),
        ] {
            assert_eq!(is_added_by_wasm_bindgen(name), plumbing, "{name}");
        }
    }
}
