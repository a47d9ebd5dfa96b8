// The entries of the official README, and what its examples need.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, Sandbox } from "../../support/installed.mjs";

const {
  SeamHttp,
  SeamHttpWithoutWorkspace,
  isSeamActionAttemptFailedError,
  isSeamActionAttemptTimeoutError,
  isSeamHttpInvalidInputError,
} = client;

export const API_KEY = "seam_test1_key";

export const TOKEN = "seam_cst1_token";

export const ACCESS_TOKEN = "seam_at1_token";

export const entries = [];

/** A test of `blocks` blocks of code below a heading of the README. */
export function example(heading, blocks, what, run) {
  entries.push({ heading, blocks });
  test(`${heading}: ${what}`, run);
}

/** What there is below a heading and is not taken over, and why. */
export function notTaken(heading, blocks, why) {
  assert.ok(why);
  entries.push({ heading, blocks });
}

/** A sandbox, a client of its workspace, and the options for another client. */
export async function workspace(more = {}, sandbox = {}) {
  const { info, fetch } = await Sandbox.create(sandbox);
  const options = { endpoint: info.endpoint, fetch };
  const seam = SeamHttp.fromApiKey(info.api_key, { ...options, ...more });
  return { info, options, seam };
}

/** A fetch that notes what is sent and answers with an empty list of all. */
export function recorder() {
  const sent = [];
  const fetch = async (request) => {
    const { headers } = request;
    sent.push({
      url: request.url,
      authorization: headers.get("authorization"),
      token: headers.get("client-session-token"),
      workspace: headers.get("seam-workspace"),
    });
    return Response.json({
      client_session: {},
      devices: [],
      workspaces: [],
      ok: true,
    });
  };
  return { sent, fetch };
}

/** Sets variables of the environment for the running test. */
export function environment(t, variables) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}
