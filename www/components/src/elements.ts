import { QueryClient } from "@tanstack/react-query";
import { Seam } from "seam-session";

import { session } from "../../src/back-end.js";
import { byId, el, setText } from "../../src/dom.js";
import { withPictures } from "./pictures.js";
import { USERS, type User } from "./users.js";

declare global {
  interface HTMLElementTagNameMap {
    "seam-device-table": HTMLElement;
  }
}

// The elements call the page's `fetch`; the client takes one as an option.
globalThis.fetch = withPictures;
await import("@seamapi/react/elements.js");

/**
 * Signs a user in. An element takes a token and an endpoint, and makes a client
 * and a cache of its own of them. That cache is one for all elements of the
 * page and does not know whose it is, so for another user there is another, and
 * other elements.
 */
async function signIn(user: User): Promise<void> {
  const { endpoint, client_session_token } = await session(user.key);
  globalThis.seamQueryClient = new QueryClient();
  byId("element").replaceChildren(
    el("seam-device-table", {
      "client-session-token": client_session_token,
      endpoint,
      "disable-telemetry": "true",
      "disable-font-injection": "true",
      "disable-css-injection": "true",
    }),
  );
  for (const button of byId("users").querySelectorAll("button")) {
    button.setAttribute(
      "aria-pressed",
      String(button.textContent === user.name),
    );
  }
  const seam = Seam.fromClientSessionToken(client_session_token, { endpoint });
  const devices = await seam.devices.list();
  setText(
    byId("own"),
    `${user.name} is signed in. Our client, with the same token, sees ${devices.length} of the devices.`,
  );
}

function change(user: User): void {
  signIn(user).catch((error: Error) =>
    setText(byId("own"), `That did not work: ${error.message}.`),
  );
}

byId("users").append(
  ...USERS.map((user) =>
    el("button", { type: "button", click: () => change(user) }, user.name),
  ),
);
change(USERS[0]);
