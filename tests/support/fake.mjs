// Seam's own fake of its API, with more data than its seed has.
import "./slow-buffer.mjs";

import { createFake } from "@seamapi/fake-seam-connect";

/** IDs in the fake's seed, and of what {@link startFake} adds to it. */
export const device_id = "august_device_1";
export const acs_system_id = "visionline_acs_system_1";
export const acs_user_id = "acs_user1";
export const acs_access_group_id = "acs_access_group1";
export const acs_entrance_id = "acs_entrance1";
export const connected_account_id = "john_connected_account_id";
/** The period of time-bound resources. */
export const times = {
  starts_at: "2030-01-01T00:00:00.000Z",
  ends_at: "2030-01-02T00:00:00.000Z",
};

/** Starts a fake with its seed and more data, which listens until the test ends. */
export async function startFake(t) {
  const fake = await createFake();
  const { database: db } = fake;
  const seed = await fake.seed();
  const workspace_id = seed.seed_workspace_1;
  const code = { device_id, workspace_id };
  db.addAccessCode({ ...code, code: "1111", name: "A", type: "ongoing" });
  db.addAccessCode({
    ...{ ...code, code: "2222", name: "B", type: "time_bound" },
    ...times,
  });
  db.addAccessCode({
    ...{ ...code, code: "3333", name: "C", type: "ongoing" },
    is_managed: false,
  });
  db.addAcsAccessGroup({
    acs_system_id,
    workspace_id,
    name: "Staff",
    external_type: "visionline_guest_acs_access_group",
  });
  db.addAcsUser({ acs_system_id, workspace_id, full_name: "Ada" });
  db.addAcsEntrance({ acs_system_id, display_name: "Lobby" });
  db.addActionAttempt({ action_type: "LOCK_DOOR", status: "success" });
  db.addWebhook({
    url: "https://example.com",
    workspace_id,
    event_types: ["*"],
  });
  db.addDevice({
    ...{ device_id: "unmanaged_device", device_type: "august_lock" },
    ...{ connected_account_id, workspace_id, name: "Unmanaged" },
  });
  db.updateDevice({ device_id: "unmanaged_device", is_managed: false });
  // Without a port it takes a free one; a 0 it would report as such.
  const server = await fake.startServer({ baseUrl: "http://fake.test" });
  t.after(() => server.close());
  return { endpoint: fake.serverUrl, seed, db, state: () => db.getState() };
}
