// The demo as a user starts it: `node www/demo.mjs`, in its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { killOnExit } from "./children.mjs";

const script = fileURLToPath(new URL("../../www/demo.mjs", import.meta.url));

/** The seed of the demo's keys and tokens. */
export const SEED = 1;

/**
 * Runs the demo with `args`. `ended` resolves to its exit code and its output; `printed(pattern)`
 * waits for a match on either stream.
 */
export function demo(args) {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The demo ends its sandbox itself.
  killOnExit(child);
  let out = "";
  let err = "";
  let over = false;
  const waiting = new Set();
  const look = () => waiting.forEach((check) => check());
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
    look();
  });
  const ended = once(child, "close").then(([code, signal]) => {
    over = true;
    look();
    return { code, signal, out, err };
  });
  const printed = (pattern) =>
    new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(out) ?? pattern.exec(err);
        if (match === null && !over) return;
        waiting.delete(check);
        if (match !== null) resolve(match);
        else reject(new Error(`no ${pattern} in:\n${out}\n${err}`));
      };
      waiting.add(check);
      check();
    });
  return {
    ended,
    printed,
    kill: (signal) => child.kill(signal),
  };
}

/**
 * Starts the demo page and returns the addresses of the page and the sandbox; with a number of
 * `devices` it is the property manager page. It is stopped after the test `t`; without one the caller
 * stops it.
 */
export async function startDemo(t, { port = 0, seed = SEED, devices } = {}) {
  const { ended, printed, kill } = demo([
    ...["--port", String(port)],
    ...["--random-seed", String(seed)],
    ...(devices === undefined ? [] : ["--devices", String(devices)]),
  ]);
  /** Stops it, as Ctrl-C does by default. */
  const stop = async (signal = "SIGINT") => {
    kill(signal);
    return await ended;
  };
  t?.after(() => stop());
  const [, address] = await printed(/^Page +(http:\/\/localhost:\d+)$/m);
  const [, endpoint, pid] = await printed(/ at (http:\S+) \(process (\d+)\)/);
  return {
    address,
    endpoint,
    port: Number(new URL(address).port),
    sandbox: Number(pid),
    printed,
    ended,
    stop,
  };
}
