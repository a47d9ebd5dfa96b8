// Every public object works behind Vue's `reactive`, `ref` and `shallowReactive`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { effect, reactive, readonly, ref } from "@vue/reactivity";

import { Sandbox, Seam } from "../support/installed.mjs";
import { waitUntil } from "../support/waiting.mjs";

/** The ways in which Vue hands out an object: a ref, a nested member, a readonly. */
const HOLDERS = [
  (value) => ref(value).value,
  (value) => reactive({ deep: { value } }).deep.value,
  (value) => reactive(new Map([["key", value]])).get("key"),
  (value) => readonly({ value }).value,
];

test("a client, its lists, scope, requests and paginators work behind Vue's proxies", async () => {
  const sandbox = await Sandbox.create();
  const { endpoint, client_session_token: token } = sandbox.info;
  const options = { endpoint, fetch: sandbox.fetch };
  for (const held of HOLDERS) {
    const seam = held(Seam.fromClientSessionToken(token, options));
    const [device] = await seam.devices.list();
    assert.equal(
      (await held(seam.devices.list()))[0].device_id,
      device.device_id,
    );
    assert.ok(await seam.request("/devices/list"));
    const scope = held(await seam.scope());
    assert.ok(scope.can(device.device_id, "locks.unlockDoor"));
    assert.equal(scope.devices.length, 1);
    const pages = held(seam.createPaginator(seam.devices.list()));
    assert.equal((await pages.flattenToArray()).length, 1);
    const list = held(seam.devices.watch());
    await waitUntil(() => list.status.state === "live");
    assert.equal(list.size, 1);
    list.close();
    await seam.updateClientSessionToken(token);
    assert.equal((await seam.devices.list()).length, 1);
  }
});

test("a component that keeps a snapshot in a ref renders again with each change", async () => {
  const sandbox = await Sandbox.create();
  const { endpoint, client_session_token: token } = sandbox.info;
  const seam = ref(
    Seam.fromClientSessionToken(token, { endpoint, fetch: sandbox.fetch }),
  );
  const list = seam.value.devices.watch();
  const snapshot = ref(list.getSnapshot());
  list.subscribe(() => (snapshot.value = list.getSnapshot()));
  const rendered = [];
  effect(() => rendered.push(snapshot.value.length));
  await waitUntil(() => rendered.at(-1) === 1);
  assert.equal(rendered[0], 0);
  list.close();
});
