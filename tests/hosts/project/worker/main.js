// A page that leaves the work to its worker.
const worker = new Worker(new URL("./worker.js", import.meta.url), {
  type: "module",
});

globalThis.run = (at) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(at, [port2]);
  });
