// Every documented route, called once with each credential that may call it: the request and the
// response. The routes are read from the OpenAPI, and the official SDK makes the same calls.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { SeamHttp } from "@seamapi/http";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { json, serve } from "../support/server.mjs";

const { openapi } = createRequire(import.meta.url)("@seamapi/types/connect");

const KEY = "seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c";
const TOKEN = "seam_cst1891oqCmE_6dBwV8PJ2Ffoe9dWYVyMfVHq";

const ROUTES = Object.entries(openapi.paths)
  .filter(
    ([, methods]) => !Object.values(methods).some((it) => it["x-undocumented"]),
  )
  .map(([path, { post }]) => ({
    path,
    accepts: post.security.flatMap((it) => Object.keys(it)),
    responseKey: post["x-response-key"] ?? undefined,
    params: sample(
      post.requestBody?.content["application/json"].schema ?? {
        type: "object",
      },
    ),
  }));

/** Something of the schema's type, with every member that it may have. */
function sample(schema, depth = 0) {
  const { type, properties, items, allOf, oneOf } = schema;
  if (allOf) return Object.assign({}, ...allOf.map((it) => sample(it, depth)));
  if (oneOf) return sample(oneOf[0], depth);
  if (schema.enum) return schema.enum[0];
  switch (type) {
    case "object":
      if (typeof schema.additionalProperties === "object" && !properties)
        return { key: sample(schema.additionalProperties, depth + 1) };
      return Object.fromEntries(
        Object.entries(properties ?? {})
          .filter(([, it]) => !it["x-undocumented"])
          .map(([name, it]) => [name, sample(it, depth + 1)]),
      );
    case "array":
      return [sample(items, depth + 1)];
    case "boolean":
      return true;
    case "number":
    case "integer":
      return 1;
    default:
      return schema.format === "date-time" ? "2026-01-01T00:00:00.000Z" : "x";
  }
}

/** The method of `seam` that calls `path`. */
function method(seam, path) {
  const names = path
    .slice(1)
    .split("/")
    .map((name) => name.replace(/_(.)/g, (_, c) => c.toUpperCase()));
  const last = names.pop();
  const namespace = names.reduce((at, name) => at[name], seam);
  return (...args) => namespace[last](...args);
}

/** Returns the response of a route, which names the route. */
function answerTo({ path, responseKey }) {
  if (responseKey === undefined) return { ok: true };
  const result =
    responseKey === "action_attempt"
      ? { action_attempt_id: "a", status: "success", of: path }
      : { of: path };
  return { [responseKey]: result, ok: true };
}

/** A server that answers each route as it should, and tells of the requests. */
async function record(t) {
  const seen = [];
  const { endpoint } = await serve(t, (request, response, body) => {
    const { pathname } = new URL(request.url, "http://x");
    seen.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
    });
    const route = ROUTES.find(({ path }) => path === pathname);
    json(response, 200, route ? answerTo(route) : {});
  });
  return { endpoint, seen };
}

async function callAll(t, seam, seen, routes, headers) {
  for (const route of routes) {
    await t.test(route.path, async () => {
      seen.length = 0;
      const request = method(seam, route.path)(route.params);
      assert.equal(seen.length, 0);
      assert.equal(request.pathname, route.path);
      assert.equal(request.responseKey, route.responseKey);

      const result = await request;
      assert.deepEqual(
        result,
        route.responseKey && answerTo(route)[route.responseKey],
      );
      assert.equal(seen.length, 1);
      const [sent] = seen;
      assert.equal(sent.url, route.path);
      assert.equal(
        sent.method,
        route.path === "/client_sessions/create" ? "PUT" : "POST",
      );
      assert.deepEqual(JSON.parse(sent.body), route.params);
      for (const [name, value] of Object.entries(headers))
        assert.equal(sent.headers[name], value, name);
    });
  }
}

test("every documented route that takes an API key is called with one", async (t) => {
  const { endpoint, seen } = await record(t);
  const seam = Seam.fromApiKey(KEY, { endpoint });
  const open = ROUTES.filter(({ accepts }) => accepts.includes("api_key"));
  assert.equal(ROUTES.length, 201);
  assert.equal(open.length, 200);
  await callAll(t, seam, seen, open, {
    authorization: `Bearer ${KEY}`,
    "client-session-token": undefined,
    "content-type": "application/json",
    "seam-sdk-name": "seam-session",
  });
});

test("each of the 71 routes that take a client session is called with its token", async (t) => {
  const { endpoint, seen } = await record(t);
  const seam = Seam.fromClientSessionToken(TOKEN, { endpoint });
  const open = ROUTES.filter(({ accepts }) =>
    accepts.includes("client_session"),
  );
  assert.equal(open.length, 71);
  await callAll(t, seam, seen, open, {
    authorization: `Bearer ${TOKEN}`,
    "client-session-token": TOKEN,
    "content-type": "application/json",
  });
});

test("a route that a credential may not call is refused before anything is sent", async (t) => {
  const { endpoint, seen } = await record(t);
  const takesSession = ({ accepts }) =>
    accepts.some((it) => it.startsWith("client_session"));
  const cases = [
    [
      Seam.fromClientSessionToken(TOKEN, { endpoint }),
      ROUTES.filter((it) => !takesSession(it)),
      90,
    ],
    [
      Seam.fromApiKey(KEY, { endpoint }),
      ROUTES.filter(({ accepts }) => !accepts.includes("api_key")),
      1,
    ],
  ];
  for (const [seam, closed, number] of cases) {
    assert.equal(closed.length, number);
    for (const { path, params } of closed) {
      const error = await rejected(method(seam, path)(params));
      assert.equal(error.code, "credential_not_accepted", path);
      assert.equal(error.outcome, "not_sent");
    }
  }
  assert.equal(seen.length, 0);
});

test("the official SDK's methods are ours, and lead to the same routes", async (t) => {
  const { endpoint, seen } = await record(t);
  const ours = Seam.fromApiKey(KEY, { endpoint });
  const theirs = SeamHttp.fromApiKey(KEY, { endpoint });
  for (const { path, params } of ROUTES) {
    const official = method(theirs, path)(params);
    const request = method(ours, path)(params);
    assert.equal(official.pathname, request.pathname);
    assert.equal(official.responseKey, request.responseKey, path);
    if (path === "/workspaces/create") continue;
    seen.length = 0;
    assert.deepEqual(await official, await request, path);
    assert.equal(seen.length, 2);
  }
});

test("a namespace or method that is not there is a TypeError", () => {
  const seam = Seam.fromApiKey(KEY);
  assert.throws(() => seam.doors.list(), TypeError);
  assert.throws(() => seam.locks.explode(), TypeError);
  assert.throws(() => seam.acs.users.simulate.list(), TypeError);
});
