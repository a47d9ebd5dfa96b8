// What the sandbox answers, held against the response schemas of Seam's OpenAPI.
import assert from "node:assert/strict";
import { test } from "node:test";

import { openapi } from "@seamapi/types/connect";
import Ajv from "ajv";
import addFormats from "ajv-formats";

import { Sandbox } from "./support/installed.mjs";

const ajv = new Ajv({ strict: false, allErrors: true, discriminator: false });
addFormats(ajv);
ajv.addSchema({ $id: "openapi", ...modern(openapi) });

/** JSON Schema's words for two of OpenAPI 3.0's: exclusiveMinimum and nullable. */
function modern(schema) {
  return JSON.parse(JSON.stringify(schema), (_, value) => {
    if (value?.exclusiveMinimum === true) {
      const { minimum, ...rest } = value;
      return { ...rest, exclusiveMinimum: minimum };
    }
    if (value?.nullable === true && value.type === undefined) {
      const { nullable: _nullable, ...rest } = value;
      return { anyOf: [rest, { type: "null" }] };
    }
    return value;
  });
}

/** Checks an answer's body against the schema of its route. */
function conforms(path, body) {
  const { paths } = openapi;
  const operation = paths[path].post;
  const pointer = `#/paths/${path.replaceAll("/", "~1")}/post/responses/200/content/application~1json/schema`;
  assert.ok(operation.responses["200"].content, path);
  const validate = ajv.compile({ $ref: `openapi${pointer}` });
  assert.ok(
    validate(body),
    `${path}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`,
  );
}

test("every answer of the simulated routes is what the OpenAPI describes", async () => {
  const { info, fetch } = await Sandbox.create();
  const called = new Set();
  const call = async (path, params = {}, token = info.api_key) => {
    const response = await fetch(`${info.endpoint}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(params),
    });
    const body = await response.json();
    assert.equal(response.status, 200, `${path}: ${JSON.stringify(body)}`);
    conforms(path, body);
    called.add(path);
    return body;
  };
  const { devices } = await call("/devices/list");
  for (const { device_id } of devices)
    await call("/devices/get", { device_id });
  const { devices: locks } = await call("/locks/list");
  for (const { device_id } of locks) await call("/locks/get", { device_id });

  const { user_identity } = await call("/user_identities/create", {
    user_identity_key: "key",
    email_address: "ada@example.com",
    full_name: "Ada",
    phone_number: "+15551234567",
  });
  const { user_identity_id } = user_identity;
  const bare = await call("/user_identities/create");
  await call("/user_identities/get", { user_identity_id });
  await call("/user_identities/update", {
    user_identity_id,
    full_name: "Ada L.",
  });
  await call("/user_identities/list");
  const [{ device_id }] = locks;
  await call("/user_identities/grant_access_to_device", {
    user_identity_id,
    device_id,
  });
  await call("/user_identities/list_accessible_devices", { user_identity_id });

  const { client_session } = await call("/client_sessions/create", {
    user_identity_id,
  });
  const { client_session_id, token } = client_session;
  await call("/client_sessions/get_or_create", {
    user_identifier_key: "someone",
  });
  await call("/client_sessions/get", {}, token);
  await call("/client_sessions/list");
  await call("/client_sessions/grant_access", {
    client_session_id,
    user_identity_id,
  });
  await call("/devices/list", {}, token);

  const { action_attempt } = await call(
    "/locks/unlock_door",
    { device_id },
    token,
  );
  const { action_attempt_id } = action_attempt;
  for (;;) {
    const { action_attempt: now } = await call(
      "/action_attempts/get",
      { action_attempt_id },
      token,
    );
    if (now.status !== "pending") break;
  }
  const offline = locks.find((lock) => !lock.properties.online);
  const failing = await call("/locks/lock_door", {
    device_id: offline.device_id,
  });
  for (;;) {
    const { action_attempt: now } = await call("/action_attempts/get", {
      action_attempt_id: failing.action_attempt.action_attempt_id,
    });
    if (now.status === "error") break;
  }
  await call("/user_identities/revoke_access_to_device", {
    user_identity_id,
    device_id,
  });
  await call("/client_sessions/revoke", { client_session_id });
  await call("/client_sessions/delete", { client_session_id });
  await call("/user_identities/delete", {
    user_identity_id: bare.user_identity.user_identity_id,
  });
  assert.equal(called.size, 22);
});

test("a documented route that is not simulated says so, and an unknown one is not found", async () => {
  const { info, fetch } = await Sandbox.create();
  const status = async (path) => {
    const response = await fetch(`${info.endpoint}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${info.api_key}` },
    });
    return [response.status, (await response.json()).error.type];
  };
  assert.deepEqual(await status("/webhooks/list"), [501, "not_simulated"]);
  assert.equal((await status("/no/such/route"))[0], 404);
});
