// Capabilities: their names in JavaScript, in the core and in the OpenAPI.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openapi } from "@seamapi/types/connect";

test("JavaScript and the core have the same names of capabilities, in the same order", () => {
  const read = (file) =>
    readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const [, rows] = /const ACTIONS: [^=]*= \[(.*?)\n\];/s.exec(
    read("src/capabilities.rs"),
  );
  const paths = [...rows.matchAll(/\("\/([a-z_/]+)",/g)].map(([, path]) =>
    path.replace(/\//g, ".").replace(/_(.)/g, (_, c) => c.toUpperCase()),
  );
  const quoted = (text) => [...text.matchAll(/"(.*?)"/g)].map(([, it]) => it);
  const [, names] = /CAPABILITIES[^=]* = \[(.*?)\]/s.exec(
    read("pkg/src/lists/capabilities.ts"),
  );
  const [, members] = /type DeviceCapability =(.*?);/s.exec(
    read("pkg/src/core/scope-types.ts"),
  );
  assert.ok(paths.length > 10);
  assert.deepEqual(quoted(names), paths);
  assert.deepEqual(quoted(members), paths);
});

/** What a session may call that names a device, and is no action of the scope. */
const NO_ACTIONS = {
  "/access_codes/create_multiple": "create, for several devices",
  "/access_codes/delete": "is about a code",
  "/access_codes/update": "is about a code",
  "/access_codes/simulate/create_unmanaged_access_code": "in sandboxes only",
  "/phones/deactivate": "a phone is no device of the scope",
};

test("every route of a client session that changes one device is a capability", () => {
  const [, rows] = /const ACTIONS: [^=]*= \[(.*?)\n\];/s.exec(
    readFileSync(new URL("../../src/capabilities.rs", import.meta.url), "utf8"),
  );
  const actions = [...rows.matchAll(/\("(.*?)",/g)].map(([, path]) => path);
  const routes = Object.entries(openapi.paths).filter(([, { get, post }]) => {
    const may = post?.security?.some((it) => "client_session" in it);
    const named = /"device_ids?"/.test(JSON.stringify(post?.requestBody ?? ""));
    return get === undefined && may && named;
  });
  const paths = routes.map(([path]) => path);
  assert.deepEqual(
    paths.sort(),
    [...actions, ...Object.keys(NO_ACTIONS)].sort(),
  );
});

test("each flag of a capability is a property of devices in the OpenAPI", () => {
  const { properties } = openapi.components.schemas.device;
  const [, flags] = /const FLAGS: [^=]*= \[(.*?)\n\];/s.exec(
    readFileSync(new URL("../../src/capabilities.rs", import.meta.url), "utf8"),
  );
  const names = [...flags.matchAll(/"(.*?)"/g)].map(([, it]) => it);
  assert.ok(names.length > 10);
  for (const name of names) {
    assert.equal(properties[name]?.type, "boolean", name);
  }
});
