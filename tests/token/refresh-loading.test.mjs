// Token functions where the module of token refresh cannot be loaded, and when a process exits.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { entry, folder, Sandbox, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { run, runModule } from "../support/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";
import { rejected } from "../support/errors.mjs";

test("where modules cannot be loaded lazily, a token function is an error with a remedy; a string works", async (t) => {
  const { info, fetch } = await Sandbox.create();
  const { endpoint, client_session_token: token } = info;
  const alone = temporaryFolder(t);
  const load = async (name) => {
    const { outputFiles } = await build({
      entryPoints: [`${folder}dist/${name}.js`],
      bundle: true,
      write: false,
      format: "esm",
      external: ["./live.js", "./token.js", "./token-retry.js"],
      loader: { ".wasm": "binary" },
      plugins: [
        {
          name: "module",
          setup(build) {
            // As a runtime that compiles it when it is imported.
            build.onResolve({ filter: /\.wasm(\?module)?$/ }, () => ({
              path: `${folder}dist/client.wasm`,
              namespace: "module",
            }));
            build.onLoad({ filter: /./, namespace: "module" }, ({ path }) => ({
              contents: `import { readFileSync } from "node:fs";
export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
            }));
          },
        },
      ],
      platform: "node",
    });
    const file = join(alone, `${name}.mjs`);
    await writeFile(file, outputFiles[0].contents);
    return import(file);
  };
  const expected = {
    // Its token.js is not there, as it cannot be in a service worker.
    index: ["wasm_unavailable", /bundle a service worker into one file/],
    workerd: ["invalid_options", /give clientSessionToken as a string/],
    edge: ["invalid_options", /give clientSessionToken as a string/],
  };
  for (const [name, [code, message]] of Object.entries(expected)) {
    const { Seam } = await load(name);
    const options = { endpoint, fetch };

    const failed = await rejected(
      Seam.fromClientSessionToken(() => token, options).devices.list(),
    );

    assert.equal(failed.code, code, name);
    assert.equal(failed.outcome, "not_sent");
    assert.match(failed.message, message);
    const plain = Seam.fromClientSessionToken(token, options);
    assert.equal((await plain.devices.list()).length, 1, name);
  }
});

test("where WebAssembly is forbidden or absent, errors of lazily loaded modules say so", async () => {
  const script = `
    import { Seam } from ${JSON.stringify(entry("seam-session"))};
    const fetch = async () => Response.json({ devices: [], ok: true });
    const client = (token) => Seam.fromClientSessionToken(token, { fetch });
    const token = "seam_cst1abc_def";
    const watched = async () => {
      const list = client(token).devices.watch();
      await list.refresh();
      throw list.status.reason;
    };
    const calls = [() => client(() => token).devices.list(), () => client(token).scope(), watched];
    const told = async () => {
      for (const call of calls) await call().catch((it) => console.log(it.name, it.code, it.outcome, it.message));
    };
    // Node's own fetch is WebAssembly too, and is loaded when it is first looked at.
    await new Response("").text();
    await globalThis.fetch("data:,").catch(() => {});
    const { WebAssembly } = globalThis;
    const { compile } = WebAssembly;
    WebAssembly.compile = async () => { throw new WebAssembly.CompileError("violates the following Content Security Policy directive because 'unsafe-eval' is not allowed"); };
    await told();
    let asked = 0;
    const again = client(() => ((asked += 1), token));
    for (let nth = 0; nth < 3; nth += 1) await again.devices.list().catch(() => {});
    console.log(asked);
    WebAssembly.compile = compile;
    delete globalThis.WebAssembly;
    await told();
    globalThis.WebAssembly = WebAssembly;
    console.log((await calls[0]()).length);`;

  const { stdout } = await runModule(script);

  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, 8, stdout);
  const [asked] = lines.splice(3, 1);
  assert.equal(
    asked,
    "1",
    "no token is made for each call that cannot be made",
  );
  const unavailable = "SeamWasmError wasm_unavailable not_sent ";
  for (const line of lines.slice(0, 6)) assert.ok(line.startsWith(unavailable));
  for (const line of lines.slice(0, 3))
    assert.match(line, /'wasm-unsafe-eval'/);
  for (const line of lines.slice(3, 6)) assert.match(line, /no WebAssembly/);
  assert.equal(lines[6], "0", "a failure is not kept");
});

test("a process exits when only timers of a client are left, and not while a call waits for a token", async (t) => {
  const { endpoint, client_session_token } = await startSandbox(t);
  const script = fileURLToPath(
    new URL("../support/refresh-in-node.mjs", import.meta.url),
  );
  const { stdout } = await run(
    process.execPath,
    [
      "--expose-gc",
      script,
      entry("seam-session"),
      endpoint,
      client_session_token,
    ],
    { timeout: 20_000 },
  );
  assert.deepEqual(JSON.parse(stdout), {
    devices: 1,
    waited: "no_token",
    kept: 0,
  });
});
