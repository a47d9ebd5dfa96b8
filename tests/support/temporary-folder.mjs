// Folders that exist as long as one test.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty folder for the running test, and returns its path without symbolic links. */
export function temporaryFolder(t) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "seam-session-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
