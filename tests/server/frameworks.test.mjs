// The examples of docs/server.md for Express, Hono and Next.js, as a reader copies them, against the
// sandbox. hosts/next.host.test.mjs builds the one for Next.js.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { blockWith } from "../support/documents.mjs";
import { entry, Seam } from "../support/installed.mjs";
import { project } from "../support/project.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const { createTokenFunction } = await import(
  entry("seam-session/token-function")
);
const { toNodeHandler } = await import(entry("seam-session/server"));
const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));

/** The blocks with their files; `app` is what each gives to the test. */
const EXAMPLES = {
  express: `${blockWith('from "express"')}\nexport default app;`,
  hono: `${blockWith('from "hono"')}\nexport default app;`,
  next: blockWith("handler as POST"),
};

/** The reader's own function: the user whom the cookie names. */
const LOGIN = `export const signedInUser = (request) =>
  /user=(\\S+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? null;`;

/** Compiles an example and imports it, with the sandbox in the environment. */
async function load(t, name) {
  const info = await startSandbox(t);
  const folder = await project(t, []);
  for (const framework of ["express", "hono"])
    symlinkSync(
      join(modules, framework),
      join(folder, "node_modules", framework),
    );
  const files = {
    "seam-token.js": blockWith("// seam-token.ts"),
    "login.js": LOGIN,
  };
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: EXAMPLES[name], resolveDir: folder, loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
    plugins: [
      {
        name: "files",
        setup(build) {
          build.onResolve(
            { filter: /(seam-token|login)(\.js)?$/ },
            ({ path }) => ({
              path: path
                .split("/")
                .at(-1)
                .replace(/(\.js)?$/, ".js"),
              namespace: "files",
            }),
          );
          build.onLoad({ filter: /.*/, namespace: "files" }, ({ path }) => ({
            contents: files[path],
            loader: "ts",
            resolveDir: folder,
          }));
        },
      },
    ],
  });
  const { SEAM_ENDPOINT, SEAM_API_KEY } = process.env;
  process.env.SEAM_ENDPOINT = info.endpoint;
  process.env.SEAM_API_KEY = info.api_key;
  const loaded = await import(pathToFileURL(outfile).href);
  restore("SEAM_ENDPOINT", SEAM_ENDPOINT);
  restore("SEAM_API_KEY", SEAM_API_KEY);
  return { info, loaded };
}

function restore(name, value) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** How each framework serves an example. */
const SERVERS = {
  express: ({ default: app }) => app,
  // Their own adapters for Node do the same.
  hono: ({ default: app }) => toNodeHandler((request) => app.fetch(request)),
  next: ({ POST }) =>
    toNodeHandler((request) => POST(request, { params: Promise.resolve({}) })),
};

async function listen(t, listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

for (const [name, serverOf] of Object.entries(SERVERS)) {
  test(`the example for ${name} gives the signed-in user's page its token`, async (t) => {
    const { info, loaded } = await load(t, name);
    const address = await listen(t, serverOf(loaded));
    const url = `${address}/api/seam-token`;
    const cookie = `user=${info.user_identity_id}`;
    const { endpoint } = info;
    const seam = Seam.fromClientSessionToken(
      createTokenFunction(url, { headers: { cookie } }),
      { endpoint },
    );
    assert.equal((await seam.devices.list()).length, 1);

    assert.equal(await createTokenFunction(url)(), null);
    const own = { method: "POST", headers: { cookie } };
    const response = await fetch(url, own);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("content-type"), "application/json");
    const cross = { cookie, origin: "https://evil.test" };
    const refused = await fetch(url, { method: "POST", headers: cross });
    assert.equal(refused.status, 400);
  });
}

test("in Express the handler gets the request, errors go to the app, and a parsed body does no harm", async (t) => {
  const info = await startSandbox(t);
  const express = createRequire(import.meta.url)("express");
  const { createTokenHandler } = await import(entry("seam-session/server"));
  const { endpoint } = info;
  const handler = createTokenHandler({
    seam: Seam.fromApiKey(info.api_key, { endpoint }),
    userIdentity: (_, request) => {
      if (request.session === undefined) throw new Error("no session");
      return request.session.user;
    },
  });
  const app = express();
  app.use(express.json());
  app.use((request, _, next) => {
    if (request.query.user !== undefined)
      request.session = { user: request.query.user || null };
    next();
  });
  const router = express.Router();
  router.all("/seam-token", toNodeHandler(handler));
  app.use("/api", router);
  app.use((error, request, response, _) => response.status(418).end());
  const url = `${await listen(t, app)}/api/seam-token`;
  const post = (query) =>
    fetch(`${url}${query}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{ "a": 1 }',
    });
  const served = await post(`?user=${info.user_identity_id}`);
  assert.equal(served.status, 200);
  assert.match((await served.json()).token, /^seam_cst1/);
  assert.equal((await post("?user=")).status, 403);
  assert.equal((await post("")).status, 418);
  const wrong = await fetch(`${url}?user=`);
  assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
});

test("in Node's own server an error of the app is 500, and says nothing of it", async (t) => {
  const handler = async () => {
    throw new Error("secret");
  };
  const response = await fetch(await listen(t, toNodeHandler(handler)));
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "");
});
