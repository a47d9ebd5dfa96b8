/** A device as the back end tells of it. */
export interface KnownDevice {
  device_id: string;
  display_name: string;
  device_type: string;
  can_remotely_unlock: boolean;
  online: boolean;
  locked: boolean | null;
}

/** A user, and the devices that were granted. */
export interface User {
  key: string;
  name: string;
  role: string;
  device_ids: string[];
}

/** What the back end decides about. */
export interface Workspace {
  /** Another one after the demo was started again: all is new then. */
  run: string;
  /** The origin of the sandbox. */
  endpoint: string;
  devices: KnownDevice[];
  users: User[];
}

/** What one user's app is given. */
export interface Session {
  endpoint: string;
  client_session_token: string;
}

/** The demo's back end did not do what was asked. */
export class BackEndError extends Error {
  override readonly name = "BackEndError";
  /** The back end's own code; `unreachable` when it did not answer. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MS = 10_000;

/** The workspace as it is now. */
export function workspace(signal: AbortSignal): Promise<Workspace> {
  return ask("/api/workspace", { signal });
}

/** Grants a device to a user, or takes it back. */
export async function grant(
  user: string,
  device_id: string,
  granted: boolean,
): Promise<void> {
  await ask("/api/grants", json("PUT", { user, device_id, granted }));
}

/** A session for this user's app: the moment after a log-in. */
export function session(user: string): Promise<Session> {
  return ask("/api/session", json("POST", { user }));
}

function json(method: string, value: object): RequestInit {
  return {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const { signal } = init;
  let status: number;
  let body: { error?: { code: string; message: string } };
  try {
    const response = await fetch(path, {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    ({ status } = response);
    body = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new BackEndError("unreachable", "the back end does not answer");
  }
  if (status === 200) return body as T;
  throw new BackEndError(
    body.error?.code ?? "unreachable",
    body.error?.message ?? `the back end answered ${status}`,
  );
}
