// The scenarios of tests/client/scenarios.json, which the Rust client plays too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const rows = JSON.parse(
  readFileSync(new URL("../client/scenarios.json", import.meta.url), "utf8"),
);

test("every scenario has the outcome of the table", async (t) => {
  assert.ok(rows.length > 20, "the table has rows");
  const info = await startSandbox(t);
  const { endpoint, user_identity_id } = info;
  const backEnd = Seam.fromApiKey(info.api_key, { endpoint });
  const newSession = () => backEnd.clientSessions.create({ user_identity_id });
  const control = async (path, method, body) => {
    const response = await fetch(`${endpoint}/_sandbox/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${info.api_key}`,
        "content-type": "application/json",
      },
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  };
  const app = (await newSession()).token;
  const [granted] = await Seam.fromClientSessionToken(app, {
    endpoint,
  }).devices.list();
  const other = info.device_ids.find((id) => id !== granted.device_id);

  for (const row of rows) {
    await t.test(row.name, async () => {
      let sent = 0;
      const session = await newSession();
      const tokens = [session.token];
      const { timeout, maxRetries, wait: waitForActionAttempt } = row;
      const seam = new Seam({
        endpoint,
        timeout,
        maxRetries,
        waitForActionAttempt,
        clientSessionToken:
          row.session === "refreshed"
            ? async () => tokens.pop() ?? (await newSession()).token
            : session.token,
        fetch: (request, init) => {
          if (new URL(request.url).pathname === row.path) sent += 1;
          return fetch(request, init);
        },
      });
      if (row.session) {
        await seam.clientSessions.get();
        await control("end_session", "POST", {
          client_session_id: session.client_session_id,
          how: row.session === "refreshed" ? "revoked" : row.session,
        });
      }
      for (const fault of row.faults ?? [])
        await control("faults", "POST", fault);
      const params = Object.fromEntries(
        Object.entries(row.params ?? {}).map(([name, value]) => [
          name,
          value === "$granted"
            ? granted.device_id
            : value === "$other"
              ? other
              : value,
        ]),
      );
      let found = { ok: true };
      try {
        await seam.request(row.path, params);
      } catch ({ code, outcome, reason }) {
        found = { code, outcome, ...(reason && { reason }) };
      }
      await control("faults", "DELETE");
      const { ok, code, outcome, reason } = row;
      const expected = ok
        ? { ok }
        : { code, outcome, ...(reason && { reason }) };
      assert.deepEqual({ ...found, sent }, { ...expected, sent: row.sent });
    });
  }
});
