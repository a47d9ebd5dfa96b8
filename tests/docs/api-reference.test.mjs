// The API reference of `cargo xtask docs`: it is built without a warning and has the pages that
// people look for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../support/process.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a reader of the page sees. */
function page(path) {
  return readFileSync(`${root}target/docs/${path}`, "utf8")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

test("the API reference is made without a warning and has what people look for", async () => {
  const { stdout, stderr } = await run(process.execPath, [
    `${root}xtask/docs.mjs`,
  ]);
  assert.deepEqual([stdout, stderr], ["target/docs/index.html\n", ""]);
  for (const [path, ...texts] of [
    ["modules/seam-session.html", "SeamHttp", "isSeamHttpApiError"],
    ["modules/seam-session_sandbox.html", "Sandbox"],
    [
      "modules/seam-session_seam-components.html",
      "SeamComponentsSession",
      "seamHttpTransport",
    ],
    [
      "classes/seam-session.Seam.html",
      "fromClientSessionToken",
      "createPaginator",
      "userIdentities",
    ],
    ["types/seam-session.Device.html", "device_id", "can_remotely_unlock"],
    [
      "classes/seam-session.SeamHttpUnauthorizedError.html",
      "reason",
      "out_of_scope",
    ],
    ["interfaces/seam-session.SeamHttpLocks.html", "/locks/unlock_door"],
    ["types/seam-session.LocksUnlockDoorParameters.html", "device_id"],
    ["types/shapes.DeviceConnectedEvent.html", "device_id"],
    ["classes/seam-session_sandbox.Sandbox.html", "fetch"],
  ]) {
    const shown = page(path);
    for (const text of texts)
      assert.ok(shown.includes(text), `${path} ${text}`);
  }
  // What only our own code may call is no part of it.
  const paginator = page("classes/seam-session.SeamPaginator.html");
  assert.doesNotMatch(paginator, /new SeamPaginator/);
});
