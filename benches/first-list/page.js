// The page that is timed, whichever SDK `sdk` stands for: it shows the devices
// of a client session, and tells when.
import { SeamHttp } from "sdk";

const { endpoint, token, post } = globalThis.at;
const seam = SeamHttp.fromClientSessionToken(token, { endpoint });
const devices = post
  ? (await seam.client.post("/devices/list", {})).data.devices
  : await seam.devices.list();
const names = devices.map((device) => device.display_name);
for (const name of names) {
  const item = document.createElement("li");
  item.textContent = name;
  document.body.append(item);
}
// A task of its own after the next frame: by then the list is painted.
requestAnimationFrame(() =>
  setTimeout(() => globalThis.shown(performance.now(), names.length)),
);
