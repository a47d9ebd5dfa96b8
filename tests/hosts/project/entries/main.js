// A page with the entries beside the default one, each put to use: the slim client with its module
// in a file, the sandbox in the page, and what Seam's components take for a client.
import { seamHttpTransport } from "seam-session/seam-components";
import { Sandbox } from "seam-session/sandbox";
import { Seam, setWasm } from "seam-session/slim";

import { scenario } from "../calls.mjs";

setWasm(
  new URL("../node_modules/seam-session/dist/client.wasm", import.meta.url),
);

class Refused extends Error {}
const errors = {
  SeamHttpApiError: Refused,
  SeamHttpInvalidInputError: Refused,
  SeamHttpUnauthorizedError: Refused,
};

globalThis.run = async (at) => {
  const { info, fetch } = await Sandbox.create();
  const { endpoint, device_ids, client_session_token } = info;
  const seam = Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch,
  });
  const ours = seamHttpTransport(seam, errors);
  const { data } = await ours.get("/devices/list");
  const params = { device_id: device_ids.at(-1) };
  const refused = await ours.get("/devices/get", { params }).catch((it) => it);
  return {
    slim: await scenario(Seam, at),
    inThePage: data.devices.length,
    refused: refused instanceof Refused,
  };
};
