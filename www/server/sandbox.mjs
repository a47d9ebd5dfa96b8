// The sandbox in a process of its own, as any front-end developer would run it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { UserError } from "./user-error.mjs";

const START_MS = 30_000;
const STOP_MS = 3_000;
/** Ctrl-C reaches the sandbox too, and it may be quicker than this process. */
const SETTLE_MS = 250;

/**
 * Starts `seam-session sandbox` and waits for the line that says where it is.
 * Its keys and tokens are random, unless a test gives a `randomSeed`; it has
 * eight devices, unless `devices` says otherwise.
 *
 * `gone` resolves to a phrase when the process has ended by itself; `alive()`
 * tells at once; `stop()` ends it.
 */
export async function startSandbox(cli, port, { randomSeed, devices }) {
  // However this process ends, the sandbox does not outlive it.
  const args = [cli, "sandbox", "--exit-with-stdin"];
  args.push("--json", "--port", String(port));
  if (randomSeed !== undefined) args.push(`--random-seed=${randomSeed}`);
  if (devices !== undefined) args.push(`--devices=${devices}`);
  const child = spawn(process.execPath, args, {
    stdio: "pipe",
  });

  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const exited = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) =>
      resolve(signal ? `ended by ${signal}` : `exit code ${code}`),
    );
  });
  const lines = createInterface({ input: child.stdout });
  let timer;
  const line = await Promise.race([
    once(lines, "line").then(([text]) => text),
    exited.then(() => undefined),
    new Promise((resolve) => (timer = setTimeout(resolve, START_MS))),
  ]);
  clearTimeout(timer);
  if (line === undefined) {
    child.kill("SIGKILL");
    const said = complaint.trim().replace(/--port\b/g, "--sandbox-port");
    throw new UserError(`The sandbox did not start: ${said || (await exited)}`);
  }

  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    info: JSON.parse(line),
    pid: child.pid,
    alive,
    gone: exited.then(
      (how) =>
        new Promise((resolve) => setTimeout(() => resolve(how), SETTLE_MS)),
    ),
    async stop() {
      if (!alive()) return;
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(hard);
    },
  };
}
