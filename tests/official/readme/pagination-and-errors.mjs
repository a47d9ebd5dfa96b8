// The official README from "Pagination" to "Requests without a Workspace in scope".
import assert from "node:assert/strict";

import { rejected } from "../../support/errors.mjs";
import { client } from "../../support/installed.mjs";
import {
  ACCESS_TOKEN,
  environment,
  example,
  notTaken,
  recorder,
  workspace,
} from "./entries.mjs";

const { SeamHttpWithoutWorkspace, isSeamHttpInvalidInputError } = client;

notTaken("Usage / Pagination", 0, "it has no example");

/** 45 devices, listed twenty a page. */
async function manyDevices() {
  const { info, seam } = await workspace({}, { devices: 45 });
  const pages = seam.createPaginator(seam.devices.list({ limit: 20 }));
  const ids = (devices) => devices.map(({ device_id }) => device_id);
  return { info, seam, pages, ids };
}

example(
  "Usage / Pagination / Manually fetch pages with the nextPageCursor",
  1,
  "the second page follows the first",
  async () => {
    const { info, pages, ids } = await manyDevices();
    const [devices, { hasNextPage, nextPageCursor }] = await pages.firstPage();
    assert.equal(hasNextPage, true);
    const [more] = await pages.nextPage(nextPageCursor);
    assert.deepEqual(ids([...devices, ...more]), info.device_ids.slice(0, 40));
  },
);

example(
  "Usage / Pagination / Resume pagination",
  2,
  "what was kept as text leads to the next page",
  async () => {
    const { info, seam, ids } = await manyDevices();
    const store = new Map();
    {
      const params = { limit: 20 };
      const pages = seam.createPaginator(seam.devices.list(params));
      const [, pagination] = await pages.firstPage();
      store.set("/seam/devices/list", JSON.stringify([params, pagination]));
    }
    const [params = {}, { hasNextPage = false, nextPageCursor = null } = {}] =
      JSON.parse(store.get("/seam/devices/list") ?? "[]");
    assert.equal(hasNextPage, true);
    const pages = seam.createPaginator(seam.devices.list(params));
    const [more] = await pages.nextPage(nextPageCursor);
    assert.deepEqual(ids(more), info.device_ids.slice(20, 40));
  },
);

example(
  "Usage / Pagination / Iterate over all pages",
  1,
  "each page comes once",
  async () => {
    const { pages } = await manyDevices();
    const sizes = [];
    for await (const devices of pages) sizes.push(devices.length);
    assert.deepEqual(sizes, [20, 20, 5]);
  },
);

example(
  "Usage / Pagination / Iterate over all resources",
  1,
  "each device comes once",
  async () => {
    const { info, pages, ids } = await manyDevices();
    const devices = [];
    for await (const device of pages.flatten()) devices.push(device);
    assert.deepEqual(ids(devices), info.device_ids);
    assert.ok(devices.every(({ display_name }) => display_name));
  },
);

example(
  "Usage / Pagination / Return all resources across all pages as an array",
  1,
  "all devices are in it",
  async () => {
    const { info, pages, ids } = await manyDevices();
    assert.deepEqual(ids(await pages.flattenToArray()), info.device_ids);
  },
);

// It says that the axios error is the cause; here there is none, see docs/migrating.md.
example(
  "Usage / Error Handling",
  0,
  "an error of the server has its status, code and request id",
  async () => {
    const { seam } = await workspace();
    const device_id = "00000000-0000-4000-8000-000000000000";
    const error = await rejected(seam.devices.get({ device_id }));
    assert.ok(client.isSeamHttpApiError(error));
    assert.deepEqual([error.statusCode, error.code], [404, "device_not_found"]);
    assert.ok(error.requestId);
  },
);

example(
  "Usage / Error Handling / Validation errors",
  2,
  "each parameter that was not taken is told with its reasons",
  async () => {
    const { seam } = await workspace();
    const nested = await rejected(
      seam.devices.list({ device_ids: ["not-a-uuid"] }),
    );
    assert.ok(isSeamHttpInvalidInputError(nested));
    assert.deepEqual(
      nested.validationErrors.map(({ parameterName }) => parameterName),
      ["device_ids"],
    );
    // The reason stands with the item, of which the SDK's face does not tell.
    assert.deepEqual(nested.getValidationErrorMessages("device_ids"), []);

    const error = await rejected(seam.devices.list({ limit: -1 }));
    assert.ok(isSeamHttpInvalidInputError(error));
    const [message] = error.getValidationErrorMessages("limit");
    assert.match(message, /greater than 0/);
    const summary = error.validationErrors.map(
      ({ parameterName, errorMessages }) =>
        `${parameterName}: ${errorMessages.join(", ")}`,
    );
    assert.deepEqual(summary, [`limit: ${message}`]);
  },
);

notTaken(
  "Usage / Requests without a Workspace in scope",
  0,
  "it has no example",
);

example(
  "Usage / Requests without a Workspace in scope / Personal Access Token",
  1,
  "each way lists the workspaces with the token alone",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, { SEAM_PERSONAL_ACCESS_TOKEN: ACCESS_TOKEN });
    for (const seam of [
      new SeamHttpWithoutWorkspace({ fetch }),
      new SeamHttpWithoutWorkspace({
        personalAccessToken: ACCESS_TOKEN,
        fetch,
      }),
      SeamHttpWithoutWorkspace.fromPersonalAccessToken(ACCESS_TOKEN, { fetch }),
    ]) {
      assert.deepEqual(await seam.workspaces.list(), []);
    }
    assert.equal(sent.length, 3);
    for (const { url, authorization, workspace } of sent) {
      assert.equal(new URL(url).pathname, "/workspaces/list");
      assert.equal(authorization, `Bearer ${ACCESS_TOKEN}`);
      assert.equal(workspace, null);
    }
  },
);

notTaken(
  "Usage / Requests without a Workspace in scope / Console Session Token",
  1,
  "console sessions are for Seam's own pages; docs/migrating.md says so",
);
