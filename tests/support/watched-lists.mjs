// Watched lists of a client against the sandbox.
import { Sandbox, Seam } from "./installed.mjs";

/** A sandbox, a client of one user's session, or of the workspace with `all`, and its requests. */
export async function watchingClient(
  t,
  { answer, maxRetries = 0, all = false } = {},
) {
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

/** Resolves when a condition is true, which is checked after each change of the list. */
export function listUntil(list, holds) {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = list.subscribe(check);
    check();
  });
}

/** Resolves when the list is in this state. */
export const listState = (list, state) =>
  listUntil(list, () => list.status.state === state);

export const deviceIds = (list) => list.getSnapshot().map((it) => it.device_id);
