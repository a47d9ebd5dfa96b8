// How often one unlocking of a door is delivered when the connection breaks under it: each
// browser, over HTTP/1.1 and HTTP/2, and what might keep it from sending again.
// `cargo xtask bench resend` prints it.
import { protocols } from "../tests/support/breaking-server.mjs";
import { servePage } from "../tests/support/plain-page.mjs";
import { measure, MEASURES, WARM } from "../tests/support/resend.mjs";
import { engines, startBrowser } from "../tests/support/webdriver.mjs";

const page = await servePage(new URL("../pkg/dist/", import.meta.url));
const tables = { h1: {}, h2: {} };
for (const engine of engines) {
  const browser = await startBrowser(engine);
  try {
    await browser.open(page.url);
    for (const protocol of protocols)
      for (const [name, { only = protocol }] of Object.entries(MEASURES)) {
        if (only !== protocol) continue;
        const counts = [];
        for (const how of ["rst", "fin"])
          counts.push(
            (await measure(browser, { protocol, how, name })).deliveries,
          );
        const [reset, closed] = counts;
        (tables[protocol][name] ??= {})[engine] =
          reset === closed ? reset : `${reset} reset, ${closed} closed`;
      }
  } finally {
    await browser.close();
  }
}
page.close();

console.log(
  `Deliveries of one locks.unlockDoor when each connection breaks as soon as it is read;
${WARM} connections are kept alive before, where nothing else is said. 0: the browser refused to send it.`,
);
for (const [protocol, name] of [
  ["h1", "HTTP/1.1"],
  ["h2", "HTTP/2"],
]) {
  console.log(`\n${name}`);
  console.table(tables[protocol]);
}
