import { invalidOptions } from "../core/error-factory.js";
import type { Sandbox, SandboxInfo, SandboxOptions } from "./sandbox.js";
import { serveSandbox as listen } from "./server.js";

/** The options of a sandbox that listens; its `endpoint` is its address. */
export interface ServeSandboxOptions extends Omit<SandboxOptions, "endpoint"> {
  /** The port on 127.0.0.1. Default: 0, a free one. */
  port?: number | undefined;
}

/** A sandbox that listens on loopback. */
export interface ServedSandbox {
  /** The sandbox itself: what is changed here is changed for every caller. */
  readonly sandbox: Sandbox;
  /** The address, keys and ids, as `seam-session sandbox --json` prints them. */
  readonly info: SandboxInfo;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox at `http://127.0.0.1:port`, for the set-up of a test runner whose tests run in
 * other processes or in browsers.
 *
 * @throws {SeamHttpInvalidOptionsError} An option is unknown or invalid.
 * @throws {Error} With `code` `EADDRINUSE` if the port is taken.
 */
export async function serveSandbox(
  options: ServeSandboxOptions = {},
): Promise<ServedSandbox> {
  const { port = 0, ...rest } = Object(options) as ServeSandboxOptions;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalidOptions("port must be a whole number from 0 to 65535");
  const { sandbox, close } = await listen(port, rest);
  return {
    sandbox,
    get info() {
      return sandbox.info;
    },
    close,
  };
}
