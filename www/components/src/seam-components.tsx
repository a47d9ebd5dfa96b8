import {
  SeamHttp,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError,
} from "@seamapi/http";
import { seamContext } from "@seamapi/react";
import {
  MutationCache,
  QueryClient,
  QueryClientProvider,
} from "@tanstack/react-query";
import { useSyncExternalStore, type ReactNode } from "react";
import type { Seam } from "seam-session";
import { SeamComponentsSession } from "seam-session/seam-components";

export type Sessions = SeamComponentsSession<SeamHttp, QueryClient>;

/** The sessions of a page: made once, for as long as the page is there. */
export function sessionsOf(seam: Seam): Sessions {
  return new SeamComponentsSession(seam, {
    SeamHttp,
    SeamHttpApiError,
    SeamHttpInvalidInputError,
    SeamHttpUnauthorizedError,
    queryClient,
  });
}

/** The cache of one session. */
function queryClient(): QueryClient {
  const cache: QueryClient = new QueryClient({
    // The client has tried again by itself where that can help.
    defaultOptions: { queries: { retry: false } },
    mutationCache: new MutationCache({
      // The components leave a code that was changed as it was in their list.
      onSuccess: () => cache.invalidateQueries({ queryKey: ["access_codes"] }),
    }),
  });
  return cache;
}

/**
 * Stands where `SeamProvider` would. What is inside is of one session: with
 * another one all of it is made anew, so that no half-filled form and no opened
 * device stays behind.
 */
export function SeamComponents({
  sessions,
  children,
}: {
  sessions: Sessions;
  children: ReactNode;
}) {
  const session = useSyncExternalStore(sessions.subscribe, sessions.current);
  // The server is asked about another token: it may be another user's.
  if (session === undefined) return null;
  const { context, queryClient } = session;
  return (
    <QueryClientProvider client={queryClient} key={context.queryKeyPrefix}>
      <seamContext.Provider value={context}>{children}</seamContext.Provider>
    </QueryClientProvider>
  );
}
