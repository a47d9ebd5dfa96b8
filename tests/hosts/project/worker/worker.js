// A worker of any kind: answers through the port that comes with a message.
import { Seam } from "seam-session";

import { scenario } from "../calls.mjs";

const answer = async ({ data, ports: [port] }) =>
  port.postMessage(await scenario(Seam, data));

addEventListener("message", answer);
// Only a shared worker is connected to.
addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = answer;
});
