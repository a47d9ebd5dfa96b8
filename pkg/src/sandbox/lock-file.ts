// Why this is not `proper-lockfile` 4.1.2:
//
// - Its lock is a folder, and stale if its modification time is more than two seconds old, or a
//   longer time that the caller sets. So the lock of a killed process blocks the next start for that
//   long, and a process that is stopped for longer, in a debugger or while the computer sleeps, loses
//   its lock.
// - If several processes find the same stale lock, more than one can acquire it: each removes the
//   folder and creates it again, even if another one has just done that
//   (https://github.com/moxystudio/node-proper-lockfile/issues/121).
// - It does not store who has the lock, so the message could not name the process to end.
//
// A lock that the kernel releases (`flock`) needs a native addon, which cannot be bundled.

import {
  closeSync,
  constants,
  linkSync,
  openSync,
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
 * @throws {Error} The lock cannot be created or read, or a dead one not removed.
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
  // A file or link that is there already may be another user's, so nothing is written through it.
  rmSync(beside, { force: true });
  writeFileSync(beside, String(process.pid), { flag: "wx", mode: 0o600 });
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

/** Removes the lock of a process that has ended. Of two processes, only one can move it. */
function removeDeadLock(path: string, owner: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
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

/** Returns the text of a lock; `undefined` if there is none. A link is an error. */
function read(path: string): string | undefined {
  try {
    // Windows has no such flag.
    const noFollow = constants.O_NOFOLLOW ?? 0;
    const file = openSync(path, constants.O_RDONLY | noFollow);
    try {
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
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
