// The README of the official SDK, heading by heading: what each of its examples
// does, done with this package, in the sandbox, or where that does not answer
// over a fetch that notes what is sent. An example that is not taken over says
// why. The last tests hold the list complete and in the README's order.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as official from "seam";

import { rejected } from "../support/errors.mjs";
import { client, Sandbox } from "../support/installed.mjs";

const {
  SeamHttp,
  SeamHttpWithoutWorkspace,
  isSeamActionAttemptFailedError,
  isSeamActionAttemptTimeoutError,
  isSeamHttpInvalidInputError,
} = client;

const API_KEY = "seam_test1_key";
const TOKEN = "seam_cst1_token";
const ACCESS_TOKEN = "seam_at1_token";

const entries = [];

/** A test of `blocks` blocks of code below a heading of the README. */
function example(heading, blocks, what, run) {
  entries.push({ heading, blocks });
  test(`${heading}: ${what}`, run);
}

/** What there is below a heading and is not taken over, and why. */
function notTaken(heading, blocks, why) {
  assert.ok(why);
  entries.push({ heading, blocks });
}

/** A sandbox, a client of its workspace, and the options for another client. */
async function workspace(more = {}, sandbox = {}) {
  const { info, fetch } = await Sandbox.create(sandbox);
  const options = { endpoint: info.endpoint, fetch };
  const seam = SeamHttp.fromApiKey(info.api_key, { ...options, ...more });
  return { info, options, seam };
}

/** A fetch that notes what is sent and answers with an empty list of all. */
function recorder() {
  const sent = [];
  const fetch = async (request) => {
    const { headers } = request;
    sent.push({
      url: request.url,
      authorization: headers.get("authorization"),
      token: headers.get("client-session-token"),
      workspace: headers.get("seam-workspace"),
    });
    return Response.json({
      client_session: {},
      devices: [],
      workspaces: [],
      ok: true,
    });
  };
  return { sent, fetch };
}

/** Sets variables of the environment for the running test. */
function environment(t, variables) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

notTaken("", 0, "it has no example");
notTaken("Description", 0, "it has no example");
notTaken("Installation", 1, "how another package is installed");
notTaken("Usage", 0, "it has no example");
notTaken("Usage / Examples", 0, "it has no example");

example(
  "Usage / Examples / List devices",
  1,
  "gives the devices",
  async (t) => {
    const { info, options } = await workspace();
    environment(t, { SEAM_API_KEY: info.api_key });
    const seam = new SeamHttp(options);
    const devices = await seam.devices.list();
    assert.deepEqual(
      devices.map(({ device_id }) => device_id),
      info.device_ids,
    );
  },
);

example(
  "Usage / Examples / Unlock a door",
  1,
  "unlocks the lock of that name",
  async (t) => {
    const { info, options } = await workspace();
    environment(t, {
      SEAM_API_KEY: info.api_key,
      SEAM_ENDPOINT: info.endpoint,
    });
    const seam = new SeamHttp({ fetch: options.fetch });
    const lock = await seam.locks.get({ name: "Front Door" });
    assert.equal(lock.properties.locked, true);
    await seam.locks.unlockDoor({ device_id: lock.device_id });
    const { properties } = await seam.locks.get({ name: "Front Door" });
    assert.equal(properties.locked, false);
  },
);

notTaken("Usage / Authentication Methods", 0, "it has no example");

example(
  "Usage / Authentication Methods / API Key",
  1,
  "each way sends the key",
  async (t) => {
    const { sent, fetch } = recorder();
    t.mock.method(globalThis, "fetch", fetch);
    environment(t, { SEAM_API_KEY: API_KEY });
    for (const seam of [
      new SeamHttp(),
      new SeamHttp(API_KEY),
      new SeamHttp({ apiKey: API_KEY }),
      SeamHttp.fromApiKey(API_KEY),
    ]) {
      await seam.devices.list();
    }
    assert.deepEqual(
      sent,
      Array(4).fill({
        url: "https://connect.getseam.com/devices/list",
        authorization: `Bearer ${API_KEY}`,
        token: null,
        workspace: null,
      }),
    );
  },
);

example(
  "Usage / Authentication Methods / Client Session Token",
  1,
  "each way sends the token",
  async () => {
    const { sent, fetch } = recorder();
    for (const seam of [
      new SeamHttp({ clientSessionToken: TOKEN, fetch }),
      SeamHttp.fromClientSessionToken(TOKEN, { fetch }),
    ]) {
      await seam.devices.list();
    }
    assert.equal(sent.length, 2);
    for (const { token, authorization } of sent) {
      assert.deepEqual([token, authorization], [TOKEN, `Bearer ${TOKEN}`]);
    }
  },
);

example(
  "Usage / Authentication Methods / Client Session Token",
  1,
  "the token is changed for another",
  async () => {
    const { info, options, seam: backEnd } = await workspace();
    const { user_identity_id } = await backEnd.userIdentities.create();
    const { token } = await backEnd.clientSessions.create({ user_identity_id });
    const seam = SeamHttp.fromClientSessionToken(
      info.client_session_token,
      options,
    );
    assert.equal((await seam.devices.list()).length, 1);
    assert.equal(await seam.updateClientSessionToken(token), undefined);
    assert.deepEqual(await seam.devices.list(), []);
  },
);

example(
  "Usage / Authentication Methods / Publishable Key",
  1,
  "the session of the key is created, then found again",
  async () => {
    const { info, options } = await workspace();
    const sessions = [];
    for (let at = 0; at < 2; at += 1) {
      const seam = await SeamHttp.fromPublishableKey(
        info.publishable_key,
        "a-key-that-only-this-user-has",
        options,
      );
      assert.deepEqual(await seam.devices.list(), []);
      sessions.push((await seam.clientSessions.get()).client_session_id);
    }
    assert.equal(sessions[0], sessions[1]);
  },
);

example(
  "Usage / Authentication Methods / Personal Access Token",
  1,
  "each way sends the token and its workspace",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, {
      SEAM_PERSONAL_ACCESS_TOKEN: ACCESS_TOKEN,
      SEAM_WORKSPACE_ID: "workspace-1",
    });
    for (const seam of [
      new SeamHttp({ fetch }),
      new SeamHttp({
        personalAccessToken: ACCESS_TOKEN,
        workspaceId: "workspace-1",
        fetch,
      }),
      SeamHttp.fromPersonalAccessToken(ACCESS_TOKEN, "workspace-1", { fetch }),
    ]) {
      await seam.devices.list();
    }
    assert.equal(sent.length, 3);
    for (const { authorization, workspace } of sent) {
      assert.equal(authorization, `Bearer ${ACCESS_TOKEN}`);
      assert.equal(workspace, "workspace-1");
    }
  },
);

notTaken(
  "Usage / Authentication Methods / Console Session Token",
  1,
  "console sessions are for Seam's own pages; docs/migrating.md says so",
);

example(
  "Usage / Action Attempts",
  1,
  "an attempt that is not waited for is told apart by its status",
  async () => {
    const { seam } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const wait = { waitForActionAttempt: false };
    const pending = await seam.locks.unlockDoor({ device_id }, wait);
    assert.deepEqual(
      [pending.status, pending.result, pending.error],
      ["pending", null, null],
    );
    const { action_attempt_id } = pending;
    const done = await seam.actionAttempts.get({ action_attempt_id });
    assert.equal(done.status, "success");
    assert.ok(done.result);
    assert.equal(done.error, null);

    const offline = await seam.locks.get({ name: "Cabin" });
    const begun = await seam.locks.unlockDoor(
      { device_id: offline.device_id },
      wait,
    );
    const id = { action_attempt_id: begun.action_attempt_id };
    await rejected(seam.actionAttempts.get(id));
    const failed = await seam.actionAttempts.get(id, wait);
    assert.equal(failed.status, "error");
    assert.equal(failed.result, null);
    assert.ok(failed.error.message);
  },
);

example(
  "Usage / Action Attempts",
  2,
  "an attempt of which the id is known is waited for, or only looked at",
  async () => {
    const { seam } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const { action_attempt_id } = await seam.locks.unlockDoor(
      { device_id },
      { waitForActionAttempt: false },
    );
    const now = await seam.actionAttempts.get(
      { action_attempt_id },
      { waitForActionAttempt: false },
    );
    assert.equal(now.status, "pending");
    const later = await seam.actionAttempts.get({ action_attempt_id });
    assert.equal(later.status, "success");
  },
);

example(
  "Usage / Action Attempts",
  2,
  "a client or a call does not wait",
  async () => {
    const { info, seam, options } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const patient = await seam.locks.unlockDoor(
      { device_id },
      { waitForActionAttempt: false },
    );
    const hasty = new SeamHttp({
      apiKey: info.api_key,
      waitForActionAttempt: false,
      ...options,
    });
    const attempt = await hasty.locks.unlockDoor({ device_id });
    assert.deepEqual([patient.status, attempt.status], ["pending", "pending"]);
  },
);

// The README gives the constructor a second argument, which there is not; the
// option goes with the others.
example(
  "Usage / Action Attempts",
  1,
  "the guards tell why the door is not open",
  async () => {
    const waits = [];
    const tell = async (lock, { seam }) => {
      try {
        await seam.locks.unlockDoor({ device_id: lock.device_id });
        return "unlocked";
      } catch (error) {
        waits.push(error.actionAttempt.action_attempt_id);
        if (isSeamActionAttemptFailedError(error)) return "could not";
        if (isSeamActionAttemptTimeoutError(error)) return "too long";
        throw error;
      }
    };
    const patient = await workspace({
      waitForActionAttempt: { pollingInterval: 1000, timeout: 5000 },
    });
    const [lock] = await patient.seam.locks.list();
    const offline = await patient.seam.locks.get({ name: "Cabin" });
    assert.equal(await tell(lock, patient), "unlocked");
    assert.equal(await tell(offline, patient), "could not");
    const hasty = await workspace({
      waitForActionAttempt: { pollingInterval: 10, timeout: 20 },
    });
    const [other] = await hasty.seam.locks.list();
    assert.equal(await tell(other, hasty), "too long");
    assert.equal(waits.length, 2);
  },
);

notTaken("Usage / Pagination", 0, "it has no example");

/** 45 devices, listed twenty a page. */
async function manyDevices() {
  const { info, seam } = await workspace({}, { devices: 45 });
  const pages = seam.createPaginator(seam.devices.list({ limit: 20 }));
  const ids = (devices) => devices.map(({ device_id }) => device_id);
  return { info, seam, pages, ids };
}

example(
  "Usage / Pagination / Manually fetch pages with the nextPageCursor",
  1,
  "the second page follows the first",
  async () => {
    const { info, pages, ids } = await manyDevices();
    const [devices, { hasNextPage, nextPageCursor }] = await pages.firstPage();
    assert.equal(hasNextPage, true);
    const [more] = await pages.nextPage(nextPageCursor);
    assert.deepEqual(ids([...devices, ...more]), info.device_ids.slice(0, 40));
  },
);

example(
  "Usage / Pagination / Resume pagination",
  2,
  "what was kept as text leads to the next page",
  async () => {
    const { info, seam, ids } = await manyDevices();
    const store = new Map();
    {
      const params = { limit: 20 };
      const pages = seam.createPaginator(seam.devices.list(params));
      const [, pagination] = await pages.firstPage();
      store.set("/seam/devices/list", JSON.stringify([params, pagination]));
    }
    const [params = {}, { hasNextPage = false, nextPageCursor = null } = {}] =
      JSON.parse(store.get("/seam/devices/list") ?? "[]");
    assert.equal(hasNextPage, true);
    const pages = seam.createPaginator(seam.devices.list(params));
    const [more] = await pages.nextPage(nextPageCursor);
    assert.deepEqual(ids(more), info.device_ids.slice(20, 40));
  },
);

example(
  "Usage / Pagination / Iterate over all pages",
  1,
  "each page comes once",
  async () => {
    const { pages } = await manyDevices();
    const sizes = [];
    for await (const devices of pages) sizes.push(devices.length);
    assert.deepEqual(sizes, [20, 20, 5]);
  },
);

example(
  "Usage / Pagination / Iterate over all resources",
  1,
  "each device comes once",
  async () => {
    const { info, pages, ids } = await manyDevices();
    const devices = [];
    for await (const device of pages.flatten()) devices.push(device);
    assert.deepEqual(ids(devices), info.device_ids);
    assert.ok(devices.every(({ display_name }) => display_name));
  },
);

example(
  "Usage / Pagination / Return all resources across all pages as an array",
  1,
  "all devices are in it",
  async () => {
    const { info, pages, ids } = await manyDevices();
    assert.deepEqual(ids(await pages.flattenToArray()), info.device_ids);
  },
);

// It says that the axios error is the cause; here there is none, see docs/migrating.md.
example(
  "Usage / Error Handling",
  0,
  "an error of the server has its status, code and request id",
  async () => {
    const { seam } = await workspace();
    const device_id = "00000000-0000-4000-8000-000000000000";
    const error = await rejected(seam.devices.get({ device_id }));
    assert.ok(client.isSeamHttpApiError(error));
    assert.deepEqual([error.statusCode, error.code], [404, "device_not_found"]);
    assert.ok(error.requestId);
  },
);

example(
  "Usage / Error Handling / Validation errors",
  2,
  "each parameter that was not taken is told with its reasons",
  async () => {
    const { seam } = await workspace();
    const nested = await rejected(
      seam.devices.list({ device_ids: ["not-a-uuid"] }),
    );
    assert.ok(isSeamHttpInvalidInputError(nested));
    assert.deepEqual(
      nested.validationErrors.map(({ parameterName }) => parameterName),
      ["device_ids"],
    );
    // The reason stands with the item, of which the SDK's face does not tell.
    assert.deepEqual(nested.getValidationErrorMessages("device_ids"), []);

    const error = await rejected(seam.devices.list({ limit: -1 }));
    assert.ok(isSeamHttpInvalidInputError(error));
    const [message] = error.getValidationErrorMessages("limit");
    assert.match(message, /greater than 0/);
    const summary = error.validationErrors.map(
      ({ parameterName, errorMessages }) =>
        `${parameterName}: ${errorMessages.join(", ")}`,
    );
    assert.deepEqual(summary, [`limit: ${message}`]);
  },
);

notTaken(
  "Usage / Requests without a Workspace in scope",
  0,
  "it has no example",
);

example(
  "Usage / Requests without a Workspace in scope / Personal Access Token",
  1,
  "each way lists the workspaces with the token alone",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, { SEAM_PERSONAL_ACCESS_TOKEN: ACCESS_TOKEN });
    for (const seam of [
      new SeamHttpWithoutWorkspace({ fetch }),
      new SeamHttpWithoutWorkspace({
        personalAccessToken: ACCESS_TOKEN,
        fetch,
      }),
      SeamHttpWithoutWorkspace.fromPersonalAccessToken(ACCESS_TOKEN, { fetch }),
    ]) {
      assert.deepEqual(await seam.workspaces.list(), []);
    }
    assert.equal(sent.length, 3);
    for (const { url, authorization, workspace } of sent) {
      assert.equal(new URL(url).pathname, "/workspaces/list");
      assert.equal(authorization, `Bearer ${ACCESS_TOKEN}`);
      assert.equal(workspace, null);
    }
  },
);

notTaken(
  "Usage / Requests without a Workspace in scope / Console Session Token",
  1,
  "console sessions are for Seam's own pages; docs/migrating.md says so",
);
notTaken("Usage / Advanced Usage", 0, "it has no example");

example(
  "Usage / Advanced Usage / Additional Options",
  2,
  "endpoint and timeout are taken in either place, and what is axios's is refused with the document that names its replacement",
  async () => {
    const { sent, fetch } = recorder();
    const options = { endpoint: "https://example.com", timeout: 30000, fetch };
    for (const seam of [
      new SeamHttp({ apiKey: API_KEY, ...options }),
      SeamHttp.fromApiKey(API_KEY, options),
    ]) {
      await seam.devices.list();
    }
    assert.deepEqual(
      sent.map(({ url }) => url),
      Array(2).fill("https://example.com/devices/list"),
    );
    for (const name of ["axiosOptions", "axiosRetryOptions"]) {
      assert.throws(
        () => SeamHttp.fromApiKey(API_KEY, { ...options, [name]: {} }),
        { code: "invalid_options", message: /axios is not an option/ },
      );
    }
  },
);

example(
  "Usage / Advanced Usage / Setting the endpoint",
  0,
  "the option goes before the variable",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, { SEAM_ENDPOINT: "https://variable.example" });
    await new SeamHttp({ apiKey: API_KEY, fetch }).devices.list();
    await new SeamHttp({
      apiKey: API_KEY,
      endpoint: "https://option.example",
      fetch,
    }).devices.list();
    assert.deepEqual(
      sent.map(({ url }) => new URL(url).origin),
      ["https://variable.example", "https://option.example"],
    );
  },
);

// There, 0 takes the limit away; here Infinity does, and 0 is refused.
example(
  "Usage / Advanced Usage / Setting the request timeout",
  1,
  "a try that takes longer fails, and a read is tried again with a new limit",
  async () => {
    let tries = 0;
    const never = () => ((tries += 1), new Promise(() => {}));
    const seam = new SeamHttp({ apiKey: API_KEY, timeout: 30, fetch: never });
    const error = await rejected(seam.devices.list());
    assert.ok(error instanceof client.SeamHttpNetworkError);
    assert.equal(error.code, "timeout");
    assert.equal(tries, 3);
    const { fetch } = recorder();
    for (const timeout of [60000, Infinity]) {
      const other = new SeamHttp({ apiKey: API_KEY, timeout, fetch });
      assert.deepEqual(await other.devices.list(), []);
    }
    assert.throws(() => new SeamHttp({ apiKey: API_KEY, timeout: 0 }), {
      code: "invalid_options",
      message: /timeout/,
    });
  },
);

example(
  "Usage / Advanced Usage / Configuring the Axios Client",
  0,
  "a read is tried three times, or as often as maxRetries says; an act once",
  async () => {
    const tries = async (call, options = {}) => {
      let made = 0;
      const fetch = async () => {
        made += 1;
        const error = { type: "internal_server_error", message: "m" };
        return Response.json({ error }, { status: 500 });
      };
      const seam = new SeamHttp({ apiKey: API_KEY, fetch, ...options });
      const error = await rejected(call(seam));
      assert.equal(error.statusCode, 500);
      return made;
    };
    const list = (seam) => seam.devices.list();
    const unlock = (seam) => seam.locks.unlockDoor({ device_id: "d" });
    assert.equal(await tries(list), 3);
    assert.equal(await tries(list, { maxRetries: 0 }), 1);
    assert.equal(await tries(unlock), 1);
  },
);

notTaken(
  "Usage / Advanced Usage / Using the Axios Client",
  1,
  "there is no axios underneath: the fetch option sees each request and answer, `request` calls a path",
);
notTaken(
  "Usage / Advanced Usage / Overriding the Client",
  0,
  "there is no axios underneath: the fetch option takes the place of the network",
);
notTaken(
  "Usage / Advanced Usage / Alternative endpoint path interface",
  1,
  "a second face of the same routes, which every page would download; `request` calls a path",
);

example(
  "Usage / Advanced Usage / Inspecting the Request",
  1,
  "a request is looked at, made once, and gives what it gave again",
  async () => {
    const { sent, fetch } = recorder();
    const seam = new SeamHttp({ apiKey: API_KEY, fetch });
    const request = seam.devices.list();
    assert.equal(
      `${request.method} ${request.url}`,
      "POST https://connect.getseam.com/devices/list",
    );
    assert.equal(JSON.stringify(request.body), undefined);
    assert.deepEqual(sent, []);
    const devices = await request.execute();
    assert.equal(await request, devices);
    assert.equal(await request.execute(), devices);
    assert.equal(await request.then((it) => it), devices);
    assert.equal(await request.catch(() => "no"), devices);
    assert.equal(await request.finally(() => {}), devices);
    assert.equal(sent.length, 1);
  },
);

notTaken(
  "Usage / Advanced Usage / Serializing URL search params",
  2,
  "no parameter travels in a URL: every route takes JSON in a POST",
);
for (const [heading, blocks] of [
  ["Development and Testing", 0],
  ["Development and Testing / Quickstart", 2],
  ["Development and Testing / Source code", 1],
  ["Development and Testing / Requirements", 3],
  ["Development and Testing / Publishing", 0],
  ["Development and Testing / Publishing / Automatic", 0],
  ["Development and Testing / Publishing / Manual", 1],
  ["GitHub Actions", 0],
  ["Contributing", 0],
  ["License", 0],
  ["Warranty", 0],
]) {
  notTaken(heading, blocks, "about how that package is made");
}

/** What the README of `seam` has over the other, and why it is not taken over. */
const ONLY_OF_SEAM = [
  ["Usage / Command Line Interface", 2, "a command line is another tool"],
  ["Usage / Output", 1, "of the command line"],
  ["Usage / Pagination", 1, "of the command line"],
  ["Usage / JSON", 3, "of the command line"],
  ["Usage / Selecting an endpoint and a workspace", 2, "of the command line"],
  ["Usage / Environment variables", 2, "of the command line"],
  [
    "Usage / Receiving Webhooks",
    2,
    "a server receives webhooks, with @seamapi/webhook",
  ],
];

/** The headings of a README, each below those above it, with its blocks of code. */
function outline(name) {
  const file = new URL(`../node_modules/${name}/README.md`, import.meta.url);
  const found = [];
  const path = [];
  let isCode = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.startsWith("```")) {
      if (!isCode) found.at(-1)[1] += 1;
      isCode = !isCode;
    }
    const [, marks, title] = (!isCode && /^(#+) (.*)$/.exec(line)) || [];
    if (title === undefined) continue;
    path.length = marks.length - 1;
    path.push(title);
    found.push([path.slice(1).join(" / "), 0]);
  }
  return found;
}

test("every heading and example of the official README is accounted for, in its order", () => {
  const accounted = [];
  for (const { heading, blocks } of entries) {
    if (accounted.at(-1)?.[0] === heading) accounted.at(-1)[1] += blocks;
    else accounted.push([heading, blocks]);
  }
  assert.deepEqual(accounted, outline("@seamapi/http"));
});

test("the README of `seam` has the same examples, and some that are not taken over", () => {
  const rest = outline("@seamapi/http").map(String);
  const more = outline("seam").filter((it) => {
    const at = rest.indexOf(String(it));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  assert.deepEqual(rest, []);
  assert.deepEqual(
    more,
    ONLY_OF_SEAM.map(([heading, blocks]) => [heading, blocks]),
  );
  // It names its errors as neither package does.
  for (const name of ["SeamApiError", "isSeamInvalidInputError"]) {
    assert.ok(!(name in official) && !(name in client), name);
  }
});
