// Folders that exist as long as one test.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty folder for the running test, and returns its path without symbolic links. */
export function temporaryFolder(t) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "seam-session-")));
  // A process that the test ends only afterwards may still write to the folder, so removing it is
  // tried again.
  const options = { recursive: true, force: true, maxRetries: 10 };
  t.after(() => rmSync(folder, options));
  return folder;
}
