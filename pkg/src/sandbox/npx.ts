import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const CHECK_MS = 500;

/**
 * Calls `ended` once `npx` has ended, if it started this process. `npx` passes a signal on to the
 * shell between the two, but that shell does not pass it on, and nothing passes SIGKILL on.
 */
export function onNpxEnd(ended: () => void): void {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = "" } =
    process.env;
  // The variables are inherited, also by what a script that `npx` runs starts to outlive it.
  if (event !== "npx" || !script.includes("seam-session")) return;
  const shell = process.ppid;
  const npx = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && (npx === undefined || isAlive(npx))) return;
    clearInterval(timer);
    ended();
  }, CHECK_MS);
  timer.unref();
}

/** Returns the parent of a process, or `undefined` if it is not known. */
function parentOf(pid: number): number | undefined {
  try {
    const text =
      process.platform === "linux"
        ? // The name of the process, in parentheses, may contain anything.
          /^.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]
        : execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], {
            encoding: "utf8",
          });
    const parent = Number(text);
    return Number.isInteger(parent) && parent > 1 ? parent : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
