// The memory of watched lists: how many instances of the module there are, and how much they hold.
// An instance's memory never shrinks, so it has to be dropped with the instance.
import assert from "node:assert/strict";
import { test } from "node:test";

import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { waitUntil } from "../support/waiting.mjs";

/** Every instance of the module of lists that has not been collected. */
const instances = [];
const { Instance } = globalThis.WebAssembly;
globalThis.WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  if ("list_event" in instance.exports) {
    instances.push(new WeakRef(instance.exports.memory));
  }
  return instance;
};
const { Seam } = await import("../support/installed.mjs");
const { collect } = await import("../support/gc.mjs");

const MIB = 2 ** 20;

/** Returns the sizes of the memories that are left, in bytes. */
async function memories() {
  await collect();
  return instances
    .map((it) => it.deref()?.buffer.byteLength)
    .filter((bytes) => bytes !== undefined);
}

const sum = (bytes) => bytes.reduce((one, other) => one + other, 0);

function client() {
  const server = mockSeam();
  const { answer } = server;
  server.answer = (request) =>
    request.path === "/access_codes/list"
      ? Response.json({
          access_codes: Array.from({ length: 10 }, (_, nth) => ({
            access_code_id: `${request.params?.device_id}-${nth}`,
            name: `Guest ${nth}`,
            code: "123456",
          })),
          pagination: { has_next_page: false, next_page_cursor: null },
        })
      : answer?.(request);
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
  });
  return { seam };
}

const live = (list) => waitUntil(() => list.status.state === "live");

test("two hundred watched lists share at most four instances and eight MiB", async () => {
  const { seam } = client();
  const lists = Array.from({ length: 200 }, (_, nth) =>
    seam.accessCodes.watch({ device_id: `door-${nth}` }),
  );
  for (const list of lists) await live(list);
  const found = await memories();
  assert.ok(lists.every((list) => list.size === 10));
  assert.ok(found.length >= 1 && found.length <= 4, `${found.length}`);
  assert.ok(sum(found) <= 8 * MIB, `${sum(found)} bytes`);
  for (const list of lists) list.close();
});

test("a thousand lists that are opened and closed leave the memory flat", async () => {
  const { seam } = client();
  const kept = seam.devices.watch();
  await live(kept);
  const open = async () => {
    const list = seam.accessCodes.watch({ device_id: "door" });
    await live(list);
    assert.equal(list.size, 10);
    list.close();
  };
  for (let nth = 0; nth < 50; nth += 1) await open();
  const before = await memories();
  for (let nth = 0; nth < 1_000; nth += 1) await open();
  const after = await memories();
  assert.ok(after.length <= 4);
  assert.equal(sum(after), sum(before));
  kept.close();
});

test("the memory of records is gone with the last list, and with the user", async () => {
  const { seam } = client();
  const list = seam.devices.watch();
  await live(list);
  const withOne = (await memories()).length;
  list.close();
  assert.equal((await memories()).length, withOne - 1);

  const another = seam.devices.watch();
  await live(another);
  const made = instances.length;
  await seam.updateClientSessionToken(tokenOf("b"));
  await live(another);
  assert.equal(instances.length, made + 1, "another user's records");
  assert.equal((await memories()).length, withOne);
  another.close();
});
