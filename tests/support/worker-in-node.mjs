// Pages and their worker in Node: each page has its own copy of the page's entry, and a channel to
// the worker's side.
import { client, Sandbox, entry } from "./installed.mjs";
import { nextTask, waitUntil } from "./waiting.mjs";

const { serve } = await import(entry("seam-session/worker/thread"));
let copies = 0;

/**
 * Starts a sandbox that responds to the worker's requests by the global `fetch`, and `page()`, which
 * returns the entry as a new page has it: `said` has the messages that it received, `posted` those that
 * it posted. `backEnd` is a client of the whole workspace without a worker.
 */
export async function startWorker(t, answer) {
  const sandbox = await Sandbox.create();
  const requests = [];
  t.mock.method(globalThis, "fetch", async (request) => {
    const path = new URL(request.url).pathname;
    const token = request.headers.get("authorization")?.split(" ")[1];
    const sent = { path, token, body: await request.clone().text(), request };
    requests.push(sent);
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  });
  const page = async () => {
    const { port1, port2 } = new MessageChannel();
    const said = [];
    port1.addEventListener("message", ({ data }) => said.push(data));
    t.after(() => port1.close());
    serve(port2);
    const it = await import(`${entry("seam-session/worker")}?${(copies += 1)}`);
    it.setWorker(() => port1);
    const posted = [];
    const post = port1.postMessage.bind(port1);
    const say = (message) => {
      posted.push(message);
      post(message);
    };
    port1.postMessage = say;
    const close = () => say({ type: "close" });
    /** Resolves when the worker has handled all messages. */
    const heard = async () => {
      const id = -(copies += 1);
      say({ type: "refresh", id, list: 0 });
      while (!said.some((it) => it.id === id)) {
        await nextTask();
      }
    };
    /** Holds back the page's messages. Returns a function that posts them. */
    const hold = (change = (message) => message) => {
      const kept = [];
      port1.postMessage = (message) => void kept.push(message);
      return () => {
        port1.postMessage = say;
        for (const message of kept) say(change(message));
      };
    };
    return { ...it, said, posted, say, close, heard, hold };
  };
  const asked = (path) => requests.filter((it) => it.path === path).length;
  const { info } = sandbox;
  const backEnd = client.Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch: sandbox.fetch,
  });
  return { sandbox, info, backEnd, requests, asked, page };
}

/** Resolves when the list is in this state. */
export const listState = (list, name) =>
  waitUntil(() => list.status.state === name);

/** Returns a live list of the devices, which is closed after the test. */
export async function liveList(t, seam, wish) {
  const list = seam.devices.watch({}, wish);
  t.after(list.close);
  await listState(list, "live");
  return list;
}

/** Returns two users, one device for each, and `session(user)`, which makes a token of a new session. */
export async function twoUsers({ backEnd }) {
  const [lock, other] = (await backEnd.devices.list()).filter(
    (it) => it.can_remotely_unlock,
  );
  const user = async ({ device_id }) => {
    const { user_identity_id } = await backEnd.userIdentities.create();
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    return { user_identity_id };
  };
  const session = async (of) => (await backEnd.clientSessions.create(of)).token;
  const [one, two] = [await user(lock), await user(other)];
  return { one, two, session, lock, other };
}
