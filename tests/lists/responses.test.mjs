// Responses to a watched list's requests: pages, and bodies that are broken, slow or unusual.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { waitUntil, flushTasks } from "../support/waiting.mjs";
import {
  deviceIds,
  listState,
  listUntil,
  watchingClient,
} from "../support/watched-lists.mjs";

test("nothing is removed before every page has arrived", async (t) => {
  let last = true;
  const devices = ["a", "b", "c"].map((device_id) => ({ device_id }));
  const half = 2;
  const { watch, requests } = await watchingClient(t, {
    answer: ({ path, body }) => {
      if (path !== "/devices/list") return undefined;
      const cursor = JSON.parse(body).page_cursor;
      if (cursor && !last) return new Response("", { status: 503 });
      return Response.json({
        devices: cursor ? devices.slice(half) : devices.slice(0, half),
        pagination: cursor
          ? { has_next_page: false, next_page_cursor: null }
          : { has_next_page: true, next_page_cursor: "2" },
      });
    },
  });
  const list = watch();
  await listState(list, "live");
  const all = list.getSnapshot();
  assert.deepEqual(all, devices);
  const pages = requests.filter(({ path }) => path === "/devices/list");
  assert.deepEqual(
    pages.map(({ body }) => JSON.parse(body)),
    [{}, { page_cursor: "2" }],
  );

  last = false;
  await list.refresh();

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.statusCode, 503);
  assert.equal(list.getSnapshot(), all);
});

test("an abandoned fetch ends no page of the next one", async (t) => {
  const bodies = [];
  const { watch, seam, info } = await watchingClient(t, {
    answer: ({ path }) => {
      if (path !== "/devices/list") return undefined;
      const body = new ReadableStream({
        start: (controller) => void bodies.push(controller),
      });
      return new Response(body);
    },
  });
  const bytes = (text) => new TextEncoder().encode(text);
  const list = watch();
  await waitUntil(() => bodies.length === 1);
  bodies[0].enqueue(bytes('{"devices":['));
  await flushTasks();
  await seam.updateClientSessionToken(info.client_session_token);
  await waitUntil(() => bodies.length === 2);
  bodies[1].enqueue(bytes('{"devices":[{"device_id":"a"},'));
  await flushTasks();

  // Nobody has cancelled it: its reader still waits.
  bodies[0].close();
  await flushTasks();
  bodies[1].enqueue(bytes('{"device_id":"b"}]}'));
  bodies[1].close();
  await listUntil(list, () => list.status.state !== "loading");

  assert.equal(list.status.reason, undefined);
  assert.deepEqual(deviceIds(list), ["a", "b"]);
});

test("an invalid body fails the fetch and changes nothing", async (t) => {
  let broken = false;
  const { watch } = await watchingClient(t, {
    answer: ({ path }) =>
      broken && path === "/devices/list"
        ? new Response('{"devices":[{"device_id":"x"}')
        : undefined,
  });
  const list = watch();
  await listState(list, "live");
  const before = list.getSnapshot();
  broken = true;

  await list.refresh();

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.code, "invalid_response");
  assert.equal(list.getSnapshot(), before);
});

test("a page without a cursor for the next one, or an endless series of cursors, fails the fetch", async (t) => {
  let pagination;
  let pages;
  const { watch } = await watchingClient(t, {
    answer({ path }) {
      if (path !== "/devices/list" || !pagination) return undefined;
      pages += 1;
      return Response.json({
        devices: [{ device_id: "x" }],
        pagination: pagination(pages),
      });
    },
  });
  const list = watch();
  await listState(list, "live");
  const before = list.getSnapshot();
  for (const [next_page_cursor, most, message] of [
    [() => null, 1, /page_cursor/],
    [() => 5, 1, /page_cursor/],
    [() => ({ a: 1 }), 1, /page_cursor/],
    [() => "", 1, /page_cursor/],
    [() => undefined, 1, /page_cursor/],
    [(page) => `c${page % 3}`, 4, /page_cursor/],
    [(page) => `c${page}`, 10_000, /10000 pages/],
  ]) {
    pages = 0;
    pagination = (page) => ({
      has_next_page: true,
      next_page_cursor: next_page_cursor(page),
    });

    await list.refresh();

    assert.equal(list.status.state, "stale");
    assert.equal(list.status.reason.code, "invalid_response");
    assert.match(list.status.reason.message, message);
    assert.equal(pages, most);
    assert.equal(list.getSnapshot(), before);
  }
});

test("a fetch whose body has no reader, and one that begins with a byte order mark, are read as by a call", async (t) => {
  let how;
  const { watch, seam } = await watchingClient(t, {
    answer({ path }) {
      if (path !== "/devices/list") return undefined;
      const body = JSON.stringify({ devices: [{ device_id: how.name }] });
      return how(body);
    },
  });
  const nodeFetch = (body) => ({
    status: 200,
    headers: new Headers(),
    body: Readable.from([Buffer.from(body)]),
    text: () => Promise.resolve(body),
  });
  const noBody = (body) => ({ ...nodeFetch(body), body: null });
  const mark = (body) => new Response(`\ufeff${body}`);
  how = nodeFetch;
  const list = watch();
  for (how of [nodeFetch, noBody, mark]) {
    await list.refresh();
    assert.deepEqual(list.status, { state: "live" });
    assert.deepEqual(deviceIds(list), [how.name]);
    assert.deepEqual(list.getSnapshot(), await seam.devices.list());
  }
});

test("a truncated body is fetched and read again from its beginning", async (t) => {
  const { watch, sandbox, seam, asked } = await watchingClient(t, {
    maxRetries: 2,
  });
  sandbox.addFault({ fault: "truncate", path: "/devices/list", times: 1 });
  const list = watch();

  await listState(list, "live");

  assert.equal(asked("/devices/list"), 2);
  assert.deepEqual(list.getSnapshot(), await seam.devices.list());
});
