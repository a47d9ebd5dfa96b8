// The official README from "Advanced Usage" to its end.
import assert from "node:assert/strict";

import { rejected } from "../../support/errors.mjs";
import { client } from "../../support/installed.mjs";
import {
  API_KEY,
  environment,
  example,
  notTaken,
  recorder,
} from "./entries.mjs";

const { SeamHttp } = client;

notTaken("Usage / Advanced Usage", 0, "it has no example");

example(
  "Usage / Advanced Usage / Additional Options",
  2,
  "endpoint and timeout are taken in either place, and what is axios's is refused with the document that names its replacement",
  async () => {
    const { sent, fetch } = recorder();
    const options = { endpoint: "https://example.com", timeout: 30000, fetch };
    for (const seam of [
      new SeamHttp({ apiKey: API_KEY, ...options }),
      SeamHttp.fromApiKey(API_KEY, options),
    ]) {
      await seam.devices.list();
    }
    assert.deepEqual(
      sent.map(({ url }) => url),
      Array(2).fill("https://example.com/devices/list"),
    );
    for (const name of ["axiosOptions", "axiosRetryOptions"]) {
      assert.throws(
        () => SeamHttp.fromApiKey(API_KEY, { ...options, [name]: {} }),
        { code: "invalid_options", message: /^axios\w+ is not an option/ },
      );
    }
  },
);

example(
  "Usage / Advanced Usage / Setting the endpoint",
  0,
  "the option goes before the variable",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, { SEAM_ENDPOINT: "https://variable.example" });
    await new SeamHttp({ apiKey: API_KEY, fetch }).devices.list();
    await new SeamHttp({
      apiKey: API_KEY,
      endpoint: "https://option.example",
      fetch,
    }).devices.list();
    assert.deepEqual(
      sent.map(({ url }) => new URL(url).origin),
      ["https://variable.example", "https://option.example"],
    );
  },
);

// There, 0 takes the limit away; here Infinity does, and 0 is refused.
example(
  "Usage / Advanced Usage / Setting the request timeout",
  1,
  "a try that takes longer fails, and a read is tried again with a new limit",
  async () => {
    let tries = 0;
    const never = () => ((tries += 1), new Promise(() => {}));
    const seam = new SeamHttp({ apiKey: API_KEY, timeout: 30, fetch: never });
    const error = await rejected(seam.devices.list());
    assert.ok(error instanceof client.SeamHttpNetworkError);
    assert.equal(error.code, "timeout");
    assert.equal(tries, 3);
    const { fetch } = recorder();
    for (const timeout of [60000, Infinity]) {
      const other = new SeamHttp({ apiKey: API_KEY, timeout, fetch });
      assert.deepEqual(await other.devices.list(), []);
    }
    assert.throws(() => new SeamHttp({ apiKey: API_KEY, timeout: 0 }), {
      code: "invalid_options",
      message: /timeout/,
    });
  },
);

example(
  "Usage / Advanced Usage / Configuring the Axios Client",
  0,
  "a read is tried three times, or as often as maxRetries says; an act once",
  async () => {
    const tries = async (call, options = {}) => {
      let made = 0;
      const fetch = async () => {
        made += 1;
        const error = { type: "internal_server_error", message: "m" };
        return Response.json({ error }, { status: 500 });
      };
      const seam = new SeamHttp({ apiKey: API_KEY, fetch, ...options });
      const error = await rejected(call(seam));
      assert.equal(error.statusCode, 500);
      return made;
    };
    const list = (seam) => seam.devices.list();
    const unlock = (seam) => seam.locks.unlockDoor({ device_id: "d" });
    assert.equal(await tries(list), 3);
    assert.equal(await tries(list, { maxRetries: 0 }), 1);
    assert.equal(await tries(unlock), 1);
  },
);

notTaken(
  "Usage / Advanced Usage / Using the Axios Client",
  1,
  "there is no axios underneath: the fetch option sees each request and answer, `request` calls a path",
);

notTaken(
  "Usage / Advanced Usage / Overriding the Client",
  0,
  "there is no axios underneath: the fetch option takes the place of the network",
);

notTaken(
  "Usage / Advanced Usage / Alternative endpoint path interface",
  1,
  "a second face of the same routes, which every page would download; `request` calls a path",
);

example(
  "Usage / Advanced Usage / Inspecting the Request",
  1,
  "a request is looked at, made once, and gives what it gave again",
  async () => {
    const { sent, fetch } = recorder();
    const seam = new SeamHttp({ apiKey: API_KEY, fetch });
    const request = seam.devices.list();
    assert.equal(
      `${request.method} ${request.url}`,
      "POST https://connect.getseam.com/devices/list",
    );
    assert.equal(JSON.stringify(request.body), undefined);
    assert.deepEqual(sent, []);
    const devices = await request.execute();
    assert.equal(await request, devices);
    assert.equal(await request.execute(), devices);
    assert.equal(await request.then((it) => it), devices);
    assert.equal(await request.catch(() => "no"), devices);
    assert.equal(await request.finally(() => {}), devices);
    assert.equal(sent.length, 1);
  },
);

notTaken(
  "Usage / Advanced Usage / Serializing URL search params",
  2,
  "no parameter travels in a URL: every route takes JSON in a POST",
);

for (const [heading, blocks] of [
  ["Development and Testing", 0],
  ["Development and Testing / Quickstart", 2],
  ["Development and Testing / Source code", 1],
  ["Development and Testing / Requirements", 3],
  ["Development and Testing / Publishing", 0],
  ["Development and Testing / Publishing / Automatic", 0],
  ["Development and Testing / Publishing / Manual", 1],
  ["GitHub Actions", 0],
  ["Contributing", 0],
  ["License", 0],
  ["Warranty", 0],
]) {
  notTaken(heading, blocks, "about how that package is made");
}
