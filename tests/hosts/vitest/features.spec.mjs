// A test of an app's: against a sandbox on the network, and against one in the test itself.
import { Seam } from "seam-session";
import { Sandbox } from "seam-session/sandbox";
import { afterEach, expect, test, vi } from "vitest";

import { expected, useFeatures } from "./features.mjs";

afterEach(() => vi.useRealTimers());

test("it uses every feature over the network", async () => {
  expect(await useFeatures(Seam, JSON.parse(process.env.AT))).toEqual(expected);
});

test("it uses every feature against a sandbox in the test", async () => {
  const { info, fetch } = await Sandbox.create();
  const at = {
    endpoint: info.endpoint,
    token: info.client_session_token,
    other: info.device_ids.at(-1),
    fetch,
  };
  expect(await useFeatures(Seam, at)).toEqual(expected);
});

test("a list that is watched follows fake timers", async () => {
  vi.useFakeTimers();
  const { info, fetch } = await Sandbox.create();
  const seam = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
    fetch,
  });
  const list = seam.devices.watch();
  await vi.waitFor(() => expect(list.status.state).toBe("live"));
  expect(list.getSnapshot()).toHaveLength(1);
  list.close();
});
