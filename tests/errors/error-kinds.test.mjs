// What an app can say about an error: `errorKind`, the guards, and the known types.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { build } from "esbuild";

import { kinds, rows } from "../../xtask/codegen/error-kinds.mjs";
import { serverTypes } from "../../xtask/codegen/errors.mjs";
import { withFetch } from "../support/clients.mjs";
import { rejected } from "../support/errors.mjs";
import { client, folder } from "../support/installed.mjs";

const { errorKind } = client;
const root = new URL("../../", import.meta.url);

/** An error of the class that has all members, with these. */
function errorOf({ isRead, isFailedAttempt, ...details }) {
  const ErrorClass = isFailedAttempt
    ? client.SeamActionAttemptFailedError
    : details.statusCode
      ? client.SeamHttpUnauthorizedError
      : client.SeamError;
  const error = new ErrorClass({ message: "m", ...details });
  error.path = isRead ? "/devices/list" : "/locks/unlock_door";
  return error;
}

for (const { kind, example } of rows) {
  test(`${JSON.stringify(example)} is ${kind}`, () => {
    assert.equal(errorKind(errorOf(example)), kind);
  });
}

const failing = () => withFetch(() => Promise.reject(new TypeError("gone")));

const answering = (status, type) =>
  withFetch(async () =>
    Response.json({ error: { type, message: "m" } }, { status }),
  );

/** Calls of a client, and the kinds of their errors. */
const CALLS = [
  [
    "a read without a network",
    () => failing().devices.list(),
    "offline",
    "/devices/list",
  ],
  [
    "an action without a network",
    () => failing().locks.unlockDoor({ device_id: "d" }),
    "may_have_happened",
    "/locks/unlock_door",
  ],
  [
    "a write without a network",
    () => failing().devices.update({ device_id: "d" }),
    "may_have_happened",
    "/devices/update",
  ],
  [
    "a route that this version does not have, without a network",
    () => failing().request("/doors/open"),
    "may_have_happened",
    "/doors/open",
  ],
  [
    "a read of a server that is down",
    () => answering(503, "internal_server_error").devices.list(),
    "server_unavailable",
    "/devices/list",
  ],
  [
    "an action on a device that was not granted",
    () =>
      answering(404, "device_not_found").locks.unlockDoor({ device_id: "d" }),
    "out_of_scope",
    "/locks/unlock_door",
  ],
  [
    "a session that has expired",
    () => answering(401, "client_session_expired").devices.list(),
    "expired",
    "/devices/list",
  ],
  [
    "a session that was revoked",
    () => answering(401, "client_session_revoked").devices.list(),
    "revoked",
    "/devices/list",
  ],
  [
    "a session whose end has no reason",
    () => answering(401, "unauthorized").devices.list(),
    "expired",
    "/devices/list",
  ],
  [
    "an action that the server asks to slow down",
    () =>
      answering(429, "too_many_requests").locks.unlockDoor({ device_id: "d" }),
    "rate_limited",
    "/locks/unlock_door",
  ],
  [
    "an action attempt that did not end in time",
    () =>
      withFetch(async () =>
        Response.json({
          action_attempt: { action_attempt_id: "a", status: "pending" },
        }),
      ).locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: { timeout: 0, pollingInterval: 1 } },
      ),
    "may_have_happened",
    "/locks/unlock_door",
  ],
  [
    "a parameter that is missing",
    () => failing().locks.unlockDoor({}),
    "invalid_input",
    undefined,
  ],
  [
    "a token function that says that the user has signed out",
    () =>
      client.Seam.fromClientSessionToken(() => null, {
        endpoint: "https://seam.test",
        fetch: assert.fail,
      }).devices.list(),
    "signed_out",
    "/devices/list",
  ],
];

for (const [name, call, kind, path] of CALLS) {
  test(`${name}: ${kind}`, async () => {
    const error = await rejected(call());
    assert.equal(errorKind(error), kind, error.stack);
    assert.equal(error.path, path);
  });
}

test("an aborted call is cancelled, whatever it was", async () => {
  const seam = withFetch(() => new Promise(() => {}));
  const controller = new AbortController();
  const { signal } = controller;
  const call = rejected(seam.locks.unlockDoor({ device_id: "d" }, { signal }));
  controller.abort();
  assert.equal(errorKind(await call), "cancelled");
  const late = rejected(
    seam.devices.list({}, { signal: AbortSignal.timeout(1) }),
  );
  assert.equal(errorKind(await late), "cancelled");
});

test("what is no error of the package is other", () => {
  for (const value of [
    undefined,
    null,
    "",
    7,
    {},
    new Error("e"),
    new TypeError("t"),
  ])
    assert.equal(errorKind(value), "other");
});

test("the error of a list that is about no call of the app is about a read", () => {
  const details = { code: "network_error", outcome: "unknown", message: "m" };
  const error = new client.SeamHttpNetworkError(details);
  assert.equal(errorKind(error), "offline");
});

test("the guide says for each kind what to show", () => {
  const guide = readFileSync(new URL("docs/error-handling.md", root), "utf8");
  const found = [...guide.matchAll(/^\| `(\w+)` +\|/gm)].map(([, it]) => it);
  // The first table is of the outcomes.
  const outcomes = ["outcome", "not_sent", "refused", "unknown"];
  assert.deepEqual(
    found.filter((it) => !outcomes.includes(it)).sort(),
    [...kinds.keys()].sort(),
  );
});

test("a page that does not use errorKind does not load it", async () => {
  const bundled = async (names) => {
    const contents = `import { ${names} } from "${folder}dist/index.js"; globalThis.x = [${names}];`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      splitting: true,
      outdir: folder,
      logLevel: "error",
    });
    return outputFiles.find(({ path }) => path.endsWith("stdin.js")).text;
  };
  const rule = "hub_disconnected";
  assert.ok(!(await bundled("Seam")).includes(rule));
  assert.ok((await bundled("Seam, errorKind")).includes(rule));
});

test("each class of errors has a guard, which other errors do not pass", () => {
  const classes = Object.entries(client).filter(([, value]) =>
    Object.prototype.isPrototypeOf.call(Error, value),
  );
  assert.ok(classes.length > 10);
  for (const [name, ErrorClass] of classes) {
    const guard = client[`is${name}`];
    assert.equal(typeof guard, "function", `is${name}`);
    const error = new ErrorClass({
      code: "c",
      outcome: "unknown",
      message: "m",
    });
    assert.equal(guard(error), true, name);
    for (const other of [new Error("e"), { name }, undefined])
      assert.equal(guard(other), false, name);
  }
});

test("every type of the sandbox's errors is a known type", () => {
  const folderOf = new URL("sandbox/src/", root);
  const sources = readdirSync(folderOf, { recursive: true })
    .filter((file) => file.endsWith(".rs"))
    .map((file) => readFileSync(new URL(file, folderOf), "utf8"));
  const found = sources.flatMap((text) =>
    [...text.matchAll(/ApiError::new\(\s*\d+,\s*"([a-z_]+)"/g)].map(
      ([, it]) => it,
    ),
  );
  assert.ok(found.length > 15, `${found}`);
  // What only the sandbox has, below /_sandbox or in place of what it does not simulate.
  const own = ["fault_not_found", "limit_reached", "not_simulated"];
  const unknown = found.filter(
    (it) => !serverTypes.includes(it) && !own.includes(it),
  );
  assert.deepEqual(unknown, [], "add them to xtask/codegen/error-types.json");
  assert.deepEqual(serverTypes, [...new Set(serverTypes)].sort());
});
