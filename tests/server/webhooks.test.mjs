// `SeamWebhook` of `seam-session/server`, beside those of Svix and of the official SDK.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SeamWebhook as OfficialWebhook } from "seam";
import { Webhook as Svix } from "svix";

import { entry } from "../support/installed.mjs";

const {
  SeamInvalidWebhookPayloadError,
  SeamWebhook,
  SeamWebhookVerificationError,
} = await import(entry("seam-session/server"));

const secretOf = (text) => `whsec_${Buffer.from(text).toString("base64")}`;
const SECRET = secretOf("a secret of 24 bytes, ok");
const EVENT = JSON.stringify({
  event_id: "11111111-1111-4111-8111-111111111111",
  event_type: "lock.unlocked",
  text: "Zürich 🔒",
});

/** The headers of a webhook, signed by Svix's own package. */
function signed(body, { secret = SECRET, at = new Date() } = {}) {
  return {
    "svix-id": "msg_1",
    "svix-timestamp": `${Math.floor(at / 1_000)}`,
    "svix-signature": new Svix(secret).sign("msg_1", at, body),
  };
}

const renamed = (headers, rename) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [rename(name), value]),
  );

test("what Svix signs is verified, as by the official SDK and by Svix", () => {
  const headers = signed(EVENT);
  const event = new SeamWebhook(SECRET).verify(EVENT, headers);
  assert.deepEqual(event, JSON.parse(EVENT));
  assert.deepEqual(event, new OfficialWebhook(SECRET).verify(EVENT, headers));
  assert.deepEqual(event, new Svix(SECRET).verify(EVENT, headers));
});

test("the body may be text or bytes, and the headers of Node, Express or the web", () => {
  const webhook = new SeamWebhook(SECRET);
  const headers = signed(EVENT);
  const several = `v1,${"A".repeat(44)} ${headers["svix-signature"]}`;
  const bytes = Buffer.from(EVENT);
  for (const [body, given] of [
    [EVENT, headers],
    [bytes, headers],
    [new Uint8Array(bytes), headers],
    [EVENT, renamed(headers, (it) => it.toUpperCase())],
    [EVENT, renamed(headers, (it) => it.replace("svix", "webhook"))],
    [EVENT, new Headers(headers)],
    [EVENT, { ...headers, accept: ["a", "b"], absent: undefined }],
    [EVENT, { ...headers, "svix-signature": several }],
  ]) {
    assert.equal(webhook.verify(body, given).event_type, "lock.unlocked");
  }
});

test("another sender, another body, an old signature and missing headers are refused", () => {
  const webhook = new SeamWebhook(SECRET);
  const headers = signed(EVENT);
  const other = secretOf("another secret, 24 bytes");
  const minutes = (count) => new Date(Date.now() + count * 60_000);
  for (const [body, given] of [
    [EVENT, signed(EVENT, { secret: other })],
    [EVENT.replace("unlocked", "locked"), headers],
    [`${EVENT} `, headers],
    [`\ufeff${EVENT}`, headers],
    [Buffer.from(`\ufeff${EVENT}`), headers],
    ["", headers],
    [EVENT, signed(EVENT, { at: minutes(-6) })],
    [EVENT, signed(EVENT, { at: minutes(6) })],
    [EVENT, { ...headers, "svix-id": "msg_2" }],
    [EVENT, { ...headers, "svix-id": undefined }],
    [EVENT, { ...headers, "svix-timestamp": "now" }],
    [EVENT, { ...headers, "svix-signature": "v1" }],
    [EVENT, { ...headers, "svix-signature": "v1," }],
    [EVENT, { ...headers, "svix-signature": "" }],
    [EVENT, {}],
  ]) {
    assert.throws(
      () => webhook.verify(body, given),
      (error) => {
        assert.ok(error instanceof SeamWebhookVerificationError, error.stack);
        assert.equal(error.name, "SeamWebhookVerificationError");
        assert.ok(!`${error.stack}`.includes(SECRET));
        return true;
      },
    );
  }
});

test("a signed body that is not an event has an error of its own", () => {
  for (const body of ["[]", "{", "null", '{ "event_id": "1" }']) {
    assert.throws(
      () => new SeamWebhook(SECRET).verify(body, signed(body)),
      SeamInvalidWebhookPayloadError,
    );
  }
});

test("a body that was parsed is refused with what to do", () => {
  assert.throws(
    () => new SeamWebhook(SECRET).verify(JSON.parse(EVENT), signed(EVENT)),
    { name: "TypeError", message: /express\.raw\(\) or express\.text\(\)/ },
  );
});

test("what is no secret is refused without being shown", () => {
  for (const secret of ["", "whsec_", "whsec_!!!!", undefined, 7]) {
    assert.throws(() => new SeamWebhook(secret), {
      name: "TypeError",
      message: "the secret of a webhook begins with whsec_",
    });
  }
});
