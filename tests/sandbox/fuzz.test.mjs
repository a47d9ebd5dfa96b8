// Almost valid requests through the shipped module: valid requests of every route, by Seam's
// OpenAPI, with changed bytes and values in path, headers and body. Each must get a well-formed
// response. 4,000 by default; SEAM_SESSION_FUZZ=1000000 sends a million, SEED=7 others.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Random } from "../support/random.mjs";
import { Sandbox } from "../support/installed.mjs";
import { openapi } from "../support/openapi.mjs";

const REQUESTS = Number(process.env.SEAM_SESSION_FUZZ ?? 4_000);
const SEED = Number(process.env.SEED ?? 1);
/** So many requests go to one workspace. */
const EACH = 500;

const POSTS = Object.keys(openapi.paths).filter(
  (path) => openapi.paths[path].post !== undefined,
);

/** What answers have shown, by the name of the member: what is there makes a request valid. */
class Seen {
  #values = new Map();

  learn(value, name) {
    if (Array.isArray(value)) for (const it of value) this.learn(it, name);
    else if (typeof value === "object" && value !== null)
      for (const [key, it] of Object.entries(value)) this.learn(it, key);
    else if (typeof value === "string" && value.length < 100) {
      const known = this.#values.get(name) ?? [];
      if (!known.includes(value)) known.push(value);
      this.#values.set(name, known.slice(-12));
    }
  }

  of(name) {
    return this.#values.get(name) ?? this.#values.get(name.replace(/s$/, ""));
  }
}

function resolved(schema) {
  if (schema.$ref === undefined) return schema;
  const names = schema.$ref.replace("#/", "").split("/");
  return resolved(names.reduce((inner, name) => inner[name], openapi));
}

/** A value that fits the schema. */
function fitting(given, name, seen, random, depth = 0) {
  const schema = resolved(given);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return fitting(random.of(choices), name, seen, random, depth);
  if (schema.allOf)
    return Object.assign(
      {},
      ...schema.allOf.map((it) => fitting(it, name, seen, random, depth)),
    );
  if (schema.enum) return random.of(schema.enum);
  switch (schema.type) {
    case "object": {
      const made = {};
      for (const [key, it] of Object.entries(schema.properties ?? {})) {
        const isNeeded = schema.required?.includes(key);
        if (isNeeded || (depth < 3 && random.chance(0.3)))
          made[key] = fitting(it, key, seen, random, depth + 1);
      }
      return made;
    }
    case "array":
      return Array.from({ length: random.below(3) }, () =>
        fitting(schema.items, name, seen, random, depth + 1),
      );
    case "boolean":
      return random.chance(0.5);
    case "integer":
      return random.between(schema.minimum ?? 0, 100);
    case "number":
      return random.between(schema.minimum ?? 0, 100) / 2;
    default: {
      const known = seen.of(name);
      if (known && random.chance(0.9)) return random.of(known);
      return schema.format === "date-time"
        ? new Date(Date.now() + random.between(-1e9, 1e9)).toISOString()
        : `text ${random.below(100)}`;
    }
  }
}

const ODD = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -(2 ** 63),
  "",
  "0",
  "\u0000",
  "é\u{1f511}\ud800",
  "x".repeat(10_000),
  "2026-02-30T25:00:00Z",
  "9999-12-31T23:59:59.999Z",
  [],
  {},
  [[[[null]]]],
  { __proto__: null, constructor: { a: 1 } },
];

/** The same with one value, somewhere in it, changed, gone, doubled or under another name. */
function withOddValue(value, random) {
  const places = [];
  const walk = (inner) => {
    if (typeof inner !== "object" || inner === null) return;
    for (const key of Object.keys(inner)) {
      places.push([inner, key]);
      walk(inner[key]);
    }
  };
  const copy = structuredClone(value);
  walk(copy);
  if (places.length === 0) return random.of(ODD);
  const [inner, key] = random.of(places);
  switch (random.below(5)) {
    case 0:
      delete inner[key];
      break;
    case 1:
      inner[key] = [inner[key], inner[key]];
      break;
    case 2:
      inner[`${key}s`] = inner[key];
      break;
    default:
      inner[key] = random.of(ODD);
  }
  return copy;
}

/** Some bytes changed, taken out, doubled, or nested deep. */
function withOddBytes(bytes, random) {
  let all = Buffer.from(bytes);
  for (let nth = random.below(4); nth >= 0; nth -= 1) {
    const at = random.below(all.length + 1);
    const [before, after] = [all.subarray(0, at), all.subarray(at)];
    const odd = [
      () => Buffer.from([random.below(256)]),
      () => Buffer.from(random.of(['"', "{", "[", "\\u", "\\ud800", "1e999"])),
      () => Buffer.from("[".repeat(random.of([100, 200_000]))),
      () => Buffer.from("\ufeff"),
    ][random.chance(0.05) ? 2 : random.of([0, 0, 1, 3])]();
    all = [
      () => Buffer.concat([before, odd, after.subarray(1)]),
      () => Buffer.concat([before, odd, after]),
      () => Buffer.concat([before, after.subarray(1 + random.below(9))]),
      () => Buffer.concat([before, after.subarray(0, 30), after]),
      () => before,
    ][random.below(5)]();
  }
  return all;
}

/** A text with some of its characters changed, as a header or a path may come. */
function withOddText(text, random) {
  return withOddBytes(Buffer.from(text), random).toString("latin1");
}

/** A workspace, the routes that are simulated in it, and what is there. */
async function workspace(random) {
  const sandbox = await Sandbox.create({ randomSeed: random.below(2 ** 32) });
  const { info } = sandbox;
  const seen = new Seen();
  seen.learn(info, "");
  const headers = ["authorization", `Bearer ${info.api_key}`];
  const paths = POSTS.filter((path) => {
    const answer = sandbox.handle("POST", path, headers, new Uint8Array());
    seen.learn(JSON.parse(new TextDecoder().decode(answer.body)), "");
    return answer.status !== 501;
  });
  return { sandbox, info, seen, paths, tokens: [info.client_session_token] };
}

/** A request that is valid, and then changed in one part, or in several. */
function request({ info, paths, seen, tokens }, random) {
  const path = random.of(paths);
  const { content } = openapi.paths[path].post.requestBody ?? {};
  const schema = content?.["application/json"]?.schema ?? { type: "object" };
  let params = fitting(schema, "", seen, random);
  const token = random.chance(0.6) ? info.api_key : random.of(tokens);
  const made = {
    method: random.chance(0.1)
      ? random.of(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
      : "POST",
    target: path,
    headers: [
      ...["authorization", `Bearer ${token}`],
      ...["content-type", "application/json"],
    ],
    isOdd: random.chance(0.8),
  };
  if (made.isOdd && random.chance(0.5)) params = withOddValue(params, random);
  let body = Buffer.from(JSON.stringify(params) ?? "");
  if (made.isOdd) {
    if (random.chance(0.3)) body = withOddBytes(body, random);
    if (random.chance(0.1))
      made.target = withOddText(made.target, random).slice(0, 20_000);
    if (random.chance(0.1)) {
      const query = new URLSearchParams(
        Object.entries(Object(params)).map(([key, it]) => [
          key,
          JSON.stringify(it) ?? "",
        ]),
      );
      made.target += `?${withOddText(String(query), random)}`;
    }
    if (random.chance(0.1)) {
      const at = random.below(made.headers.length);
      made.headers[at] = withOddText(made.headers[at], random);
    }
    if (random.chance(0.02)) made.method = withOddText(made.method, random);
  }
  return { ...made, body };
}

test(`${REQUESTS} requests that are almost right are answered in the form of the API`, async () => {
  const random = new Random(SEED);
  const tally = { valid: 0, succeeded: new Set(), refused: 0 };
  for (let left = REQUESTS; left > 0; left -= EACH) {
    const there = await workspace(random);
    const { sandbox, seen, tokens } = there;
    for (let nth = Math.min(left, EACH); nth > 0; nth -= 1) {
      const { isOdd, ...sent } = request(there, random);
      const { method, target, headers, body } = sent;
      const shown = () =>
        `SEED=${SEED}: ${JSON.stringify([method, target.slice(0, 500), headers, body.toString("latin1", 0, 500)])}`;
      let answer;
      try {
        answer = sandbox.handle(method, target, headers, body);
      } catch (error) {
        assert.fail(`${error.stack}\n${shown()}`);
      }
      const { status, route } = answer;
      assert.ok(
        [200, 400, 401, 403, 404, 405, 409, 429, 501].includes(status),
        `${status} ${shown()}`,
      );
      const text = new TextDecoder("utf-8", { fatal: true }).decode(
        answer.body,
      );
      if (method === "OPTIONS") continue;
      const parsed = JSON.parse(text);
      assert.equal(parsed.ok, status === 200, `${text} ${shown()}`);
      if (status === 200) {
        tally.succeeded.add(route);
        seen.learn(parsed, "");
        const { token } = Object(parsed.client_session);
        if (token) tokens.push(token);
      } else {
        tally.refused += 1;
        assert.equal(typeof parsed.error.type, "string", shown());
        assert.equal(typeof parsed.error.message, "string", shown());
      }
      if (!isOdd) tally.valid += 1;
      if (random.chance(0.1)) sandbox.advanceClock(random.of([1, 1e3, 1e8]));
    }
    // And it goes on.
    assert.equal(typeof sandbox.state(), "object");
  }
  assert.ok(tally.valid > REQUESTS / 10 && tally.refused > REQUESTS / 10);
  assert.ok(tally.succeeded.size > 40, `${tally.succeeded.size} routes`);
});
