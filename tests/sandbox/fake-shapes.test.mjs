// Responses of Seam's own fake and of our sandbox, for every route that both serve: the same
// status, error type and members. Each difference is explained; one without an explanation fails,
// and so does an explanation without a difference.
import assert from "node:assert/strict";
import { test } from "node:test";

import { casesOf, ROUTES } from "./shapes/cases.mjs";
import { DIFFERENCES } from "./shapes/differences.mjs";
import { ask, startPair } from "./shapes/pair.mjs";
import { differences } from "./shapes/shape.mjs";
import { isDescribed, openapi, schemaErrors } from "../support/openapi.mjs";

/** All differences of a route, each with the case in which it shows. */
async function look(t, path) {
  const found = [];
  const compare = async (pair, name, ...request) => {
    const answers = await Promise.all(
      pair.map((server) => ask(server, request[0], path, ...request.slice(1))),
    );
    const [, ours] = answers;
    if (ours.status === 200)
      assert.equal(schemaErrors(path, ours.body), undefined);
    for (const line of differences(...answers))
      found.push({ path, name, line });
  };
  const pair = await startPair(t);
  for (const request of casesOf(path)) await compare(pair, ...request);
  await compare(pair, "with a token", "token", ROUTES[path]);
  // What the session has done is done, so then the back end needs others.
  const next = "get" in openapi.paths[path] ? pair : await startPair(t);
  await compare(next, "with the key", "key", ROUTES[path]);
  return found;
}

/** Whether this is what an explanation is of. */
function explains(rule, { path, name, line }) {
  if (rule.routes && !rule.routes.includes(path)) return false;
  if (rule.cases && !rule.cases.test(name)) return false;
  if (!rule.line.test(line)) return false;
  if (rule.described === undefined) return true;
  return isDescribed(path, line.split(" ")[0]) === rule.described;
}

test("every difference from the fake is explained, and every explanation is of a difference", async (t) => {
  const unexplained = [];
  const used = new Map(DIFFERENCES.map((rule) => [rule, new Set()]));
  let count = 0;
  for (const path of Object.keys(ROUTES)) {
    await t.test(path, async (t) => {
      for (const found of await look(t, path)) {
        count += 1;
        const rule = DIFFERENCES.find((rule) => explains(rule, found));
        if (rule) used.get(rule).add(path);
        else unexplained.push(`${path}, ${found.name}: ${found.line}`);
      }
    });
  }
  assert.ok(count > 100);
  assert.deepEqual(unexplained, []);

  const gone = [];
  for (const [rule, paths] of used) {
    const routes = rule.routes ?? (paths.size === 0 ? ["any route"] : []);
    for (const path of routes)
      if (!paths.has(path)) gone.push(`${path}: ${rule.line}, ${rule.why}`);
  }
  assert.deepEqual(gone, []);
});
