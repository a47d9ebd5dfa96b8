// The `seam-session sandbox` command of the installed package, as its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { killOnExit } from "./children.mjs";
import { folder } from "./installed.mjs";

/**
 * Runs the command with `args`, and `env` in its environment; returns the process and a promise of its
 * output.
 */
export function command(args, env = {}) {
  const child = spawn(process.execPath, [`${folder}dist/cli.js`, ...args], {
    env: { ...process.env, ...env },
  });
  killOnExit(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const ended = once(child, "close").then(([code, signal]) => ({
    code,
    signal,
    out,
    err,
  }));
  return { child, ended };
}

/**
 * Starts a sandbox on a free port for the running test and stops it afterwards. Returns the JSON that
 * it prints when it listens.
 */
export async function startSandbox(t, args = []) {
  const { child, ended } = command([
    "sandbox",
    "--port",
    "0",
    "--json",
    // The sandbox does not outlive this process, however that ends.
    "--exit-with-stdin",
    ...args,
  ]);
  t.after(async () => {
    child.kill();
    await ended;
  });
  return await started({ child, ended });
}

/** Returns the JSON of the command's first line. */
export async function started({ child, ended }) {
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => text),
    ended.then(({ err }) =>
      Promise.reject(new Error(`the sandbox ended: ${err}`)),
    ),
  ]);
  return JSON.parse(line);
}
