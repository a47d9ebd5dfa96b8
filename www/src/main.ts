import * as backEnd from "./back-end.js";
import { BackEndError, type User, type Workspace } from "./back-end.js";
import { setTrouble } from "./banner.js";
import { byId, setText } from "./dom.js";
import { Grants } from "./grants.js";
import { Poll } from "./poll.js";
import { Probe } from "./probe.js";
import { UserApp, type Credentials } from "./user-app.js";

const POLL_MS = 1_000;

/** One user's place on the page; the app is there once it has its session. */
interface Place {
  probe: Probe;
  app: UserApp;
}

const places = new Map<string, Place>();
const opening = new Set<string>();
/** The users whose app gets no answer. */
const silent = new Set<string>();
let run: string | undefined;

const poll = new Poll(refresh, POLL_MS);
const grants = new Grants(() => poll.now());
poll.now();

async function refresh(signal: AbortSignal): Promise<void> {
  let workspace: Workspace;
  try {
    workspace = await backEnd.workspace(signal);
  } catch (error) {
    if (!signal.aborted) trouble(error);
    return;
  }
  if (signal.aborted) return;
  setTrouble("backEnd", false);
  setTrouble("sandbox", silent.size > 0);
  if (run !== undefined && run !== workspace.run) {
    // Other tokens, and an endpoint that this page's security policy forbids.
    location.reload();
    return;
  }
  ({ run } = workspace);
  setText(
    byId("facts"),
    `Page ${location.origin} · Sandbox ${workspace.endpoint}`,
  );
  grants.show(workspace);
  for (const user of workspace.users) {
    places.get(user.key)?.probe.show(workspace.devices, user.device_ids);
    if (!places.has(user.key)) void open(user, workspace);
  }
}

/** Opens a user's app: in real life, after the user's log-in. */
async function open(user: User, workspace: Workspace): Promise<void> {
  if (opening.has(user.key)) return;
  opening.add(user.key);
  try {
    const credentials = await credentialsOf(user.key);
    const app = new UserApp(user, credentials, {
      connected(yes) {
        if (yes) silent.delete(user.key);
        else silent.add(user.key);
        setTrouble("sandbox", silent.size > 0);
      },
      sessionEnded: () => void renew(user.key, app),
    });
    const probe = new Probe(user, {
      tryDoor: (device_id, name) => app.tryDoor(device_id, name),
      ask: async (device_id) => {
        const now = await backEnd.workspace(new AbortController().signal);
        return now.devices.find((device) => device.device_id === device_id);
      },
    });
    probe.show(workspace.devices, user.device_ids);
    app.element.append(probe.element);
    places.set(user.key, { app, probe });
    const list = byId("app-list");
    if (places.size === workspace.users.length) {
      // In the order of the users, whichever session came first.
      list.replaceChildren(
        ...workspace.users.flatMap(
          ({ key }) => places.get(key)?.app.element ?? [],
        ),
      );
      list.setAttribute("aria-busy", "false");
    }
  } catch (error) {
    trouble(error);
  } finally {
    opening.delete(user.key);
  }
}

async function renew(key: string, app: UserApp): Promise<void> {
  if (opening.has(key)) return;
  opening.add(key);
  try {
    app.renew(await credentialsOf(key));
  } catch (error) {
    trouble(error);
  } finally {
    opening.delete(key);
  }
}

async function credentialsOf(user: string): Promise<Credentials> {
  const { endpoint, client_session_token } = await backEnd.session(user);
  return { endpoint, clientSessionToken: client_session_token };
}

function trouble(error: unknown): void {
  const gone = error instanceof BackEndError && error.code === "sandbox_gone";
  setTrouble(gone ? "sandbox" : "backEnd", true);
  if (gone) setTrouble("backEnd", false);
}
