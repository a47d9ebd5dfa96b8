// Chromium before 115 refuses to compile or instantiate modules above 4 KB synchronously on the
// main thread.
import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../support/installed.mjs";
import { runModule } from "../support/process.mjs";

/** Runs in a process of its own, where both constructors refuse what they refuse there. */
const SCRIPT = `
  const { Module, Instance } = WebAssembly;
  const sizes = new WeakMap();
  const { compile } = WebAssembly;
  WebAssembly.compile = async (bytes) => {
    const module = await compile(bytes);
    sizes.set(module, bytes.byteLength);
    return module;
  };
  const refuse = (size, what) => {
    if (size > 4096)
      throw new RangeError(\`WebAssembly.\${what} is disallowed on the main thread, if the buffer size is larger than 4KB.\`);
  };
  let refused = 0;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      refused += 1;
      refuse(bytes.byteLength, "Compile");
      return new target(bytes);
    },
  });
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
      refuse(sizes.get(args[0]) ?? Infinity, "Instance");
      return new target(...args);
    },
  });
  const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
  const { Sandbox } = await import(${JSON.stringify(entry("seam-session/sandbox"))});
  const sandbox = await Sandbox.create();
  const { endpoint, client_session_token: token } = sandbox.info;
  const options = { endpoint, fetch: sandbox.fetch };
  const seam = Seam.fromClientSessionToken(async () => token, options);
  const [{ device_id }] = await seam.devices.list();
  const scope = await seam.scope();
  const can = scope.can(device_id, "locks.unlockDoor");
  const { status } = await seam.locks.unlockDoor({ device_id });
  const lists = Array.from({ length: 12 }, (_, nth) => {
    const client = nth % 2 ? seam : Seam.fromClientSessionToken(token, options);
    return client.devices.watch({ limit: undefined, search: nth % 3 ? "x" : undefined });
  });
  await Promise.all(lists.map((list) => list.refresh()));
  const states = new Set(lists.map((list) => list.status.state));
  const sizesOfLists = new Set(lists.map((list) => list.size));
  for (const list of lists) list.close();
  // Each user's list has an instance of its own, and none may run out.
  const backEnd = Seam.fromApiKey(sandbox.info.api_key, options);
  const list = seam.devices.watch();
  const after = new Set();
  for (let nth = 0; nth < 12; nth += 1) {
    const { user_identity_id } = await backEnd.userIdentities.create();
    await backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
    const session = await backEnd.clientSessions.create({ user_identity_id });
    await seam.updateClientSessionToken(session.token);
    await list.refresh();
    after.add(\`\${list.status.state} \${list.size}\`);
  }
  list.close();
  console.log(JSON.stringify({
    can,
    status,
    states: [...states],
    sizes: [...sizesOfLists].sort(),
    after: [...after],
    wasRefused: refused > 0,
  }));
`;

test("calls, a token function, the scope and a dozen lists work where synchronous compilation is refused", async () => {
  const { stdout } = await runModule(SCRIPT, { timeout: 60_000 });
  assert.deepEqual(JSON.parse(stdout), {
    can: true,
    status: "success",
    states: ["live"],
    sizes: [0, 1],
    after: ["live 1"],
    wasRefused: true,
  });
});
