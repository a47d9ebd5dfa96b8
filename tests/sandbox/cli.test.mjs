// The `seam-session` command.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { command, startSandbox } from "../support/sandbox.mjs";
import { Seam } from "../support/installed.mjs";
import { serve } from "../support/server.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

test("--json prints one line that is enough to begin with", async (t) => {
  const info = await startSandbox(t);
  assert.deepEqual(Object.keys(info).sort(), [
    "api_key",
    "client_session_token",
    "device_ids",
    "endpoint",
    "personal_access_token",
    "publishable_key",
    "user_identity_id",
    "workspace_id",
  ]);
  const app = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
  });
  const [device] = await app.devices.list();
  assert.equal(device.can_remotely_unlock, true);
  assert.equal(device.properties.online, true);
});

test("--devices gives so many devices, of mixed kinds", async (t) => {
  const info = await startSandbox(t, ["--devices", "60"]);
  assert.equal(info.device_ids.length, 60);
  const devices = await Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
  }).devices.list();
  assert.equal(devices.length, 60);
  assert.ok(new Set(devices.map((device) => device.device_type)).size > 2);
});

test("a port in use is reported in one sentence, with the remedy", async (t) => {
  const { endpoint } = await serve(t, () => {});
  const { ended } = command(["sandbox", "--port", new URL(endpoint).port]);
  const { code, err } = await ended;
  assert.equal(code, 2);
  assert.match(err, /^seam-session: port \d+ is in use: .*--port 0.*\n$/);
});

test("a wrong option is reported in one sentence", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "seed.json");
  writeFileSync(file, "{ not json");
  const list = join(folder, "list.json");
  writeFileSync(list, "[]");
  const cases = [
    ["sandbox", "--port", "x"],
    ["sandbox", "--port", "65536"],
    ["sandbox", "--devices", "-1"],
    ["sandbox", "--out-of-scope", "403"],
    ["sandbox", "--nonsense"],
    ["sandbox", "--seed", join(folder, "absent.json")],
    ["sandbox", "--seed", file],
    ["sandbox", "--seed", list],
    ["castle"],
  ];
  for (const args of cases) {
    const { code, err, out } = await command(args).ended;
    assert.equal(code, 2, args.join(" "));
    assert.match(err, /^seam-session: [^\n]+\n$/, args.join(" "));
    assert.equal(out, "");
  }
});

test("--help and no command print the usage", async () => {
  for (const [args, usage] of [
    [["--help"], /^ {2}sandbox .*\n {2}scope /m],
    [[], /^ {2}sandbox .*\n {2}scope /m],
    [["sandbox", "--help"], /--out-of-scope/],
    [["scope", "--help"], /--expect FILE/],
  ]) {
    const { code, out } = await command(args).ended;
    assert.equal(code, 0);
    assert.match(out, usage);
  }
});

test("SIGINT and SIGTERM end it cleanly, even with a connection open", async () => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const { child, ended } = command(["sandbox", "--port", "0", "--json"]);
    const [line] = await new Promise((resolve) =>
      child.stdout.once("data", (text) => resolve([text])),
    );
    const socket = connect(
      Number(new URL(JSON.parse(line).endpoint).port),
      "127.0.0.1",
    );
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    child.kill(signal);
    const { code, err } = await ended;
    assert.equal(code, 0, err);
    socket.destroy();
  }
});

test("a body that is too large is refused and the sandbox goes on", async (t) => {
  const { endpoint, api_key } = await startSandbox(t);
  const headers = {
    authorization: `Bearer ${api_key}`,
    "content-type": "application/json",
  };
  const status = await fetch(`${endpoint}/devices/list`, {
    method: "POST",
    headers,
    body: JSON.stringify({ search: "x".repeat(2_000_000) }),
  }).then(
    (response) => response.status,
    () => 413,
  );
  assert.equal(status, 413);
  assert.equal(
    (await fetch(`${endpoint}/devices/list`, { headers })).status,
    200,
  );
});

test("--seed takes the workspace that docs/seed.md shows", async (t) => {
  const guide = readFileSync(
    new URL("../../docs/seed.md", import.meta.url),
    "utf8",
  );
  const [, seed] = guide.match(/```json\n([^]*?)```/);
  const folder = temporaryFolder(t);
  const file = join(folder, "seed.json");
  writeFileSync(file, seed);
  const info = await startSandbox(t, ["--seed", file]);
  const jane = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
  });
  const names = (await jane.devices.list()).map(
    (device) => device.display_name,
  );
  assert.deepEqual(names, ["Front Door", "Lobby"]);
});

test("an invalid seed is reported with its location", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "seed.json");
  writeFileSync(file, '{ "devices": [{ "display_name": "No type" }] }');
  const { code, err } = await command([
    "sandbox",
    "--port",
    "0",
    "--seed",
    file,
  ]).ended;
  assert.equal(code, 2);
  assert.match(err, /^seam-session: --seed: [^\n]*device_type[^\n]*\n$/);
});
