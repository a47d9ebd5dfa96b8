const errors = require("seam-session");
const { Sandbox } = require("seam-session/sandbox");
const { describeClient } = require("./scenario.cjs");

describeClient(errors.Seam, Sandbox, errors);

test("every entry can be required", async () => {
  const slim = require("seam-session/slim");
  slim.setWasm(
    require("node:url").pathToFileURL(
      require.resolve("seam-session/client.wasm"),
    ),
  );
  const { info, fetch } = await Sandbox.create();
  const { endpoint, client_session_token } = info;
  const seam = slim.Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch,
  });
  expect(await seam.devices.list()).toHaveLength(1);
  expect(
    typeof require("seam-session/seam-components").SeamComponentsSession,
  ).toBe("function");
});

test("the worker's entry can be required, and says by what to replace it", async () => {
  const worker = require("seam-session/worker");
  const seam = worker.Seam.fromClientSessionToken("seam_cst1abc_def");
  const expected = {
    name: "SeamWasmError",
    code: "wasm_unavailable",
    outcome: "not_sent",
    message: expect.stringContaining(
      "moduleNameMapper: { '^seam-session/worker$': 'seam-session' }",
    ),
  };
  await expect(seam.devices.list()).rejects.toMatchObject(expected);
  await expect(seam.devices.list()).rejects.toBeInstanceOf(errors.SeamError);
  const { serve } = require("seam-session/worker/thread");
  expect(() => serve()).toThrow("runs in a browser's worker only");
});
