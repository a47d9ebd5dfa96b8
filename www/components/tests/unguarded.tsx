// What a page is like that changes the user as Seam's documentation has it, or
// that takes our client without a guard. For tests only.
import * as http from "@seamapi/http";
import { DeviceTable, seamContext, SeamProvider } from "@seamapi/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Seam } from "seam-session";
import { seamHttpTransport } from "seam-session/seam-components";

import { withPictures } from "../src/pictures.js";
import { session } from "../../src/back-end.js";

globalThis.fetch = withPictures;
const [ada, ben] = await Promise.all([session("user-1"), session("user-2")]);
const { endpoint } = ada;
const tokens = {
  Ada: ada.client_session_token,
  Ben: ben.client_session_token,
};
// The provider's own `endpoint` is refused by @seamapi/http 1.102.
Object.assign(globalThis, { process: { env: { SEAM_ENDPOINT: endpoint } } });
type Name = keyof typeof tokens;

/** The official provider, told of another token. */
function Documented() {
  const [name, setName] = useState<Name>("Ada");
  return (
    <SignedIn name={name} change={setName}>
      <SeamProvider
        clientSessionToken={tokens[name]}
        disableTelemetry
        disableCssInjection
        disableFontInjection
      >
        <DeviceTable />
      </SeamProvider>
    </SignedIn>
  );
}

const seam = Seam.fromClientSessionToken(tokens.Ada, { endpoint });
const queryClient = new QueryClient();
const context = {
  client: http.SeamHttp.fromClient(seamHttpTransport(seam, http)),
  endpointClient: null,
  userIdentifierKey: "",
};

/** Our client, told of another token, with one cache for both. */
function Transported() {
  const [name, setName] = useState<Name>("Ada");
  const change = (next: Name) => {
    void seam.updateClientSessionToken(tokens[next]);
    setName(next);
  };
  return (
    <SignedIn name={name} change={change}>
      <QueryClientProvider client={queryClient} key={name}>
        <seamContext.Provider value={context}>
          <DeviceTable />
        </seamContext.Provider>
      </QueryClientProvider>
    </SignedIn>
  );
}

function SignedIn({
  name,
  change,
  children,
}: {
  name: Name;
  change: (name: Name) => void;
  children: ReactNode;
}) {
  return (
    <>
      <button type="button" onClick={() => change("Ben")}>
        Ben
      </button>
      <p>{name} is signed in.</p>
      {children}
    </>
  );
}

createRoot(document.getElementById("page")!).render(
  location.search.endsWith("transport") ? <Transported /> : <Documented />,
);
