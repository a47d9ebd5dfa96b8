// The sandbox's responses in the tests of its rules, checked against the response schemas of
// Seam's OpenAPI.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { routes as catalogue } from "@seamapi/types/devicedb";

import { Sandbox } from "../support/installed.mjs";
import { openapi, schemaErrors } from "../support/openapi.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** All that the sandbox answered with 200 while the tests of its rules ran: `[path, body]` each. */
function answers(t) {
  const file = join(temporaryFolder(t), "answers.jsonl");
  const { status, stdout, stderr } = spawnSync(
    "cargo",
    ["test", "--quiet", "--package", "seam-session-sandbox", "--test=rules"],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, SANDBOX_ANSWERS: file },
      encoding: "utf8",
    },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** What is wrong with a response, or undefined. The catalogue is not in the OpenAPI. */
function errors(path, body) {
  const inCatalogue = path.split("/internal/devicedb")[1];
  if (inCatalogue === undefined) return schemaErrors(path, body);
  const { error } =
    catalogue[`/api${inCatalogue}`].jsonResponse.safeParse(body);
  return error && `${path}: ${error.message}`;
}

/** The status and the type of the error when a route is called without parameters. */
async function ask({ info, fetch }, path) {
  const response = await fetch(`${info.endpoint}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${info.api_key}` },
  });
  return [response.status, (await response.json()).error?.type];
}

test("every answer of every simulated route is what the OpenAPI describes", async (t) => {
  const sandbox = await Sandbox.create();
  const answered = new Set();
  const wrong = new Map();
  for (const [path, body] of answers(t)) {
    answered.add(path);
    const what = errors(path, body);
    if (what && !wrong.has(path)) wrong.set(path, what);
  }
  assert.equal(wrong.size, 0, [...wrong.values()].join("\n\n"));

  const simulated = [];
  for (const path of Object.keys(openapi.paths)) {
    const [status] = await ask(sandbox, path);
    // 401: not a route for an API key, such as /workspaces/create.
    if (![401, 404, 501].includes(status)) simulated.push(path);
  }
  assert.ok(simulated.length > 0);
  assert.deepEqual(
    simulated.filter((path) => !answered.has(path)),
    [],
    "no test has an answer of these",
  );
});

test("a documented route that is not simulated says so, and an unknown one is not found", async () => {
  const sandbox = await Sandbox.create();
  assert.deepEqual(await ask(sandbox, "/webhooks/list"), [
    501,
    "not_simulated",
  ]);
  assert.equal((await ask(sandbox, "/no/such/route"))[0], 404);
});
