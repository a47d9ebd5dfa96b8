// Why this is not `write-file-atomic` 7.0.1 or `atomically` 2.1.1:
//
// - Each calls `write` once and ignores how many bytes that wrote. On a disk with too little space
//   for the state they report no error and replace the complete state by a truncated one.
// - If the path is a link, they replace the file that it leads to, which may be another user's. They
//   also open the temporary file through a link.
// - Their temporary file has another name each time, so each killed process may leave one, which has
//   keys and tokens. Here the name is fixed, and the next write replaces the file.
// - They do not write the folder to the disk, so after a power cut the old state may be back.

import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { lock, Locked } from "./lock-file.js";

/** The delay after a change, so that many changes are written at once. */
const WRITE_DELAY_MS = 100;
/**
 * The pause after a write is this many times as long as the write took, so that writes take at most
 * a quarter of the time. With 10,000 devices a change is in the file within a second.
 */
const PAUSE_PER_WRITE = 3;
/** The pause after a write that failed, for example because the disk is full. */
const RETRY_DELAY_MS = 1_000;

/** A state file that cannot be used; the message has the remedy. */
export class StateFileError extends Error {}

/**
 * A workspace's state on disk. The file is complete at any moment: each state is written next to it
 * and then renamed. Only its owner can read it, because it has keys and tokens.
 */
export class StateFile {
  readonly path: string;
  readonly #unlock: () => void;
  /** Returns the state; `undefined` if it is lost. */
  #readState: (() => Uint8Array | undefined) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = WRITE_DELAY_MS;
  #hasFailed = false;

  /**
   * @throws {StateFileError} The path is a link, another sandbox uses the file, or the folder is not
   *   writable.
   */
  constructor(path: string) {
    this.path = path;
    // The file that it leads to may be another user's, and a new file would replace the link.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new StateFileError(`${path} is a link: give the file itself`);
    }
    try {
      this.#unlock = lock(`${path}.lock`);
    } catch (error) {
      throw new StateFileError(
        error instanceof Locked
          ? `process ${error.owner} keeps its state in ${path}: give another file, or end it first; if it is no sandbox, delete ${path}.lock`
          : `${path}.lock cannot be used: ${String(error)}`,
      );
    }
  }

  /**
   * Returns the stored state, or `undefined` if there is no file yet.
   *
   * @throws {StateFileError} The file cannot be read.
   */
  read(): Uint8Array | undefined {
    try {
      // Windows has no such flag.
      const noFollow = constants.O_NOFOLLOW ?? 0;
      const file = openSync(this.path, constants.O_RDONLY | noFollow);
      try {
        return readFileSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new StateFileError(`${this.path} cannot be read: ${String(error)}`);
    }
  }

  /** Writes the state that `take` returns, now and after each change. */
  keep(take: () => Uint8Array | undefined): void {
    this.#readState = take;
    this.#write();
  }

  /** The state may have changed. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), this.#delayMs);
  }

  /** Writes what is left to write. Returns whether everything is stored. */
  close(): boolean {
    if (this.#timer !== undefined || this.#hasFailed) this.#write();
    clearTimeout(this.#timer);
    this.#unlock();
    return !this.#hasFailed;
  }

  /** Stops writing: the state is lost, and the file keeps the last one. */
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
      // Reported once, until a write succeeds again.
      if (!this.#hasFailed)
        console.error(`seam-session: --state: ${String(error)}`);
      this.#hasFailed = true;
    }
    this.#delayMs = Math.max(
      this.#hasFailed ? RETRY_DELAY_MS : WRITE_DELAY_MS,
      PAUSE_PER_WRITE * (performance.now() - began),
    );
    if (this.#hasFailed) this.changed();
  }
}

/** Writes next to the file, to the disk, and then renames. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`;
  // What is there was left by a killed process, or is another user's file or link: nothing is written
  // through it.
  rmSync(beside, { force: true });
  const file = openSync(beside, "wx", 0o600);
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

/** So that the new name survives a power cut; not every system can. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // The file itself is complete either way.
  }
}
