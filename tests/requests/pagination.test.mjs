// Paginators, and lists that end at the server's limit.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { recording, sandboxed } from "../support/recording-client.mjs";

test("a paginator visits every page, and each device once", async () => {
  const { info, options } = await sandboxed({ devices: 23 });
  const seam = Seam.fromApiKey(info.api_key, options);
  const pages = seam.createPaginator(seam.devices.list({ limit: 5 }));
  const all = await pages.flattenToArray();
  assert.deepEqual(
    all.map((device) => device.device_id),
    info.device_ids,
  );
  const one = [];
  for await (const device of pages.flatten()) one.push(device.device_id);
  assert.deepEqual(one, info.device_ids);
  const sizes = [];
  for await (const page of pages) sizes.push(page.length);
  assert.deepEqual(sizes, [5, 5, 5, 5, 3]);
});

test("pagination can be resumed from a stored cursor", async () => {
  const { info, options } = await sandboxed({ devices: 7 });
  const first = Seam.fromApiKey(info.api_key, options);
  const params = { limit: 4 };
  const [, { hasNextPage, nextPageCursor }] = await first
    .createPaginator(first.devices.list(params))
    .firstPage();
  assert.equal(hasNextPage, true);
  const later = Seam.fromApiKey(info.api_key, options);
  const [rest, end] = await later
    .createPaginator(later.devices.list(JSON.parse(JSON.stringify(params))))
    .nextPage(String(nextPageCursor));
  assert.equal(rest.length, 3);
  assert.deepEqual([end.hasNextPage, end.nextPageCursor], [false, null]);
  assert.equal(
    (await rejected(later.createPaginator(later.devices.list()).nextPage(null)))
      .code,
    "invalid_options",
  );
});

test("a repeated cursor ends the pagination", async () => {
  const { seam, requests } = recording({
    "/devices/list": {
      devices: [1],
      pagination: { has_next_page: true, next_page_cursor: "same" },
      ok: true,
    },
  });
  assert.deepEqual(
    await seam.createPaginator(seam.devices.list()).flattenToArray(),
    [1, 1],
  );
  assert.equal(requests.length, 2);
});

test("a route that is not paginated is refused by name", () => {
  const { seam } = recording({});
  assert.throws(() => seam.createPaginator(seam.locks.list()), {
    code: "no_pagination",
    message: /\/locks\/list/,
  });
});

test("a list that ends at the server's own limit warns once and names createPaginator", async (t) => {
  const warnings = t.mock.method(console, "warn", () => {});
  const answer = {
    connect_webviews: [],
    pagination: { has_next_page: true, next_page_cursor: "c" },
    ok: true,
  };
  const { seam } = recording({ "/connect_webviews/list": answer });
  await seam.connectWebviews.list({ limit: 1 });
  await seam.createPaginator(seam.connectWebviews.list()).firstPage();
  assert.equal(warnings.mock.callCount(), 0);
  await seam.connectWebviews.list();
  await seam.connectWebviews.list();
  assert.equal(warnings.mock.callCount(), 1);
  assert.match(
    warnings.mock.calls[0].arguments[0],
    /\/connect_webviews\/list.*createPaginator/,
  );
});

test("an invalid page is an error of its own", async () => {
  for (const answer of [
    { devices: null, pagination: {}, ok: true },
    { devices: {}, pagination: {}, ok: true },
    { devices: [], ok: true },
    { devices: [], pagination: null, ok: true },
  ]) {
    const { seam } = recording({ "/devices/list": answer });
    const error = await rejected(
      seam.createPaginator(seam.devices.list()).flattenToArray(),
    );
    assert.equal(error.code, "invalid_response", JSON.stringify(answer));
  }
});

test("a request shows and paginates with the parameters that it was created with", async () => {
  const { seam, requests } = recording({
    "/devices/list": { devices: [], pagination: {}, ok: true },
  });
  const params = { limit: 1, device_ids: ["a"] };
  const list = seam.devices.list(params);
  const pages = seam.createPaginator(list);
  params.limit = 2;
  params.device_ids.push("b");
  assert.deepEqual(list.body, { limit: 1, device_ids: ["a"] });
  await pages.firstPage();
  assert.deepEqual(requests[0].body, { limit: 1, device_ids: ["a"] });
});
