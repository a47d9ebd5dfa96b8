// The workerd entry in workerd itself, which forbids to compile bytes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import workerd from "workerd";

import { endWithUs } from "./support/children.mjs";
import { folder } from "./support/installed.mjs";
import { startSandbox } from "./support/sandbox.mjs";

test("a worker lists and unlocks the granted device, and is refused another", async (t) => {
  const { endpoint, client_session_token, device_ids } = await startSandbox(t);
  const worker = mkdtempSync(join(tmpdir(), "seam-session-"));
  t.after(() => rmSync(worker, { recursive: true }));
  cpSync(fileURLToPath(new URL("fixtures/workerd", import.meta.url)), worker, {
    recursive: true,
  });
  for (const file of ["workerd.js", "client.wasm"])
    cpSync(`${folder}dist/${file}`, join(worker, file));

  const child = spawn(
    workerd.default ?? workerd,
    [
      "serve",
      "config.capnp",
      "--socket-addr",
      "http=127.0.0.1:0",
      "--control-fd",
      "1",
    ],
    { cwd: worker, stdio: ["ignore", "pipe", "pipe"] },
  );
  endWithUs(child);
  t.after(() => child.kill());
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { port } = JSON.parse(line);
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body: JSON.stringify({
      endpoint,
      token: client_session_token,
      other: device_ids.at(-1),
    }),
  });
  const { devices, status, refused } = await response.json();
  assert.equal(devices.length, 1);
  assert.notEqual(devices[0], device_ids.at(-1));
  assert.equal(status, "success");
  assert.deepEqual(refused, [
    "SeamHttpApiError",
    "device_not_found",
    "refused",
  ]);
});
