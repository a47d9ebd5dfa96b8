// Modules that cannot be loaded: damaged because their script was decoded with another charset, or
// forbidden by a policy. charset.browser.test.mjs has classic scripts in browsers.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { rejected } from "../support/errors.mjs";
import { app, entry, folder } from "../support/installed.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** What may be a page's charset; windows-1252 is missing, which Node 20 decodes wrongly. */
const CHARSETS = [
  ..."ibm866 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-10 iso-8859-15".split(
    " ",
  ),
  ..."koi8-r macintosh windows-1250 windows-1251 windows-1254".split(" "),
  ..."big5 euc-jp euc-kr gbk shift_jis".split(" "),
];

const WHAT = {
  client: "the client",
  live: "lists and scopes",
  token: "token refresh",
  sandbox: "the sandbox",
};

/** What uses each module, and rejects where it is not to be had. */
const USES = {
  client: ({ client }) => client("seam_cst1abc_def").devices.list(),
  live: ({ client }) => client("seam_cst1abc_def").scope(),
  token: ({ client }) => client(() => "seam_cst1abc_def").devices.list(),
  sandbox: ({ Sandbox }) => Sandbox.create(),
};

/** A copy of the package's scripts, with the bytes of one module as `text`. */
async function damaged(t, name, text) {
  const at = temporaryFolder(t);
  writeFileSync(join(at, "package.json"), '{ "type": "module" }');
  for (const file of ["index", "live", "token", "token-retry", "sandbox"]) {
    copyFileSync(`${folder}dist/${file}.js`, join(at, `${file}.js`));
  }
  for (const file of ["client", "live", "token", "sandbox"]) {
    copyFileSync(
      `${folder}dist/${file}-bytes.js`,
      join(at, `${file}-bytes.js`),
    );
  }
  writeFileSync(join(at, `${name}-bytes.js`), text);
  return load(async (file) => import(pathToFileURL(join(at, `${file}.js`))));
}

async function load(get) {
  const { Seam } = await get("index");
  const { Sandbox } = await get("sandbox");
  const fetch = async () =>
    Response.json({ devices: [], client_session: {}, ok: true });
  const client = (token) => Seam.fromClientSessionToken(token, { fetch });
  return { client, Sandbox };
}

for (const [name, use] of Object.entries(USES)) {
  test(`a damaged module of ${WHAT[name]} is detected, whatever the charset`, async (t) => {
    const file = readFileSync(`${folder}dist/${name}-bytes.js`);
    for (const charset of CHARSETS) {
      // Some of the sandbox's many bytes take the end of the string with them.
      if (name === "sandbox" && charset === "shift_jis") continue;
      const text = new TextDecoder(charset).decode(file);
      const failed = await rejected(use(await damaged(t, name, text)));

      assert.equal(failed.name, "SeamWasmError", charset);
      assert.equal(failed.code, "wasm_unavailable");
      assert.equal(failed.outcome, "not_sent");
      assert.match(failed.message, /serve (it|the script) as UTF-8/, charset);
    }
  });
}

test("where a policy forbids the sandbox's module the error says so, and a later one is made", async () => {
  const imported = await load(
    (name) =>
      import(`${new URL(`${name}.js`, entry("seam-session"))}?forbidden`),
  );
  const required = await load((name) =>
    createRequire(app)(`${folder}dist/cjs/${name}.js`),
  );
  for (const { Sandbox } of [imported, required]) {
    const { compile } = WebAssembly;
    WebAssembly.compile = async () => {
      throw new WebAssembly.CompileError(
        "violates the following Content Security Policy directive because 'unsafe-eval' is not allowed",
      );
    };
    const failed = await rejected(Sandbox.create());
    WebAssembly.compile = compile;

    assert.equal(failed.name, "SeamWasmError");
    assert.equal(failed.code, "wasm_unavailable");
    assert.equal(failed.outcome, "not_sent");
    assert.match(failed.message, /add 'wasm-unsafe-eval'/);
    const { info } = await Sandbox.create();
    assert.equal(info.device_ids.length, 8);
  }
});
