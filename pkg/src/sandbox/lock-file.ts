import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

/** A running process has the lock. */
export class Locked extends Error {
  constructor(readonly owner: string) {
    super(`locked by process ${owner}`);
  }
}

/**
 * Takes the lock at `path` for this process; returns a function that releases it. A lock of a
 * process that has ended does not count.
 *
 * @throws {Locked} Another process has it.
 */
export function lock(path: string): () => void {
  for (;;) {
    if (createLock(path)) return () => rmSync(path, { force: true });
    const owner = read(path);
    if (owner === undefined) continue;
    if (isAlive(owner)) throw new Locked(owner);
    removeDeadLock(path, owner);
  }
}

/**
 * Creates the lock file; returns whether that succeeded. The file appears with its owner in it,
 * never empty.
 */
function createLock(path: string): boolean {
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, String(process.pid), { mode: 0o600 });
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Removes a dead lock. If two processes find the same one, only one can move it. */
function removeDeadLock(path: string, owner: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved !== owner && moved !== undefined) {
    // The lock was taken again in between, so it is put back.
    try {
      linkSync(aside, path);
    } catch {
      // It was taken once more, by another process.
    }
  }
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** In a container each start may have the same process id, so the own id proves nothing. */
function isAlive(owner: string): boolean {
  const pid = Number(owner);
  if (!/^[1-9]\d*$/.test(owner) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
