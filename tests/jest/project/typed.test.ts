import * as errors from "seam-session";
import type { Device, SeamOptions, Watch } from "seam-session";
import { SeamComponentsSession } from "seam-session/seam-components";
import { Sandbox, type SandboxInfo } from "seam-session/sandbox";
import { setWasm } from "seam-session/slim";
import { setWorker } from "seam-session/worker";
import { serve } from "seam-session/worker/thread";
import { describeClient } from "./scenario.cjs";

const { Seam } = errors;
describeClient(Seam, Sandbox, errors);

test("the types arrive", async () => {
  const { info, fetch }: { info: SandboxInfo; fetch: Sandbox["fetch"] } =
    await Sandbox.create({ devices: 3 });
  const options: SeamOptions = { endpoint: info.endpoint, fetch };
  const seam = Seam.fromClientSessionToken(info.client_session_token, options);
  const devices: Device[] = await seam.devices.list();
  const list: Watch<Device> = seam.devices.watch();
  list.close();
  // @ts-expect-error: there is no such namespace
  expect(seam.nothing).toBeUndefined();
  // @ts-expect-error: no number is a module
  expect(() => setWasm(7)).toThrow(errors.SeamHttpInvalidOptionsError);
  expect(
    [SeamComponentsSession, setWorker, serve].map((it) => typeof it),
  ).toEqual(Array(3).fill("function"));
  expect(devices).toHaveLength(1);
});
