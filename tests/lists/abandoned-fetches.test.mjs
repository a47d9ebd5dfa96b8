// Fetches that are given up because the same user has another session: others follow.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Seam } from "../support/installed.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { flushTasks, isSettled, waitUntil } from "../support/waiting.mjs";

/** A client whose token function gives another session of user a after each refusal. */
function refreshingClient() {
  const server = mockSeam();
  let nth = 1;
  const seam = Seam.fromClientSessionToken(() => tokenOf("a", nth), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
  });
  const replaceSession = async () => {
    server.dead.add(tokenOf("a", nth));
    nth += 1;
    await seam.devices.get({ device_id: "a-0" });
    await flushTasks();
  };
  /** Holds the next fetches of a list; resolves when one was sent. */
  const holdFetch = async (path, begin) => {
    const before = server.requests.length;
    const release = server.hold((it) => it.path === path);
    const result = begin();
    const isSent = () =>
      server.requests.slice(before).some((it) => it.path === path);
    await waitUntil(isSent);
    return { release, result };
  };
  return { server, seam, replaceSession, holdFetch };
}

const ON_DEMAND = { interval: Infinity };

test("the first fetch of a list on demand is sent again", async (t) => {
  const { seam, replaceSession, holdFetch } = refreshingClient();
  await seam.devices.list();
  await flushTasks();
  const { release, result: list } = await holdFetch("/devices/list", () =>
    seam.devices.watch({}, ON_DEMAND),
  );
  t.after(list.close);
  await replaceSession();
  release();
  await waitUntil(() => list.status.state === "live");
});

test("refresh() of a list that had stopped resolves", async (t) => {
  const { server, seam, replaceSession, holdFetch } = refreshingClient();
  const list = seam.devices.watch({}, ON_DEMAND);
  t.after(list.close);
  await waitUntil(() => list.status.state === "live");
  const error = { type: "invalid_input", message: "m" };
  server.answer = ({ path }) =>
    path === "/devices/list"
      ? Response.json({ error }, { status: 400 })
      : undefined;
  await list.refresh();
  assert.equal(list.status.state, "stopped");

  const { release, result: refreshed } = await holdFetch(
    "/devices/list",
    () => [list.refresh()],
  );
  await replaceSession();
  release();
  assert.ok(await isSettled(refreshed[0]));
});

test("access codes that were changed here are fetched", async (t) => {
  const { server, seam, replaceSession } = refreshingClient();
  let codes = [];
  let held;
  server.answer = async ({ path }) => {
    if (path === "/access_codes/create") {
      codes = [{ access_code_id: "x" }];
      return Response.json({ access_code: codes[0] });
    }
    if (path !== "/access_codes/list") return undefined;
    const body = { access_codes: codes, pagination: {} };
    await held;
    return Response.json(body);
  };
  const door = { device_id: "a-0" };
  const list = seam.accessCodes.watch(door, ON_DEMAND);
  t.after(list.close);
  await waitUntil(() => list.status.state === "live");
  let release;
  held = new Promise((resolve) => (release = resolve));
  await seam.accessCodes.create(door);
  await flushTasks();
  await replaceSession();
  release();
  await flushTasks();
  assert.equal(list.size, 1);
});
