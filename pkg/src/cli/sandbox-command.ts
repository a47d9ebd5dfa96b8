import { setFlagsFromString } from "node:v8";

import { type CommandOptions, commandOptions } from "./sandbox-options.js";
import { UsageError } from "./usage-error.js";
import { onNpxEnd } from "../sandbox/npx.js";
import { logLine } from "../sandbox/request-log.js";
import type { Sandbox, SandboxInfo } from "../sandbox/sandbox.js";
import { type SandboxServer, serveSandbox } from "../sandbox/server.js";
import { StateFile, StateFileError } from "../sandbox/state-file.js";

/** `seam-session sandbox`: serves a sandbox until a signal ends it. */
export async function sandboxCommand(args: string[]): Promise<void> {
  // Most of the module is never called in a run, so functions are compiled when they are first
  // called. That halves the start time.
  setFlagsFromString("--wasm-lazy-compilation");
  const options = commandOptions(args);
  if (typeof options === "string") {
    process.stdout.write(options);
    return;
  }
  const file = openState(options.stateFile);
  let server: SandboxServer;
  try {
    server = await serve(options, file);
  } catch (error) {
    file?.close();
    throw error;
  }
  const end = async (): Promise<void> => {
    await server.close();
    const isKept = file === undefined || file.close();
    process.exit(process.exitCode ?? (isKept ? 0 : 1));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void end());
  }
  if (options.exitWithStdin) onStreamEnd(process.stdin, () => void end());
  onNpxEnd(() => void end());
  // The reader of the output may close it; the sandbox goes on.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const { info } = server.sandbox;
  console.log(
    options.json ? JSON.stringify(info) : greeting(info, options.stateFile),
  );
}

async function serve(
  { port, log, sandbox: sandboxOptions }: CommandOptions,
  file: StateFile | undefined,
): Promise<SandboxServer> {
  // Everything that may be unreadable is read before the server listens.
  const kept = file?.read();
  const server = await serveSandbox(port, sandboxOptions, {
    onServed: log
      ? (served) => console.error(logLine(served, new Date()))
      : undefined,
    onChange: file && (() => file.changed()),
    onCrash({ cause }, drained) {
      const kept = file === undefined ? "" : ` with what ${file.path} holds`;
      console.error(
        `seam-session: the sandbox crashed and its workspace is lost: start it again${kept} (${String(cause)})`,
      );
      file?.abandon();
      process.exitCode = 1;
      void drained.then(() => {
        file?.close();
        process.exit();
      });
    },
  }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(startFailure(error, port, sandboxOptions));
  });
  if (file === undefined) return server;
  const { sandbox } = server;
  try {
    if (kept !== undefined) restore(sandbox, kept, file.path);
  } catch (error) {
    await server.close();
    throw error;
  }
  file.keep(() => server.state());
  return server;
}

function startFailure(
  error: NodeJS.ErrnoException,
  port: number,
  { seed }: CommandOptions["sandbox"],
): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is in use: give another with --port, or --port 0 for a free one`;
    case "EACCES":
      return `port ${port} needs more rights: give one above 1023 with --port`;
    default:
      // Messages about a fault begin with "fault".
      return seed === undefined || error.message.startsWith("fault")
        ? error.message
        : `--seed: ${error.message}`;
  }
}

function openState(path: string | undefined): StateFile | undefined {
  return path === undefined ? undefined : new StateFile(path);
}

function restore(sandbox: Sandbox, kept: Uint8Array, path: string): void {
  try {
    const { state } = JSON.parse(new TextDecoder().decode(kept)) as {
      state: Record<string, unknown>;
    };
    sandbox.restore(state);
  } catch {
    throw new StateFileError(
      `${path} is damaged, or of another version: put a good copy in its place, or move it away to begin anew`,
    );
  }
}

function onStreamEnd(stream: NodeJS.ReadStream, ended: () => void): void {
  stream.once("end", ended).once("close", ended).once("error", ended).resume();
}

function greeting(info: SandboxInfo, stateFile: string | undefined): string {
  return `A Seam workspace is at ${info.endpoint} with ${info.device_ids.length} devices.

  api key               ${info.api_key}
  publishable key       ${info.publishable_key}
  personal access token ${info.personal_access_token}
  workspace             ${info.workspace_id}

A client session is there to begin with:

  user identity         ${info.user_identity_id ?? "none"}
  client session token  ${info.client_session_token}

${stateFile === undefined ? "It keeps nothing." : `Its state is kept in ${stateFile}.`} Ctrl-C ends it.`;
}
