// The two pages, each with its own scripts, as a careful server gives them:
// brotli, and scripts that are kept for ever under a name made of their bytes.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

const tests = fileURLToPath(new URL("../../tests", import.meta.url));
const source = readFileSync(new URL("page.js", import.meta.url), "utf8");

/**
 * Serves `/NAME` for each of `pages`, a map of names to the SDK that is imported
 * and what the page is told. `transferred` has the bytes of the script that each
 * page begins with, and `asked` counts how often that was asked for.
 */
export async function serve(pages) {
  const answers = new Map();
  const transferred = {};
  const asked = {};
  for (const [name, { sdk, at }] of Object.entries(pages)) {
    for (const { path, contents, isEntry } of await bundle(name, sdk)) {
      const script = brotliCompressSync(contents);
      answers.set(path, {
        body: script,
        type: "text/javascript; charset=utf-8",
        cache: "public, max-age=31536000, immutable",
        count: () => (asked[name] += 1),
      });
      if (!isEntry) continue;
      transferred[name] = script.length;
      asked[name] = 0;
      answers.set(`/${name}`, {
        body: brotliCompressSync(html(path, at)),
        type: "text/html; charset=utf-8",
        cache: "no-cache",
      });
    }
  }
  const server = createServer((request, response) => {
    const answer = answers.get(request.url);
    if (answer === undefined) return void response.writeHead(404).end();
    answer.count?.();
    response
      .writeHead(200, {
        "content-type": answer.type,
        "content-encoding": "br",
        "content-length": answer.body.length,
        "cache-control": answer.cache,
      })
      .end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    transferred,
    asked,
    close: () => (server.close(), server.closeAllConnections()),
  };
}

function html(script, at) {
  return `<!doctype html>
<title>Devices</title>
<link rel="icon" href="data:,">
<script>
  at = ${JSON.stringify(at)};
  longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((it) => it.duration)))
    .observe({ type: "longtask", buffered: true });
</script>
<script type="module" src="${script}"></script>
`;
}

/** As `cargo xtask size` bundles: what is loaded only later in files of its own. */
async function bundle(name, sdk) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: source.replace('"sdk"', JSON.stringify(sdk)),
      resolveDir: tests,
    },
    bundle: true,
    splitting: true,
    outdir: tests,
    entryNames: `${name}-[hash]`,
    chunkNames: `${name}-[hash]`,
    metafile: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  const entries = Object.entries(metafile.outputs)
    .filter(([, { entryPoint }]) => entryPoint === "<stdin>")
    .map(([file]) => basename(file));
  return outputFiles.map(({ path, contents }) => ({
    path: `/${basename(path)}`,
    contents,
    isEntry: entries.includes(basename(path)),
  }));
}
