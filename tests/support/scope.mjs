// A client and its scope against the sandbox.
import { Seam } from "./installed.mjs";
import { startSandbox } from "./sandbox.mjs";

/**
 * A user who was granted one lock, in a sandbox of their own: the client of the user's session, and
 * the paths of its requests. `answer(path)` may return a response in place of the server's.
 */
export async function scopedUser(t, { answer, args = [], options = {} } = {}) {
  const info = await startSandbox(t, args);
  const { endpoint } = info;
  const backEnd = Seam.fromApiKey(info.api_key, { endpoint });
  const all = await backEnd.devices.list();
  const [lock, other] = all.filter(
    (it) => it.can_remotely_unlock && it.can_program_online_access_codes,
  );
  const thermostat = all.find((it) => it.can_hvac_heat);
  const { user_identity_id } = await backEnd.userIdentities.create();
  const grant = ({ device_id }) =>
    backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
  const revoke = ({ device_id }) =>
    backEnd.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id,
    });
  await grant(lock);
  const session = await backEnd.clientSessions.create({ user_identity_id });
  const requests = [];
  const seam = Seam.fromClientSessionToken(session.token, {
    endpoint,
    maxRetries: 0,
    checkScope: true,
    ...options,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      requests.push(path);
      return (await answer?.(path, seam)) ?? fetch(request);
    },
  });
  /** Returns the paths that are sent while `run` runs. */
  const sent = async (run) => {
    const before = requests.length;
    await run();
    return requests.slice(before);
  };
  const devices = { lock, other, thermostat };
  return { ...devices, info, backEnd, session, seam, grant, revoke, sent };
}

export const idsInScope = (scope) =>
  scope.devices.map(({ device }) => device.device_id);
