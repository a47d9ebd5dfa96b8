// `seam-session/seam-components`: v1 of the official SDK, which Seam's components use, with our client as its
// transport.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  components,
  http,
  http2,
  QueryClient,
} from "../support/components.mjs";
import { client, entry, folder, Sandbox, Seam } from "../support/installed.mjs";
import { json, serve } from "../support/server.mjs";
import { STRICT, typeCheck } from "../support/typescript.mjs";

const { SeamComponentsSession, seamHttpTransport, withCatalogue } =
  await import(entry("seam-session/seam-components"));
const { SeamHttp } = http;
const root = fileURLToPath(new URL("../..", import.meta.url));

const TOKEN = "seam_cst1891oqCmE_6dBwV8PJ2Ffoe9dWYVyMfVHq";
const OTHER = "seam_cst1271Q3JUh_A3ECdSrrqgYp98SmB9qY2NGp";

const modules = { ...http, queryClient: () => new QueryClient() };

/** A client of the sandbox, which records what is sent. */
async function sandboxed() {
  const { info, fetch } = await Sandbox.create();
  const { endpoint, api_key, client_session_token } = info;
  const paths = [];
  const recorded = (request) => {
    paths.push(new URL(request.url).pathname);
    return fetch(request);
  };
  const seam = Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch: recorded,
  });
  const backEnd = Seam.fromApiKey(api_key, { endpoint, fetch });
  return { info, seam, backEnd, paths, endpoint, fetch };
}

/** A session of another user, who was granted `device_id`. */
async function another(backEnd, device_id) {
  const { user_identity_id } = await backEnd.userIdentities.create({});
  await backEnd.userIdentities.grantAccessToDevice({
    user_identity_id,
    device_id,
  });
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  return token;
}

test("the official SDK's v1 lists, gets, searches and unlocks through our client", async () => {
  const { seam, paths, info } = await sandboxed();
  const client = SeamHttp.fromClient(seamHttpTransport(seam, http));

  const devices = await client.devices.list({ device_ids: undefined });
  const [device] = devices;
  assert.deepEqual(devices, await seam.devices.list());
  assert.deepEqual(
    await client.devices.get({ device_id: device.device_id }),
    device,
  );
  assert.deepEqual(await client.devices.list({ search: "no such door" }), []);
  const attempt = await client.locks.unlockDoor(
    { device_id: device.device_id },
    { waitForActionAttempt: { timeout: 5_000, pollingInterval: 1 } },
  );
  assert.equal(attempt.status, "success");
  const session = await client.clientSessions.get();
  assert.equal(session.token, info.client_session_token);

  assert.ok(paths.includes("/locks/unlock_door"));
  assert.ok(paths.includes("/action_attempts/get"), "the host waits itself");
});

test("its endpoints, its paginator and what it says of a request go the same way", async () => {
  const { seam, backEnd, endpoint } = await sandboxed();
  const transport = seamHttpTransport(backEnd, http);
  const endpoints = http.SeamHttpEndpoints.fromClient(transport);
  const all = await endpoints["/devices/list"]();
  assert.deepEqual(all, await backEnd.devices.list());

  const client = SeamHttp.fromClient(transport);
  const pages = client.createPaginator(client.devices.list({ limit: 3 }));
  assert.deepEqual(await pages.flattenToArray(), all);

  const { url } = SeamHttp.fromClient(
    seamHttpTransport(seam, http),
  ).devices.list();
  assert.equal(url.href, `${new URL(endpoint).origin}/devices/list`);
});

test("the device catalogue is fetched through our client, by GET as the official transport does", async (t) => {
  const { endpoint, requests } = await serve(t, (_, response) =>
    json(response, 200, { ok: true, device_models: [], devices: [] }),
  );
  const path = "/internal/devicedb/v1/device_models/list";
  const params = {
    main_category: "smartlock",
    manufacturer_ids: ["a", "b"],
    text_search: "key pad",
  };
  await SeamHttp.fromClientSessionToken(TOKEN, { endpoint }).client.get(path, {
    params,
  });
  const seam = Seam.fromClientSessionToken(TOKEN, {
    endpoint,
    fetch: withCatalogue(),
  });
  const { client } = SeamHttp.fromClient(seamHttpTransport(seam, http));
  const { data } = await client.get(path, { params });
  await client.get(path);
  await seam.devices.list();

  assert.deepEqual(data.device_models, []);
  const [theirs, ours, bare, other] = requests;
  assert.equal(ours.method, "GET");
  assert.equal(ours.path, theirs.path);
  assert.equal(ours.headers["client-session-token"], TOKEN);
  assert.equal(ours.body, "");
  assert.equal(bare.path, path);
  assert.equal(other.method, "POST");
});

/** What Seam answers, and what the host is to make of it. */
const REFUSALS = {
  "a code that is taken": [
    409,
    {
      type: "duplicate_access_code",
      message: "Another access code on this device has the same code",
      data: { device_id: "d" },
    },
    "SeamHttpApiError",
  ],
  "a code that is too short": [
    400,
    {
      type: "invalid_input",
      message: 'must have 4 digits for "code"',
      validation_errors: {
        _errors: [],
        code: { _errors: ["must have 4 digits"] },
        name: { _errors: ["is too long", "holds a line break"] },
      },
    },
    "SeamHttpInvalidInputError",
  ],
  "parameters that do not go together": [
    400,
    { type: "invalid_input", message: "either one or the other" },
    "SeamHttpInvalidInputError",
  ],
  "a device that is not there": [
    404,
    { type: "device_not_found", message: "Device not found" },
    "SeamHttpApiError",
  ],
  "a session that has ended": [
    401,
    { type: "client_session_expired", message: "Unauthorized" },
    "SeamHttpUnauthorizedError",
  ],
  "too many requests": [
    429,
    { type: "too_many_requests", message: "Slow down" },
    "SeamHttpApiError",
  ],
};

/** All that a component can see of an error. */
function seen(error) {
  return {
    class: [
      "SeamHttpUnauthorizedError",
      "SeamHttpInvalidInputError",
      "SeamHttpApiError",
    ].find((name) => error instanceof http[name]),
    name: error.name,
    code: error.code,
    message: error.message,
    statusCode: error.statusCode,
    requestId: error.requestId,
    data: error.data,
    keys: Object.keys(error).sort(),
    validation: ["code", "name", "absent"].map((parameter) =>
      error.getValidationErrorMessages?.(parameter),
    ),
  };
}

for (const [name, [status, error, className]] of Object.entries(REFUSALS)) {
  test(`${name} reaches the host as the error that the official transport throws`, async (t) => {
    const { endpoint } = await serve(t, (_, response) =>
      json(
        response,
        status,
        { error, ok: false },
        { "seam-request-id": "request-7" },
      ),
    );
    const params = { device_id: "d", code: "1", name: "n" };
    const refusal = (client) =>
      client.accessCodes.create(params).then(
        () => assert.fail("it was refused"),
        (thrown) => thrown,
      );

    const theirs = await refusal(
      SeamHttp.fromClientSessionToken(TOKEN, { endpoint }),
    );
    const seam = Seam.fromClientSessionToken(TOKEN, {
      endpoint,
      maxRetries: 0,
    });
    const ours = await refusal(
      SeamHttp.fromClient(seamHttpTransport(seam, http)),
    );

    assert.deepEqual(seen(ours), seen(theirs));
    assert.equal(seen(ours).class, className);
    assert.equal(ours.cause.outcome, "refused");
    assert.equal(ours.cause.type, error.type);
  });
}

/** What an error says of version 2 of the official SDK. */
const VERSION_2 = {
  code: "invalid_options",
  outcome: "not_sent",
  message:
    /classes of @seamapi\/http 2.*needs @seamapi\/http 1.*npm install @seamapi\/http@1$/,
};

test("the classes of the official SDK's v2 are rejected, and the error says which version to install", async () => {
  const { seam, paths } = await sandboxed();
  const queryClient = () => new QueryClient();
  for (const use of [
    () => seamHttpTransport(seam, http2),
    () => new SeamComponentsSession(seam, { ...http2, queryClient }),
    // In early releases of v2 the error classes have the same members as in v1.
    () =>
      new SeamComponentsSession(seam, {
        ...modules,
        SeamHttp: http2.SeamHttp,
      }),
    // One class of the wrong version is enough for the components not to know an error.
    () =>
      seamHttpTransport(seam, {
        ...http,
        SeamHttpInvalidInputError: http2.SeamHttpInvalidInputError,
      }),
  ]) {
    assert.throws(use, VERSION_2);
    assert.throws(use, client.SeamHttpInvalidOptionsError);
  }
  assert.deepEqual(paths, []);
});

test("an error about a missing class names it", async () => {
  const { seam } = await sandboxed();
  for (const name of [
    "SeamHttpApiError",
    "SeamHttpUnauthorizedError",
    "SeamHttpInvalidInputError",
    "SeamHttp",
  ]) {
    assert.throws(
      () => new SeamComponentsSession(seam, { ...modules, [name]: undefined }),
      {
        code: "invalid_options",
        outcome: "not_sent",
        message: new RegExp(
          `the class ${name} is missing.*npm install @seamapi/http@1`,
        ),
      },
    );
  }
});

test("the guide's install line gives the components the one copy of the SDK that they depend on", () => {
  const [, line] = /```sh\n(npm install @seamapi\/react.*)\n```/.exec(
    readFileSync(`${root}docs/seam-components.md`, "utf8"),
  );
  const manifest = JSON.parse(
    readFileSync(`${components}node_modules/@seamapi/react/package.json`),
  );
  const { dependencies, peerDependencies, version } = manifest;
  const needed = { ...dependencies, ...peerDependencies };
  const major = (range) => /\d+/.exec(range)[0];
  for (const name of [
    "@seamapi/http",
    "@seamapi/types",
    "@tanstack/react-query",
  ]) {
    assert.ok(line.includes(` ${name}@${major(needed[name])}`), name);
  }
  const minor = version.split(".").slice(0, 2).join(".");
  assert.ok(line.includes(` @seamapi/react@${minor}`), minor);
});

test("a request without a response rejects with our error and its outcome", async (t) => {
  const { endpoint } = await serve(t, (request) => request.socket.destroy());
  const seam = Seam.fromClientSessionToken(TOKEN, { endpoint, maxRetries: 0 });
  const client = SeamHttp.fromClient(seamHttpTransport(seam, http));
  await assert.rejects(client.locks.unlockDoor({ device_id: "d" }), {
    name: "SeamHttpNetworkError",
    outcome: "unknown",
  });
});

test("a transport whose signal was aborted sends nothing and returns no response", async (t) => {
  const ended = new AbortController();
  const reason = new Error("over");
  const { endpoint, requests } = await serve(t, (_, response) => {
    ended.abort(reason);
    json(response, 200, { ok: true, devices: [] });
  });
  const seam = Seam.fromClientSessionToken(TOKEN, { endpoint });
  const client = SeamHttp.fromClient(seamHttpTransport(seam, http, ended));
  await assert.rejects(client.devices.list(), reason);
  await assert.rejects(client.devices.list(), reason);
  assert.equal(requests.length, 1);
});

test("each session has its own prefix and cache, and the previous cache is empty", async () => {
  const { seam, backEnd, info } = await sandboxed();
  const sessions = new SeamComponentsSession(seam, modules);
  const first = sessions.current();
  assert.equal(sessions.current(), first);
  first.queryClient.setQueryData(["devices", "list"], ["a door"]);
  let notified = 0;
  const unsubscribe = sessions.subscribe(() => (notified += 1));

  const token = await another(backEnd, info.device_ids[1]);
  const changed = seam.updateClientSessionToken(token);

  // At once, not when the server has accepted the token.
  assert.equal(sessions.current(), undefined);
  assert.equal(notified, 1);
  await changed;
  const second = sessions.current();
  assert.equal(notified, 2);
  assert.notEqual(second, first);
  assert.notEqual(second.queryClient, first.queryClient);
  assert.notEqual(second.context.queryKeyPrefix, first.context.queryKeyPrefix);
  assert.equal(first.queryClient.getQueryData(["devices", "list"]), undefined);
  const [device] = await second.context.client.devices.list();
  assert.equal(device.device_id, info.device_ids[1]);

  unsubscribe();
  sessions.use(seam);
  assert.equal(notified, 2);
});

test("the previous session sends nothing more, and its pending requests never resolve", async () => {
  const { seam, backEnd, info, paths } = await sandboxed();
  const sessions = new SeamComponentsSession(seam, modules);
  const { client } = sessions.current().context;
  const token = await another(backEnd, info.device_ids[1]);
  const asked = client.devices.list();
  asked.execute().catch(() => {});
  await seam.updateClientSessionToken(token);
  paths.length = 0;

  await assert.rejects(asked, { name: "AbortError" });
  const [device_id] = info.device_ids;
  await assert.rejects(client.locks.unlockDoor({ device_id }), {
    name: "AbortError",
  });
  assert.deepEqual(paths, []);
});

test("another client starts a session, and the previous client no longer does", async () => {
  const { seam, backEnd, info, endpoint, fetch } = await sandboxed();
  const sessions = new SeamComponentsSession(seam, modules);
  const token = await another(backEnd, info.device_ids[1]);
  const other = Seam.fromClientSessionToken(token, { endpoint, fetch });
  sessions.use(other);
  const second = sessions.current();
  const [device] = await second.context.client.devices.list();
  assert.equal(device.device_id, info.device_ids[1]);

  await seam.updateClientSessionToken(info.client_session_token);
  assert.equal(sessions.current(), second);
  await other.updateClientSessionToken(token);
  assert.notEqual(sessions.current(), second);
});

test("a token that is rejected brings the same session back, with its cache", async () => {
  const { seam, info } = await sandboxed();
  const sessions = new SeamComponentsSession(seam, modules);
  const first = sessions.current();
  first.queryClient.setQueryData(["devices", "list"], ["a door"]);
  await assert.rejects(seam.updateClientSessionToken("not a token"));
  assert.equal(sessions.current(), first);
  const shown = [];
  sessions.subscribe(() => shown.push(sessions.current()));

  await assert.rejects(seam.updateClientSessionToken(OTHER), {
    name: "SeamHttpUnauthorizedError",
  });

  assert.deepEqual(shown, [undefined, first]);
  assert.deepEqual(first.queryClient.getQueryData(["devices", "list"]), [
    "a door",
  ]);
  const [device] = await first.context.client.devices.list();
  assert.equal(device.device_id, info.device_ids[0]);
});

test("two bridges of one client handle each token once, and a disposed bridge handles none", async () => {
  const { seam, backEnd, info } = await sandboxed();
  let made = 0;
  const counting = {
    ...modules,
    queryClient: () => ((made += 1), new QueryClient()),
  };
  const one = new SeamComponentsSession(seam, counting);
  const other = new SeamComponentsSession(seam, counting);
  other.current().queryClient.clear();
  one.current();
  assert.equal(made, 2);
  const method = seam.updateClientSessionToken;
  other.dispose();
  assert.equal(other.current(), undefined);

  const token = await another(backEnd, info.device_ids[1]);
  await seam.updateClientSessionToken(token);

  assert.equal(seam.updateClientSessionToken, method, "nothing is wrapped");
  assert.ok(one.current());
  assert.equal(made, 3);
  assert.equal(other.current(), undefined);
});

test("a cache or listener that throws does not keep others from learning of a user change", async () => {
  const { seam, backEnd, info } = await sandboxed();
  const sessions = new SeamComponentsSession(seam, modules);
  const first = sessions.current();
  first.queryClient.clear = () => {
    throw new Error("the cache broke");
  };
  const shown = [];
  sessions.subscribe(() => {
    throw new Error("the listener broke");
  });
  sessions.subscribe(() => shown.push(sessions.current()?.context));
  const token = await another(backEnd, info.device_ids[1]);

  await seam.updateClientSessionToken(token);

  assert.equal(shown.length, 2);
  assert.equal(shown[0], undefined);
  const [device] = await shown[1].client.devices.list();
  assert.equal(device.device_id, info.device_ids[1]);
});

test("nothing that the host receives contains the token", async () => {
  const { seam, info } = await sandboxed();
  const { context } = new SeamComponentsSession(seam, modules).current();
  const secret = info.client_session_token.split("_").at(-1);
  const { inspect } = await import("node:util");
  for (const text of [
    JSON.stringify(context),
    inspect(context, { depth: Infinity, showHidden: true, getters: true }),
  ]) {
    assert.ok(text.includes("queryKeyPrefix"));
    assert.equal(text.includes(secret), false);
  }
  await assert.rejects(context.client.updateClientSessionToken(OTHER), {
    message: /^Cannot update a clientSessionToken/,
  });
});

/** The page of docs/seam-components.md and `files` beside it, in a folder of its own. */
function pageFolder(name, files) {
  const to = `${root}target/${name}`;
  mkdirSync(to, { recursive: true });
  const guide = readFileSync(`${root}docs/seam-components.md`, "utf8");
  const [page] = [...guide.matchAll(/```tsx\n(.*?)```/gs)]
    .map(([, block]) => block)
    .filter((block) => block.includes("seam-session/seam-components"));
  const all = {
    ...files,
    "page.tsx": page,
    "seam.ts": `import type { Seam } from "seam-session";\nexport declare const seam: Seam;\n`,
  };
  for (const [file, text] of Object.entries(all)) {
    writeFileSync(`${to}/${file}`, text);
  }
  return { to, files: Object.keys(all) };
}

/** What the compiler says of the files under --strict. */
function typeErrors({ to, files }, paths = {}) {
  return typeCheck(to, files, {
    ...STRICT,
    jsx: "react-jsx",
    types: [],
    paths: {
      "seam-session": [`${folder}dist/types/index.d.ts`],
      "seam-session/seam-components": [
        `${folder}dist/types/seam-components.d.ts`,
      ],
      ...paths,
      "*": [
        `${components}node_modules/@types/*`,
        `${components}node_modules/*`,
      ],
    },
  });
}

test("its types fit the official v1's under --strict, the guide's page too, and wrong uses do not", async () => {
  const program = readFileSync(
    new URL("../types/components.ts", import.meta.url),
    "utf8",
  );
  const page = pageFolder("components-types", { "program.ts": program });
  assert.equal(await typeErrors(page), "");
});

test("the guide's page does not compile with the official v2, and the error names what v1 has", async () => {
  const output = await typeErrors(pageFolder("components-types-2", {}), {
    "@seamapi/http": [`${root}tests/node_modules/@seamapi/http/index.d.ts`],
  });
  const errors = output.split("\n").filter((line) => /: error TS/.test(line));
  assert.ok(errors.length > 0);
  for (const error of errors) assert.match(error, /^page\.tsx|page\.tsx\(/);
  assert.match(output, /ltsVersion|validationErrors/);
});
