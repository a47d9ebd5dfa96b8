// The demo: a sandbox in a process of its own, the scoping story told over
// HTTP, then a page to try it by hand. `cargo xtask demo` builds and calls it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { BackEnd } from "./server/back-end.mjs";
import { servePage } from "./server/http.mjs";
import { bold, dim } from "./server/ink.mjs";
import { Property } from "./server/property.mjs";
import { startSandbox } from "./server/sandbox.mjs";
import { Mismatch, tellStory } from "./server/story.mjs";
import { UserError } from "./server/user-error.mjs";

const HELP = `The demo of seam-session: a sandbox, the scoping story, a page.

Usage: cargo xtask demo [options], or node www/demo.mjs [options] after a build

  --devices N       N devices, and the page of who manages them; no story
  --once            tell the story, check each step, and end
  --port N          the page's port; 0 takes a free one (5180)
  --sandbox-port N  the sandbox's port (a free one)
  --random-seed N   the same ids, keys and tokens for the same N, for tests
  --help
`;

const root = fileURLToPath(new URL("..", import.meta.url));
const paths = {
  cli: `${root}pkg/dist/cli.js`,
  package: `${root}pkg/dist/index.js`,
  page: `${root}target/www`,
};

/** What to undo at the end, the last thing first. */
const undo = [];
let ending = false;
/** Whether the sandbox has ended by itself. */
let lost = false;

async function end(code) {
  if (ending) return;
  ending = true;
  for (const step of undo.reverse()) await step();
  process.exit(lost && code === 0 ? 1 : code);
}

function options() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        once: { type: "boolean", default: false },
        port: { type: "string", default: "5180" },
        "sandbox-port": { type: "string", default: "0" },
        "random-seed": { type: "string" },
        devices: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UserError(`${error.message}\n\n${HELP}`);
  }
  return {
    help: values.help,
    once: values.once,
    port: port("--port", values.port),
    sandboxPort: port("--sandbox-port", values["sandbox-port"]),
    // The sandbox's own command says what is wrong with these.
    sandbox: { randomSeed: values["random-seed"], devices: values.devices },
  };
}

function port(option, text) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) {
    throw new UserError(
      `${option} is a whole number from 0 to 65535, not ${text}.`,
    );
  }
  return number;
}

async function main() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    throw new UserError(
      `Node ${process.versions.node} is too old: install Node 20 or later.`,
    );
  }
  const { help, once, port, sandboxPort, sandbox: given } = options();
  if (help) return void process.stdout.write(HELP);
  for (const path of Object.values(paths)) {
    if (!existsSync(path)) {
      throw new UserError(
        `${path.slice(root.length)} is not there yet: run \`cargo xtask build\`, then this again.`,
      );
    }
  }
  const { Seam } = await import(paths.package);

  // A Ctrl-C before the story is over means that it was not told to its end.
  let told = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      console.log("");
      void end(told && !once ? 0 : 130);
    });
  }

  // The page's port comes first: if it is taken, nothing else has happened yet.
  const managed = given.devices !== undefined && !once;
  const page = once
    ? undefined
    : await servePage(port, paths.page, managed ? "/manager/" : "/");
  if (page !== undefined) undo.push(page.close);

  const sandbox = await startSandbox(paths.cli, sandboxPort, given);
  undo.push(sandbox.stop);
  void sandbox.gone.then((how) => {
    if (ending) return;
    console.error(
      `\nThe sandbox (process ${sandbox.pid}) has ended: ${how}. Its workspace is lost: start the demo again.`,
    );
    lost = true;
    if (!told) void end(1);
  });
  const { info } = sandbox;
  console.log(
    `${bold("Sandbox")}  a Seam workspace with ${info.device_ids.length} devices at ${info.endpoint} ${dim(`(process ${sandbox.pid})`)}\n`,
  );

  if (!managed) await tellStory(Seam, info);
  told = true;
  if (page === undefined) return end(0);

  page.open(
    { backEnd: new BackEnd(Seam, info), property: new Property(Seam, info) },
    sandbox,
  );
  if (managed) {
    console.log(`${bold("Page")}     ${page.address}

Search, scroll, unlock; “Let things happen” changes one device in a hundred.
Ctrl-C ends it all.`);
    return;
  }
  console.log(`${bold("Page")}     ${page.address}

Flip a switch there and watch the user's app follow. Ctrl-C ends it all.
Seam's own components on the same client: ${page.address}/components/
All devices on one page, as who manages them sees it: ${page.address}/manager/`);
}

main().catch((error) => {
  if (ending) return;
  if (error instanceof Mismatch) {
    console.error(
      `\nA step had another result than expected.\n${error.message}`,
    );
  } else if (error instanceof UserError) {
    console.error(`demo: ${error.message}`);
  } else {
    console.error(error);
  }
  void end(1);
});
