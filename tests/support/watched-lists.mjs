// Watched lists of a client against the sandbox.
import { Sandbox, Seam } from "./installed.mjs";
import { once } from "./waiting.mjs";

export const MINUTE = 60_000;

/** A sandbox, a client of one user's session, and what was asked of it. */
export async function watched(t, { answer, maxRetries = 0, all = false } = {}) {
  const sandbox = await Sandbox.create();
  const { info } = sandbox;
  const requests = [];
  const fetch = async (request) => {
    const path = new URL(request.url).pathname;
    const sent = { path, token: request.headers.get("authorization") };
    requests.push(sent);
    sent.body = await request.clone().text();
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  };
  const { endpoint } = info;
  const credential = all
    ? { apiKey: info.api_key }
    : { clientSessionToken: info.client_session_token };
  const seam = new Seam({ ...credential, endpoint, fetch, maxRetries });
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch: sandbox.fetch,
  });
  const watch = (namespace = "devices", ...rest) => {
    const list = seam[namespace].watch(...rest);
    t.after(list.close);
    return list;
  };
  const asked = (path) => requests.filter((it) => it.path === path).length;
  return { sandbox, info, seam, backEnd, watch, requests, asked };
}

/** Resolves when `holds` does, which is looked at after each change. */
export function until(list, holds) {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      off();
      resolve();
    };
    const off = list.subscribe(look);
    look();
  });
}

export const state = (list, name) =>
  until(list, () => list.status.state === name);

export const ids = (list) => list.getSnapshot().map((it) => it.device_id);

/**
 * Waits for `promise` while mocked time passes, no faster than time does: on a
 * busy machine requests would run out of it otherwise.
 */
export async function passing(t, promise) {
  let settled = false;
  promise.finally(() => (settled = true));
  let last = performance.now();
  await once(() => {
    const passed = Math.floor(performance.now() - last);
    if (passed > 0) t.mock.timers.tick(1);
    if (passed > 0) last += passed;
    return settled;
  });
}
