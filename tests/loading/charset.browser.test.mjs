// Classic scripts in pages of several charsets, in Chromium. A classic script that is served
// without a charset is decoded with that of its page, and the modules' bytes travel in it as text.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { build } from "esbuild";

import { launch } from "../support/browser.mjs";
import { project } from "../support/project.mjs";
import { serve } from "../support/server.mjs";

const webpack = createRequire(new URL("../jest/package.json", import.meta.url))(
  "webpack",
);

/** What the two scripts of a page do: the client needs its module, the sandbox another. */
const SCRIPTS = {
  client: `
    import { Seam, SeamWasmError } from "seam-session";
    const fetch = async () => Response.json({ devices: [], ok: true });
    const seam = Seam.fromClientSessionToken("seam_cst1abc_def", { fetch });
    globalThis.client = seam.devices.list().then(
      (devices) => devices.length,
      (error) => [error instanceof SeamWasmError, error.code, error.outcome, error.message],
    );`,
  sandbox: `
    import { Sandbox } from "seam-session/sandbox";
    globalThis.sandbox = Sandbox.create().then(
      ({ info }) => info.device_ids.length,
      (error) => [error.name === "SeamWasmError", error.code, error.outcome, error.message],
    );`,
};

/** Bundlers whose scripts are classic ones, and hold what is not ASCII as it is. */
const BUNDLERS = {
  webpack: async (folder, name) => {
    const compiler = webpack({
      mode: "production",
      context: folder,
      entry: `./${name}.js`,
      output: { path: join(folder, "webpack"), filename: `${name}.js` },
      performance: false,
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    assert.ok(!stats.hasErrors(), stats.toString());
  },
  esbuild: (folder, name) =>
    build({
      entryPoints: [join(folder, `${name}.js`)],
      outfile: join(folder, "esbuild", `${name}.js`),
      bundle: true,
      minify: true,
      format: "iife",
      target: "es2022",
      charset: "utf8",
      logLevel: "silent",
    }),
};

let folder;
let browser;
before(async (t) => {
  folder = await project(t, []);
  for (const [name, text] of Object.entries(SCRIPTS)) {
    writeFileSync(join(folder, `${name}.js`), text);
    for (const bundle of Object.values(BUNDLERS)) await bundle(folder, name);
  }
  browser = await launch();
});
after(() => browser?.close());

/**
 * What the script gives in a page: of a bundler, with or without a charset in the page, and with
 * one in the header of the script.
 */
async function visit(t, bundler, name, { meta = "", header = "" }) {
  const { endpoint } = await serve(t, ({ url }, response) => {
    if (url === "/") {
      response.writeHead(200, { "content-type": "text/html" });
      return void response.end(
        `<!doctype html>${meta}<title>Test</title><script src="${name}.js"></script>`,
      );
    }
    // A browser asks for an icon.
    if (url !== `/${name}.js`) return void response.writeHead(404).end();
    const type = `text/javascript${header}`;
    response.writeHead(200, { "content-type": type });
    response.end(readFileSync(join(folder, bundler, url)));
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(endpoint);
  return page.evaluate((name) => globalThis[name], name);
}

const charset = (name) => ({ meta: `<meta charset="${name}">` });
const DAMAGING = {
  "without a charset": {},
  ...Object.fromEntries(
    ["iso-8859-1", "shift_jis", "gbk", "big5", "euc-kr"].map((name) => [
      `in ${name}`,
      charset(name),
    ]),
  ),
};

for (const bundler of Object.keys(BUNDLERS)) {
  test(`a script of ${bundler} works in a page in UTF-8, and in any page if it is served as UTF-8`, async (t) => {
    const header = "; charset=utf-8";
    for (const page of [
      charset("utf-8"),
      { header },
      { ...charset("shift_jis"), header },
    ]) {
      assert.equal(await visit(t, bundler, "client", page), 0);
    }
    assert.equal(await visit(t, bundler, "sandbox", { header }), 8);
  });

  test(`a script of ${bundler} that was decoded with another charset says to serve it as UTF-8`, async (t) => {
    const expected = [
      true,
      "wasm_unavailable",
      "not_sent",
      'the WebAssembly module could not be loaded: Error: serve the script as UTF-8 (charset=utf-8 in its Content-Type, or <meta charset="utf-8">) (/devices/list)',
    ];
    for (const [where, page] of Object.entries(DAMAGING)) {
      const result = await visit(t, bundler, "client", page);
      assert.deepEqual(result, expected, where);
    }
    // No route is called there.
    const result = await visit(t, bundler, "sandbox", {});
    const message = expected.at(-1).replace(" (/devices/list)", "");
    assert.deepEqual(result, [...expected.slice(0, -1), message]);
  });
}
