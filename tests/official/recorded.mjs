// What passed between a client and the sandbox, held against the OpenAPI.
import assert from "node:assert/strict";

import { openapi, schemaErrors } from "../support/openapi.mjs";

/** Fails unless every answer is what the OpenAPI describes, or an error in the form of the API's. */
export function assertDescribed(exchanges) {
  assert.notEqual(exchanges.length, 0);
  for (const { path, status, body, headers } of exchanges) {
    const answer = JSON.parse(body);
    assert.match(headers.get("content-type"), /^application\/json/, path);
    if (status === 200) {
      assert.equal(schemaErrors(path, answer), undefined);
      continue;
    }
    const { error, ...rest } = answer;
    assert.deepEqual(rest, { ok: false }, path);
    assert.equal(typeof error.type, "string", path);
    assert.equal(typeof error.message, "string", path);
  }
}

/** The routes that were answered with success, by path. */
export function answered(exchanges) {
  return new Set(
    exchanges.filter((it) => it.status === 200).map((it) => it.path),
  );
}

/** The documented routes that take an API key and that the sandbox simulates. */
export async function simulatedForKey({ endpoint, api_key }) {
  const paths = Object.entries(openapi.paths).filter(
    ([, { post }]) =>
      !post["x-undocumented"] && post.security.some((it) => "api_key" in it),
  );
  const simulated = [];
  for (const [path] of paths) {
    const response = await fetch(endpoint + path, {
      method: "POST",
      headers: { authorization: `Bearer ${api_key}` },
    });
    await response.arrayBuffer();
    if (response.status !== 501) simulated.push(path);
  }
  return simulated;
}
