// Each block of code in the README and in the guides is compiled or run. snippets.browser.test.mjs runs
// those for pages. The README's first two examples run in package/tarball.test.mjs, the seed in
// sandbox/cli.test.mjs, the page with Seam's components in components/components.test.mjs, the worker's
// files in hosts/, those for a back end in server/frameworks.test.mjs, and the recipes of
// docs/testing.md in testing-recipes.test.mjs.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { components } from "../support/components.mjs";
import { rejected } from "../support/errors.mjs";
import { blocks, blockWith, snippets } from "../support/documents.mjs";
import { app, client, folder, Sandbox, Seam } from "../support/installed.mjs";
import { run } from "../support/process.mjs";
import { bundle } from "../support/react-snippet.mjs";
import { command, startSandbox } from "../support/sandbox.mjs";
import { STRICT, typeCheck, typeRoots } from "../support/typescript.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const to = `${root}target/snippets`;

/** What a snippet takes as given, as it stands in the text around it. */
const GIVEN = {
  Seam: 'import { Seam } from "seam-session";',
  seam: 'declare const seam: import("seam-session").Seam;',
  backEnd: 'declare const backEnd: import("seam-session").Seam;',
  user_identity_id: "declare const user_identity_id: string;",
  device_id: "declare const device_id: string;",
  render: "declare const render: (...shown: unknown[]) => void;",
  show: "declare const show: (...shown: unknown[]) => void;",
  showButton: "declare const showButton: () => void;",
  log: "declare const log: (...shown: unknown[]) => void;",
  assert: 'import assert from "node:assert/strict";',
  sandbox: 'declare const sandbox: import("seam-session/sandbox").Sandbox;',
};

/** The snippet as a module of its own, with what it takes as given. */
function whole(code) {
  const given = Object.entries(GIVEN)
    .filter(([name]) => {
      const isDeclared = new RegExp(
        `(const|let|import) ${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} (=|from) `,
      );
      return new RegExp(`\\b${name}\\b`).test(code) && !isDeclared.test(code);
    })
    .map(([, declaration]) => declaration);
  return [...given, code, "export {};", ""].join("\n");
}

/** Packages that are not installed here, as far as a snippet uses them. */
const STUBS = `declare module "vitest" {
  export const expect: any;
  export function test(name: string, run: () => Promise<void>): void;
}
declare module "vitest/config" {
  export function defineConfig(config: { test: { globalSetup: string } }): unknown;
}
declare module "express" {
  type Handler = (
    request: { headers: Record<string, string | string[] | undefined> },
    response: import("node:http").ServerResponse,
    next: (error?: unknown) => void,
  ) => unknown;
  export default function express(): { post(path: string, handler: Handler): void };
}
`;

/** What the compiler says of these files under its strictest settings. */
function compile(files) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(`${to}/${name}`, text);
  return typeCheck(to, Object.keys(files), {
    ...STRICT,
    jsx: "react-jsx",
    types: ["node"],
    typeRoots,
    noImplicitOverride: true,
    noUnusedParameters: true,
    paths: {
      "seam-session": [`${folder}dist/types/index.d.ts`],
      "seam-session/seam-components": [
        `${folder}dist/types/seam-components.d.ts`,
      ],
      "seam-session/sandbox": [`${folder}dist/types/sandbox.d.ts`],
      "seam-session/sandbox/server": [
        `${folder}dist/types/sandbox-server.d.ts`,
      ],
      "seam-session/server": [`${folder}dist/types/server.d.ts`],
      "seam-session/token-function": [
        `${folder}dist/types/token-function.d.ts`,
      ],
      "seam-session/slim": [`${folder}dist/types/slim.d.ts`],
      "seam-session/worker": [`${folder}dist/types/worker.d.ts`],
      "seam-session/worker/thread": [`${folder}dist/types/worker-thread.d.ts`],
      "./seam.js": ["./seam.ts"],
      "./login.js": ["./login.ts"],
      "./seam-token.js": ["./seam-token.ts"],
      "@/seam-token": ["./seam-token.ts"],
      "@playwright/test": [`${root}tests/node_modules/@playwright/test`],
      hono: [`${root}tests/node_modules/hono`],
      undici: [`${root}tests/node_modules/undici`],
      "*": [
        `${components}node_modules/@types/*`,
        `${components}node_modules/*`,
      ],
    },
  });
}

test("each snippet compiles under strict TypeScript", async () => {
  assert.ok(snippets.length >= 20, `${snippets.length}`);
  const files = Object.fromEntries(
    snippets.map(({ document, language, code }, index) => [
      `${document.replace(/\W/g, "-")}-${index}.${language === "js" ? "ts" : language}`,
      whole(code),
    ]),
  );
  assert.equal(
    await compile({
      ...files,
      "stubs.d.ts": STUBS,
      "seam.ts": whole("export { seam };"),
      "login.ts":
        "export declare function signedInUser(request: Request): string | null;",
      "seam-token.ts": blockWith("// seam-token.ts"),
    }),
    "",
  );
});

test("each block has a language that a test covers", () => {
  const uncovered = blocks.filter(
    ({ language }) =>
      ![
        ...["js", "ts", "tsx", "python", "json", "html", "diff", "sh"],
        // What a program prints.
        "text",
        // A doctest of the crate (src/client.rs).
        "rust",
      ].includes(language),
  );
  assert.deepEqual(uncovered, []);
});

test("each file in Python is run by the recipe's test", () => {
  const found = blocks.filter(({ language }) => language === "python");
  assert.deepEqual(
    found.map(({ document, code }) => [document, /^# (\S+)\n/.exec(code)?.[1]]),
    [
      ["docs/testing.md", "conftest.py"],
      ["docs/testing.md", "test_doors.py"],
    ],
  );
});

test("each block of JSON is JSON", () => {
  const found = blocks.filter(({ language }) => language === "json");
  assert.ok(found.length > 0);
  for (const { code } of found) JSON.parse(code);
});

test("a migrated import compiles", async () => {
  const found = blocks.filter(({ language }) => language === "diff");
  assert.ok(found.length > 0);
  for (const { code } of found) {
    const lines = code.split("\n").filter((line) => line.startsWith("+"));
    assert.ok(lines.length > 0);
    const added = lines.map((line) => line.slice(1)).join("\n");
    assert.equal(
      await compile({ "after.ts": `${added}\nvoid SeamHttp;\n` }),
      "",
    );
  }
});

/** The commands of all blocks of sh, with the lines that belong together joined. */
const commands = blocks
  .filter(({ language }) => language === "sh")
  .flatMap(({ document, code }) =>
    code
      .replaceAll("\\\n", " ")
      .split("\n")
      .map((line) => line.replace(/ +#.*$/, "").trim())
      .filter((line) => line !== "")
      .map((line) => ({ document, line })),
  );

/** The packages that some package.json of the repository names. */
const known = new Set(
  ["package.json", "tests/package.json", "tests/hosts/package.json"]
    .concat("www/components/package.json")
    .map((file) => JSON.parse(readFileSync(`${root}${file}`, "utf8")))
    .flatMap((it) => [
      ...Object.keys(it.dependencies ?? {}),
      ...Object.keys(it.devDependencies ?? {}),
    ])
    .concat("seam-session"),
);

/** Checks of a command, by what it begins with. Each throws if the command could not work. */
const CHECKS = [
  [
    /^(?:\w+=\S+ )?cargo xtask (.*)$/,
    async ([, args]) => {
      const help = readFileSync(`${root}xtask/src/main.rs`, "utf8");
      const [name, ...rest] = args.split(" ");
      assert.match(help, new RegExp(`^    ${name}\\b`, "m"));
      for (const word of rest) assert.ok(help.includes(word), word);
    },
  ],
  [
    /^npx seam-session (sandbox|scope)(.*)$/,
    async ([, name, args]) => {
      const { out } = await command([name, "--help"]).ended;
      for (const option of args.match(/--[\w-]+/g) ?? [])
        assert.ok(out.includes(`  ${option} `), option);
    },
  ],
  [
    /^npm install (.*)$/,
    async ([, names]) => {
      for (const name of names.split(" "))
        assert.ok(known.has(name.replace(/(?<=.)@[\d.]+$/, "")), name);
    },
  ],
  [/^npm init --yes$/, async () => {}],
  [/^npx vite$/, async () => assert.ok(known.has("vite"))],
  [
    /^(?:\w+=\S+ )?cargo test (?:--release )?--package (\S+) --test (\w+) (\w+)$/,
    async ([, name, target, filter]) => {
      const manifest = readFileSync(`${root}sandbox/Cargo.toml`, "utf8");
      assert.ok(manifest.includes(`name = "${name}"`));
      const list = readFileSync(
        `${root}sandbox/tests/${target}/main.rs`,
        "utf8",
      );
      assert.match(list, new RegExp(`mod ${filter}`));
    },
  ],
  [
    /^curl .*$/,
    async ([line], t) => {
      const { endpoint, api_key } = await startSandbox(t);
      const { stdout } = await run("bash", ["-c", `${line} --fail --silent`], {
        env: { ...process.env, ENDPOINT: endpoint, API_KEY: api_key },
      });
      JSON.parse(stdout);
    },
  ],
];

test("each command in the documents exists, with its options", async (t) => {
  assert.ok(commands.length >= 10, `${commands.length}`);
  for (const { document, line } of commands) {
    const [found] = CHECKS.map(([pattern, check]) => [
      pattern.exec(line),
      check,
    ]).filter(([match]) => match);
    assert.ok(found, `${document}: no check for ${line}`);
    const [match, check] = found;
    await check(match, t);
  }
});

test("the README's command prints an address, a key and a token", async (t) => {
  assert.ok(
    commands.some(({ line }) => line === "npx seam-session sandbox --json"),
  );
  const info = await startSandbox(t);
  for (const name of ["endpoint", "api_key", "client_session_token"])
    assert.equal(typeof info[name], "string", name);
});

test("the README's test passes", async () => {
  const file = fileURLToPath(new URL("readme.test.mjs", app));
  writeFileSync(file, blockWith("a guest cannot open the neighbour's door"));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await run(
    process.execPath,
    ["--test", "--test-reporter=tap", file],
    { env },
  ).finally(() => rmSync(file));
  assert.match(stdout, /^# pass 1$/m);
  assert.match(stdout, /^# fail 0$/m);
});

test("the Node example does not compile without its check of SEAM_API_KEY", async () => {
  const { code } = snippets.find((it) => it.code.includes("SEAM_API_KEY"));
  const unchecked = code.replace(/^if \(apiKey === undefined\).*\n/m, "");
  assert.notEqual(unchecked, code);
  assert.match(await compile({ "node.ts": whole(unchecked) }), /'undefined'/);
});

/** The React component, and what renders it to HTML. */
let page;
before(async () => {
  const file = `${root}target/snippets-server.mjs`;
  writeFileSync(
    file,
    await bundle(
      `import { createElement, StrictMode } from "react";
       import { renderToString } from "react-dom/server";
       import { Devices } from "lists";
       export const html = () =>
         renderToString(createElement(StrictMode, null, createElement(Devices)));`,
      { platform: "node" },
    ),
  );
  page = await import(file);
});

test("the React component renders on a server, where it opens no list", () => {
  let watches = 0;
  globalThis.seam = {
    devices: {
      watch() {
        watches += 1;
        throw new Error("a list was opened on the server");
      },
    },
  };
  assert.equal(
    page.html(),
    '<section><p role="status">loading</p><ul></ul></section>',
  );
  assert.equal(watches, 0);
});

/** Runs the snippet on errors as a function of what it takes as given. */
async function handled(seam, device_id) {
  const code = blockWith('kind === "out_of_scope"');
  const { errorKind } = client;
  const shown = [];
  const show = (text) => shown.push(text);
  const given = { errorKind, seam, device_id, show };
  const AsyncFunction = Object.getPrototypeOf(handled).constructor;
  const body = code.replace(/^import .*\n/m, "");
  await new AsyncFunction(...Object.keys(given), body)(...Object.values(given));
  return shown;
}

for (const [how, options, look, ErrorClass] of [
  ["404", {}, false, "SeamHttpApiError"],
  ["401", { outOfScope: 401 }, false, "SeamHttpUnauthorizedError"],
  ["404 after scope()", {}, true, "SeamOutOfScopeError"],
  ["401 after scope()", { outOfScope: 401 }, true, "SeamOutOfScopeError"],
]) {
  test(`the snippet on errors knows a device outside the scope: ${how}`, async () => {
    const { info, fetch } = await Sandbox.create(options);
    const { endpoint, client_session_token, device_ids } = info;
    const seam = Seam.fromClientSessionToken(client_session_token, {
      endpoint,
      fetch,
      checkScope: look,
    });
    const mine = new Set(
      (await seam.devices.list()).map(({ device_id }) => device_id),
    );
    const device_id = device_ids.find((id) => !mine.has(id));
    if (look) await seam.scope();
    const error = await rejected(seam.locks.unlockDoor({ device_id }));
    assert.equal(error.name, ErrorClass);

    assert.deepEqual(await handled(seam, device_id), [
      "You have no access to this door.",
    ]);
    const [own] = mine;
    assert.deepEqual(await handled(seam, own), []);
  });
}

test("the snippet on errors shows that a door did not open, and rethrows unknown errors", async () => {
  const { info, fetch } = await Sandbox.create({
    faults: [{ fault: "attempt_fails", times: 1 }],
  });
  const { endpoint, client_session_token } = info;
  const seam = Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch,
  });
  const [{ device_id }] = await seam.devices.list();
  assert.deepEqual(await handled(seam, device_id), ["The door did not open."]);
  await assert.rejects(handled(seam, undefined), TypeError);
});
