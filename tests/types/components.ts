// How a page with Seam's components uses `seam-session/seam-components`: all of it compiles
// against the real types, and each line marked so does not.
import * as http from "@seamapi/http";
import { seamContext } from "@seamapi/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createElement,
  type ReactElement,
  type ReactNode,
  useSyncExternalStore,
} from "react";
import { Seam } from "seam-session";
import {
  SeamComponentsSession,
  seamHttpTransport,
} from "seam-session/seam-components";

const seam = Seam.fromClientSessionToken("TOKEN");
const {
  SeamHttp,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError,
} = http;
const errors = {
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError,
};

export const client: http.SeamHttp = SeamHttp.fromClient(
  seamHttpTransport(seam, errors),
);
export const endpoints: http.SeamHttpEndpoints =
  http.SeamHttpEndpoints.fromClient(seamHttpTransport(seam, http));

const sessions = new SeamComponentsSession(seam, {
  SeamHttp,
  ...errors,
  queryClient: () => new QueryClient(),
});
export const names: Promise<string[]> | undefined = sessions
  .current()
  ?.context.client.devices.list()
  .then((devices) => devices.map(({ display_name }) => display_name));
export const cached: unknown = sessions
  .current()
  ?.queryClient.getQueryData(["devices"]);

export function Provider({
  children,
}: {
  children: ReactNode;
}): ReactElement | null {
  const session = useSyncExternalStore(
    sessions.subscribe,
    sessions.current,
    sessions.current,
  );
  if (session === undefined) return null;
  const { context, queryClient } = session;
  return createElement(
    QueryClientProvider,
    { client: queryClient, key: context.queryKeyPrefix },
    createElement(seamContext.Provider, { value: context }, children),
  );
}

export const alone = seamHttpTransport(seam, errors);
export const answer: Promise<{ data: { ok: true } }> = alone.request({
  url: "/devices/list",
});

// @ts-expect-error a class is missing
seamHttpTransport(seam, { SeamHttpApiError, SeamHttpUnauthorizedError });
// @ts-expect-error a token is no client
seamHttpTransport("seam_cst", errors);
// @ts-expect-error an instance is no function that makes one
new SeamComponentsSession(seam, { ...http, queryClient: new QueryClient() });
// @ts-expect-error of Axios only this much is there
alone.interceptors;
