// A sandbox with the seed, Ada's session in it, and all that passes between it and a client kept.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { record } from "../support/recorder.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { ACCOUNT, SEED } from "./seed.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/**
 * Starts it for the running test. Gives the endpoint, the API key, and the tokens of Ada, who holds
 * the account that most devices are of, and of someone whose identity is an unmanaged one; the
 * exchanges that are recorded from then on; what sessions have called; and `ask`, which
 * sends as the back end and is not recorded.
 */
export async function startWorld(t) {
  const folder = temporaryFolder(t);
  const file = join(folder, "seed.json");
  writeFileSync(file, JSON.stringify(SEED));
  const sandbox = await startSandbox(t, ["--seed", file]);
  const ask = async (path, params, method = "POST") => {
    const response = await fetch(sandbox.endpoint + path, {
      method,
      headers: {
        authorization: `Bearer ${sandbox.api_key}`,
        "content-type": "application/json",
      },
      body: params && JSON.stringify(params),
    });
    const body = await response.json();
    assert.equal(response.status, 200, JSON.stringify(body));
    return body;
  };
  const session = async (params) =>
    (await ask("/client_sessions/create", params)).client_session;

  const { user_identity } = await ask("/user_identities/get", {
    user_identity_key: "ada",
  });
  const ada = await session({
    user_identity_id: user_identity.user_identity_id,
    user_identifier_key: "ada",
    connected_account_ids: [ACCOUNT],
  });
  const { user_identities } = await ask("/user_identities/unmanaged/list", {});
  const [{ user_identity_id: walk_in }] = user_identities;
  const passing = await session({ user_identity_id: walk_in });
  return {
    ...(await record(t, sandbox.endpoint)),
    api_key: sandbox.api_key,
    publishable_key: sandbox.publishable_key,
    token: ada.token,
    walk_in_token: passing.token,
    ids: {
      ada: user_identity.user_identity_id,
      session: ada.client_session_id,
      walk_in,
      workspace: sandbox.workspace_id,
    },
    ask,
    coverage: async () =>
      (await ask("/_sandbox/coverage", undefined, "GET")).coverage,
  };
}
