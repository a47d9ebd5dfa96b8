// How a page has /worker.js run the scenario; both are evaluated in the page.

export function askSharedWorker(at) {
  const { port } = new SharedWorker("/worker.js", { type: "module" });
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    port.postMessage(at, [port2]);
  });
}

export async function askServiceWorker(at) {
  await navigator.serviceWorker.register("/worker.js", { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    active.postMessage(at, [port2]);
  });
}
