// `node without-global.mjs NAME` deletes a global, as jest-environment-jsdom lacks it, and prints
// the result of each kind of call.
import { Seam, Sandbox } from "./installed.mjs";

const [name] = process.argv.slice(2);
const shown = ({ name, code, outcome, message }) => ({
  name,
  code,
  outcome,
  message,
});
const failure = (call) => call.then(() => "no error", shown);

const endpoint = "http://127.0.0.1:9";
const options = { endpoint, maxRetries: 0 };
const token = "seam_cst1abcdefgh_secret";
const made = Seam.fromClientSessionToken(token, options);
const own = Seam.fromClientSessionToken(token, {
  ...options,
  fetch: async () => Response.json({ devices: [], ok: true }),
});

// Node loads them when they are first looked at, and needs the others for that.
void [fetch, Request, Headers, Response];
const { [name]: taken } = globalThis;
delete globalThis[name];
if (globalThis[name] !== undefined) throw new Error(`${name} is still there`);

const list = await failure(made.devices.list());
const action = await failure(made.locks.unlockDoor({ device_id: "d" }));
const request = await failure(made.request("/devices/list"));
const scope = await failure(made.scope());
const function_ = await failure(
  Seam.fromClientSessionToken(async () => token, options).devices.list(),
);
const withOwnFetch = await failure(own.devices.list());
const watch = made.devices.watch();
await watch.refresh();
const { state, reason } = watch.status;
const sandbox = await failure(Sandbox.create());

globalThis[name] = taken;
// It is missed each time that it is missing, and no longer.
const again = await failure(own.devices.list());

console.log(
  JSON.stringify({
    list,
    action,
    request,
    scope,
    function: function_,
    withOwnFetch,
    watch: reason && shown(reason),
    watchState: state,
    sandbox,
    again,
  }),
);
process.exit();
