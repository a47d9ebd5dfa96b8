import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { lock, Locked } from "./lock-file.js";

/** After a change, so that many changes are one writing. */
const WRITE_DELAY_MS = 100;
/** Writing a large state takes at most this part of the time. */
const MAX_WRITE_SHARE = 10;

/** A state file that cannot be used; the message has the remedy. */
export class StateFileError extends Error {}

/**
 * A workspace's state on disk. The file is whole at any moment: each state is
 * written beside it and put in its place. Only its owner can read it, as it
 * holds keys and tokens.
 */
export class StateFile {
  readonly path: string;
  readonly #unlock: () => void;
  /** Gives the state, once there is one that is worth keeping; nothing if it is lost. */
  #readState: (() => Uint8Array | undefined) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = WRITE_DELAY_MS;
  #hasFailed = false;

  /**
   * @throws {StateFileError} Another sandbox keeps its state there, or the
   * folder cannot be written to.
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#unlock = lock(`${path}.lock`);
    } catch (error) {
      throw new StateFileError(
        error instanceof Locked
          ? `process ${error.owner} keeps its state in ${path}: give another file, or end it first; if it is no sandbox, delete ${path}.lock`
          : `${path}.lock cannot be written: ${String(error)}`,
      );
    }
  }

  /**
   * What is kept, or nothing if there is no such file yet.
   *
   * @throws {StateFileError} It cannot be read.
   */
  read(): Uint8Array | undefined {
    try {
      return readFileSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new StateFileError(`${this.path} cannot be read: ${String(error)}`);
    }
  }

  /** From now on keeps what `take` gives, beginning at once. */
  keep(take: () => Uint8Array | undefined): void {
    this.#readState = take;
    this.#write();
  }

  /** The state may have changed. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), this.#delayMs);
  }

  /** Writes what is left to write. Whether all is kept. */
  close(): boolean {
    if (this.#timer !== undefined || this.#hasFailed) this.#write();
    this.#unlock();
    return !this.#hasFailed;
  }

  /** Leaves the file as it was written last: there is no state any more. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#readState = undefined;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#readState === undefined) return;
    const began = performance.now();
    try {
      const state = this.#readState();
      if (state === undefined) return;
      replaceFile(this.path, state);
      this.#hasFailed = false;
    } catch (error) {
      // Once, until it goes well again.
      if (!this.#hasFailed)
        console.error(`seam-session: --state: ${String(error)}`);
      this.#hasFailed = true;
    }
    this.#delayMs = Math.max(
      WRITE_DELAY_MS,
      MAX_WRITE_SHARE * (performance.now() - began),
    );
  }
}

/** Writes beside the file, to the disk, and then puts it in its place. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`;
  const file = openSync(beside, "w", 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncFolder(dirname(path));
}

/** So that the new name outlasts a power cut, too; not every system can. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // The file itself is whole either way.
  }
}
