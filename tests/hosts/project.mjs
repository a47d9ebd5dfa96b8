// One project with the tarball installed, which every bundler builds with no
// configuration, and what serves its pages.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { killOnExit } from "../support/children.mjs";
import { installTarball } from "../support/project.mjs";
import { serve } from "../support/server.mjs";
import { run } from "../support/process.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** What a bundler writes goes into folders beside the project. */
const hosts = path("../../target/hosts/");

/** The project's folder. */
export const project = `${hosts}project/`;

const environment = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  // The test runner's, which would change what a tool does or says.
  NODE_ENV: undefined,
  NODE_TEST_CONTEXT: undefined,
};

/** Makes it anew. */
export async function install() {
  rmSync(hosts, { recursive: true, force: true });
  mkdirSync(hosts, { recursive: true });
  cpSync(path("project"), project, { recursive: true });
  for (const name of ["calls.mjs", "worker-features.mjs"])
    cpSync(path(`../support/scenarios/${name}`), project + name);
  writeFileSync(`${project}package.json`, '{ "private": true }\n');
  await installTarball(project);
  // Where Next.js looks for itself; other tools are only run from where they are.
  for (const name of ["next", "react", "react-dom"])
    symlinkSync(path(`node_modules/${name}`), `${project}node_modules/${name}`);
}

/** Runs a tool in the project. OUT among its arguments is the folder that it gives. */
export async function build(name, [tool, ...args], cwd = project, more = {}) {
  const out = `${hosts}${name.replace(/\W+/g, "-")}/`;
  mkdirSync(out, { recursive: true });
  await run(
    program(tool, cwd),
    args.map((arg) => arg.replace("OUT", out)),
    { cwd, env: { ...environment, ...more } },
  );
  return out;
}

/** Starts a server of a tool's own for the running test; gives its address. */
export async function start(t, [tool, ...args], more = {}, cwd = project) {
  const child = spawn(program(tool, cwd), args, {
    cwd,
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  killOnExit(child);
  let said = "";
  const ended = once(child, "close");
  t.after(async () => {
    child.kill();
    await ended;
  });
  const listening = new Promise((resolve) => {
    const listen = (text) => {
      said += stripVTControlCharacters(text);
      const address = /http:\/\/[\w.]+:[1-9]\d*/.exec(said);
      if (address !== null) resolve(address[0]);
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
  });
  const closed = ended.then(() => {
    throw new Error(`${tool} ended: ${said}`);
  });
  return await Promise.race([listening, closed]);
}

const TYPES = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
};

/**
 * Serves a folder's files for the running test; gives the address. Where a
 * bundler has made no page there is one around its script.
 */
export async function serveFiles(t, folder, headers) {
  const { endpoint } = await serve(t, (request, response) => {
    const { pathname } = new URL(request.url, endpoint);
    const file = pathname === "/" ? "/index.html" : pathname;
    const type = TYPES[file.split(".").at(-1)] ?? "application/octet-stream";
    const path = join(folder, file);
    if (!existsSync(path) && pathname !== "/") {
      // A browser asks for an icon; a path that a bundler got wrong ends here too.
      return void response.writeHead(404).end();
    }
    response.writeHead(200, { "content-type": type, ...headers });
    response.end(existsSync(path) ? readFileSync(path) : PAGE);
  });
  return endpoint;
}

const PAGE =
  '<!doctype html><title>A page</title><script type="module" src="main.js"></script>';

/** esbuild is the build's own, a few folders up; others are where npm has put them. */
function program(tool, cwd) {
  if (tool === "node") return process.execPath;
  const folders = [
    path("../../node_modules/.bin/"),
    path("node_modules/.bin/"),
    join(cwd, "../node_modules/.bin/"),
    join(cwd, "node_modules/.bin/"),
  ];
  const found = folders.map((folder) => join(folder, tool)).filter(existsSync);
  if (found.length === 0) throw new Error(`${tool} is not installed`);
  return found.at(-1);
}
