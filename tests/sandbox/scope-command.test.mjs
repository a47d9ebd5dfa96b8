// The command `seam-session scope`.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { entry } from "../support/installed.mjs";
import { command } from "../support/sandbox.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

const { serveSandbox } = await import(entry("seam-session/sandbox/server"));

const CAPABILITIES = [
  "accessCodes.create",
  "accessCodes.reportDeviceConstraints",
  "devices.update",
  "locks.lockDoor",
  "locks.unlockDoor",
];

let served;
let token;
before(async () => {
  served = await serveSandbox({
    randomSeed: 1,
    seed: {
      devices: [
        { device_type: "august_lock", display_name: "Front Door" },
        { device_type: "august_lock", display_name: "Back\u001b[2J Door" },
        { device_type: "minut_sensor", display_name: "Attic" },
      ],
      user_identities: [
        { user_identity_key: "jane", devices: ["Front Door", "Attic"] },
        { user_identity_key: "joe", devices: ["Back\u001b[2J Door"] },
      ],
    },
  });
  token = served.sandbox.app("jane").clientSessionToken;
});
after(() => served.close());

/** Runs the command with the token in the environment. */
async function scope(args, { env = {}, input } = {}) {
  const { child, ended } = command(["scope", ...args], {
    SEAM_ENDPOINT: served.info.endpoint,
    ...env,
  });
  child.stdin.end(input ?? "");
  const result = await ended;
  const secret = env.SEAM_CLIENT_SESSION_TOKEN ?? token;
  assert.ok(!`${result.out}${result.err}`.includes(secret));
  return result;
}

const withToken = (args) =>
  scope(args, { env: { SEAM_CLIENT_SESSION_TOKEN: token } });

test("it prints whose token it is, when it ends, and what it may do", async () => {
  const { code, out, err } = await withToken([]);
  assert.equal(code, 0, err);
  assert.equal(err, "");
  assert.match(out, /^client session {2}[\da-f-]{36}\n/);
  assert.match(out, /\nuser identity {3}[\da-f-]{36} \(jane\)\n/);
  assert.match(out, /\nexpires {9}\d{4}-.*Z, in 36\d days\n/);
  assert.match(out, /\n2 devices:\n/);
  assert.match(out, /\n {2}Front Door {2}august_lock {2}[\da-f-]{36}\n/);
  for (const capability of CAPABILITIES)
    assert.match(out, new RegExp(`\n    ${capability}\n`));
  assert.ok(!out.includes("Back"));
});

test("the token may come from the environment, from standard input or as an option", async () => {
  const { out } = await withToken(["--json"]);
  const printed = JSON.parse(out);
  assert.deepEqual(Object.keys(printed), [
    "endpoint",
    "client_session_id",
    "user_identity_id",
    "user_identity_key",
    "expires_at",
    "expires_in_ms",
    "devices",
  ]);
  assert.deepEqual(printed.devices[0].capabilities, CAPABILITIES);
  for (const [args, more] of [
    [["--token", "-"], { input: `${token}\n` }],
    [["--token", token], {}],
  ]) {
    const { code, out, err } = await scope(["--json", ...args], more);
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(out).devices, printed.devices);
  }
});

test("the endpoint may be an option", async () => {
  const { endpoint } = served.info;
  const { code, err } = await scope(["--endpoint", endpoint], {
    env: { SEAM_ENDPOINT: "", SEAM_CLIENT_SESSION_TOKEN: token },
  });
  assert.equal(code, 0, err);
});

test("names cannot move the terminal's cursor", async () => {
  const { clientSessionToken } = served.sandbox.app("joe");
  const env = { SEAM_CLIENT_SESSION_TOKEN: clientSessionToken };
  const { code, out } = await scope([], { env });
  assert.equal(code, 0);
  assert.match(out, /Back\ufffd\[2J Door/);
  assert.ok(!out.includes("\u001b"));
});

test("--expect takes what --json printed, and ends with 0", async (t) => {
  const file = join(temporaryFolder(t), "scope.json");
  const { out } = await withToken(["--json"]);
  writeFileSync(file, out);
  const same = await withToken(["--expect", file]);
  assert.equal(same.code, 0, same.out);
  assert.match(same.out, /\nAs expected in .*scope\.json\.\n$/);
});

test("--expect ends with 1 and a line for each difference", async (t) => {
  const file = join(temporaryFolder(t), "scope.json");
  const expected = {
    user_identity_key: "joe",
    devices: [
      {
        display_name: "Front Door",
        capabilities: [...CAPABILITIES.slice(1), "thermostats.heat"],
      },
      { display_name: "Sauna" },
    ],
  };
  writeFileSync(file, JSON.stringify(expected));
  const { code, out, err } = await withToken(["--expect", file]);
  assert.equal(code, 1, err);
  const ids = out.replaceAll(/ \([\da-f-]{36}\)/g, "");
  assert.deepEqual(ids.slice(ids.indexOf("Not as")).split("\n").slice(1), [
    "  ~ user_identity_key is jane, expected joe",
    "  - Front Door: thermostats.heat is expected, but not allowed",
    "  + Front Door: accessCodes.create is not expected, but allowed",
    "  - Sauna: expected, but the token does not see it",
    "  + Attic: not expected, but the token sees it",
    "",
  ]);
  const json = await withToken(["--json", "--expect", file]);
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.out).differences.length, 5);
});

test("a file that --expect cannot use is refused, so that a misspelt name never passes", async (t) => {
  const file = join(temporaryFolder(t), "scope.json");
  for (const [text, message] of [
    ["{", /is not JSON/],
    ["[]", /is not a JSON object/],
    ["{}", /devices is not an array/],
    ['{ "devices": [], "user": "jane" }', /has no user: it may have devices/],
    ['{ "devices": [{}] }', /needs a device_id or a display_name/],
    [
      '{ "devices": [{ "display_name": "x", "can": [] }] }',
      /a device has no can/,
    ],
    [
      '{ "devices": [{ "display_name": "x", "capabilities": "all" }] }',
      /capabilities is not an array/,
    ],
  ]) {
    writeFileSync(file, text);
    const { code, err, out } = await withToken(["--expect", file]);
    assert.equal(code, 2, text);
    assert.match(err, /^seam-session: --expect: [^\n]+\n$/);
    assert.match(err, message);
    assert.equal(out, "");
  }
  const { code, err } = await withToken(["--expect", `${file}.absent`]);
  assert.deepEqual([code, /cannot be read/.test(err)], [2, true]);
});

test("a token that is missing, wrong or dead ends with 2 and one line", async () => {
  const dead = served.sandbox.app("joe").clientSessionToken;
  served.sandbox.endSession({ client_session_token: dead }, "revoked");
  const unreachable = { SEAM_ENDPOINT: "http://127.0.0.1:9" };
  for (const [env, message] of [
    [{}, /give a client session token: in the variable/],
    [{ SEAM_CLIENT_SESSION_TOKEN: "hunter2-hunter2" }, /\(invalid_token\)/],
    [{ SEAM_CLIENT_SESSION_TOKEN: served.info.api_key }, /\(invalid_token\)/],
    [
      { SEAM_CLIENT_SESSION_TOKEN: dead },
      /client session revoked\) .*\(unauthorized\)/,
    ],
    [{ SEAM_CLIENT_SESSION_TOKEN: token, ...unreachable }, /\(network_error\)/],
  ]) {
    const { code, err, out } = await scope([], { env });
    assert.equal(code, 2, err);
    assert.match(err, /^seam-session: scope: [^\n]+\n$/);
    assert.match(err, message);
    assert.equal(out, "");
  }
});

test("a token that is given without --token, or without the command, is not printed", async () => {
  for (const args of [["scope", token], [token], ["sandbox", token]]) {
    const { code, err } = await command(args).ended;
    assert.equal(code, 2);
    assert.match(err, /redacted/);
    assert.ok(!err.includes(token), args[0]);
  }
});
