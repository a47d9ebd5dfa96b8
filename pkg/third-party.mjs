// The npm packages that are bundled into the package's scripts: `standardwebhooks`, with which
// `seam-session/server` verifies webhooks, and what that depends on.
import { existsSync, readFileSync } from "node:fs";

/** The bundled packages, and the scripts with them. */
export const BUNDLED = {
  standardwebhooks: ["dist/server.js", "dist/cjs/server.js"],
};

/**
 * Returns all bundled packages, in order of their names; `root` is the repository.
 *
 * @returns {{ name: string, version: string, license: string, author: string, sha512: string,
 *   text: string }[]} `sha512` is that of the archive, in hexadecimal digits
 */
export function thirdParty(root) {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8"));
  const found = new Map();
  const add = (name) => {
    if (found.has(name)) return;
    const { version, license, integrity, dependencies } =
      lock.packages[`node_modules/${name}`];
    const folder = `${root}node_modules/${name}`;
    const { author } = JSON.parse(
      readFileSync(`${folder}/package.json`, "utf8"),
    );
    found.set(name, {
      name,
      version,
      license,
      author: author.name ?? author,
      sha512: Buffer.from(integrity.replace("sha512-", ""), "base64").toString(
        "hex",
      ),
      text: licenseText(folder, license, author.name ?? author),
    });
    for (const dependency of Object.keys(dependencies ?? {})) add(dependency);
  };
  for (const name of Object.keys(BUNDLED)) add(name);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the licences of the bundled packages, as their licences require. */
export function licenses(root) {
  return thirdParty(root)
    .map(({ name, version, license, text }) =>
      [`${name} ${version} (${license})`, text.trim()].join("\n\n"),
    )
    .join(`\n\n${"-".repeat(80)}\n\n`)
    .concat("\n");
}

function licenseText(folder, license, author) {
  const file = `${folder}/LICENSE`;
  if (existsSync(file)) return readFileSync(file, "utf8");
  if (license !== "MIT") throw new Error(`${folder} has no licence text`);
  return MIT.replace("AUTHOR", author);
}

/** The licence's own words, for a package that names it but does not contain it. */
const MIT = `Copyright (c) AUTHOR

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
