// Errors as objects: cloned, and where the intrinsics of the language are frozen.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SUCCESS, withFetch } from "../support/clients.mjs";
import { rejected } from "../support/errors.mjs";
import { entry } from "../support/installed.mjs";
import { run } from "../support/process.mjs";

const REFUSAL = {
  error: { type: "device_not_found", message: "Device not found" },
  ok: false,
};

test("an error can be cloned and serialised, and keeps what the platform keeps of any error", async () => {
  const seam = withFetch(async () => Response.json(REFUSAL, { status: 404 }));
  const error = await rejected(seam.devices.get({ device_id: "any" }));

  const clone = structuredClone(error);
  const { code, outcome } = JSON.parse(JSON.stringify(error));

  assert.ok(clone instanceof Error);
  assert.equal(clone.message, error.message);
  assert.deepEqual([code, outcome], ["device_not_found", "refused"]);
});

test("calls succeed and fail as usual where the intrinsics are frozen", async () => {
  const script = `
    const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
    const seam = Seam.fromClientSessionToken("seam_cst1a_b", {
      fetch: async ({ url }) =>
        url.endsWith("/unlock_door")
          ? Response.json(${JSON.stringify(SUCCESS)})
          : Response.json(${JSON.stringify(REFUSAL)}, { status: 404 }),
    });
    const device_id = "any";
    const { status } = await seam.locks.unlockDoor({ device_id });
    const failed = await seam.devices.get({ device_id }).catch((error) => error);
    console.log(JSON.stringify([status, failed.name, failed.code, failed.outcome]));`;

  const { stdout } = await run(process.execPath, [
    ...["--frozen-intrinsics", "--no-warnings"],
    ...["--input-type=module", "--eval", script],
  ]);

  assert.deepEqual(JSON.parse(stdout), [
    "success",
    "SeamHttpApiError",
    "device_not_found",
    "refused",
  ]);
});
