import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

/** A process that still runs has the lock. */
export class Locked extends Error {
  constructor(readonly owner: string) {
    super(`locked by process ${owner}`);
  }
}

/**
 * Takes the lock at `path` for this process; gives what releases it. A lock
 * whose process has gone does not count.
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

/** Whether the lock is ours. It appears with its owner in it, never empty. */
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

/** Of two that find the same dead lock, only one can move it. */
function removeDeadLock(path: string, owner: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved !== owner && moved !== undefined) {
    // It was taken anew in between: back it goes.
    try {
      linkSync(aside, path);
    } catch {
      // And once more: then that one has it.
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

/**
 * In a container the number may come again with each start, so one's own says
 * nothing.
 */
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
