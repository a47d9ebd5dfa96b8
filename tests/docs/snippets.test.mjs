// The README's snippets compile under strict TypeScript, and its React component renders on a
// server. snippets.browser.test.mjs hydrates it in a page.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { components } from "../support/components.mjs";
import { rejected } from "../support/errors.mjs";
import { client, folder, Sandbox, Seam } from "../support/installed.mjs";
import { bundle } from "../support/react-snippet.mjs";
import { snippets, snippetWith } from "../support/documents.mjs";
import { STRICT, typeCheck, typeRoots } from "../support/typescript.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const to = `${root}target/readme`;

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
};

/** The snippet as a module of its own, with what it takes as given. */
function whole(code) {
  const given = Object.entries(GIVEN)
    .filter(([name]) => {
      const isDeclared = new RegExp(
        `(const|let) ${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} (=|from) `,
      );
      return new RegExp(`\\b${name}\\b`).test(code) && !isDeclared.test(code);
    })
    .map(([, declaration]) => declaration);
  return [...given, code, "export {};", ""].join("\n");
}

/** Packages that are not installed here, as far as a snippet uses them. */
const STUBS = `declare module "@playwright/test" {
  export function defineConfig(config: {
    webServer: { command: string; url: string };
  }): unknown;
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
      "seam-session/slim": [`${folder}dist/types/slim.d.ts`],
      "seam-session/worker": [`${folder}dist/types/worker.d.ts`],
      "./seam.js": ["./seam.ts"],
      undici: [`${root}tests/node_modules/undici`],
      "*": [
        `${components}node_modules/@types/*`,
        `${components}node_modules/*`,
      ],
    },
  });
}

test("each snippet compiles under strict TypeScript", async () => {
  assert.ok(snippets.length >= 14, `${snippets.length}`);
  const files = Object.fromEntries(
    snippets.map(({ language, code }, index) => [
      `snippet-${index}.${language === "js" ? "ts" : language}`,
      whole(code),
    ]),
  );
  assert.equal(
    await compile({
      ...files,
      "stubs.d.ts": STUBS,
      "seam.ts": whole("export { seam };"),
    }),
    "",
  );
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
  const file = `${root}target/readme-server.mjs`;
  writeFileSync(
    file,
    await bundle(
      `import { createElement, StrictMode } from "react";
       import { renderToString } from "react-dom/server";
       import { Devices } from "readme";
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
  const code = snippetWith("isOutOfScope(error)").replace(/^import .*\n/m, "");
  const { isOutOfScope, SeamActionAttemptFailedError } = client;
  const shown = [];
  const given = {
    ...{ isOutOfScope, SeamActionAttemptFailedError },
    ...{ seam, device_id, show: (text) => shown.push(text) },
  };
  const AsyncFunction = Object.getPrototypeOf(handled).constructor;
  await new AsyncFunction(...Object.keys(given), code)(...Object.values(given));
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
