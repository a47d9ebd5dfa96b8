// A client whose clientSessionToken is a function, against the sandbox.
import { Sandbox, Seam } from "./installed.mjs";
import { HOUR, advanceUntilSettled, mockClocks } from "./waiting.mjs";
import { listState } from "./watched-lists.mjs";

/**
 * A sandbox, a client with a token function, and the calls of both. By default each token belongs to
 * a new session of the same user, for an hour; `give(nth, …)` may return other tokens, and `answer` may
 * respond in place of the sandbox.
 */
export async function clientWithTokenFunction({
  give,
  answer,
  fetched,
  ...options
} = {}) {
  const sandbox = await Sandbox.create(options.sandbox);
  delete options.sandbox;
  const { info } = sandbox;
  const { endpoint } = info;
  const requests = [];
  const tokens = [];
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch: sandbox.fetch,
  });
  const create = async (more) => {
    const session = await backEnd.clientSessions.create({
      user_identity_id: info.user_identity_id,
      expires_at: new Date(Date.now() + HOUR).toISOString(),
      ...more,
    });
    return session.token;
  };
  const fetch = async (request) => {
    const path = new URL(request.url).pathname;
    const token = /Bearer (.*)/.exec(request.headers.get("authorization"))[1];
    const sent = { path, token, nth: tokens.indexOf(token) + 1 };
    requests.push(sent);
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  };
  const function_ = {
    asked: 0,
    async give() {
      function_.asked += 1;
      const token = give
        ? await give(function_.asked, { create, tokens, info })
        : await create();
      tokens.push(token);
      return token;
    },
  };
  const seam = Seam.fromClientSessionToken(() => function_.give(), {
    endpoint,
    fetch,
    maxRetries: 0,
    ...options,
  });
  const end = (token, how = "revoked") =>
    sandbox.endSession({ client_session_token: token }, how);
  const sent = (path) => requests.filter((it) => it.path === path).length;
  return {
    ...{ sandbox, info, backEnd, create, requests, tokens, seam, end, sent },
    asked: () => function_.asked,
  };
}

/** Mocks timers and clocks; returns a function that waits for a promise while that time advances. */
export function mockedTime(t) {
  mockClocks(t);
  return (promise) => advanceUntilSettled(t, promise);
}

/** Returns the lock that the client's user was granted. */
export async function firstLock({ seam }) {
  const [lock] = await seam.devices.list();
  return lock;
}

/** Watches the devices; the list is closed after the test. */
export function watchDevices(t, seam) {
  const list = seam.devices.watch();
  t.after(list.close);
  const state = (name) => listState(list, name);
  return { list, state };
}
