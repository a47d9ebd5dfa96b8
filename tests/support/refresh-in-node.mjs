// Run by token/refresh-loading.test.mjs with `--expose-gc`: calls over HTTP with a token function,
// and what they leave in memory. Nothing here ends the process: it has to exit by itself.
const [, , entry, endpoint, token] = process.argv;
const { Seam } = await import(entry);

const seam = Seam.fromClientSessionToken(async () => token, { endpoint });
const devices = (await seam.devices.list()).length;

// Nothing else keeps the process alive while this waits.
const waiting = Seam.fromClientSessionToken(() => new Promise(() => {}), {
  endpoint,
  timeout: 100,
});
const waited = await waiting.devices.list().catch(({ code }) => code);

/** Makes clients with pending timers that are not referenced afterwards. */
async function dropped() {
  const clients = Array.from({ length: 20 }, () =>
    Seam.fromClientSessionToken(() => token, { endpoint }),
  );
  for (const client of clients) {
    await client.devices.list();
    await client.devices.list();
  }
  return clients.map((client) => new WeakRef(client));
}
const clients = await dropped();
let kept;
for (let nth = 0; nth < 50 && kept !== 0; nth += 1) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.gc();
  kept = clients.filter((client) => client.deref()).length;
}
console.log(JSON.stringify({ devices, waited, kept }));
