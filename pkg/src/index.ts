import type { SeamOptions } from "./core/options.js";
import type { RouteRequest } from "./client/request.js";
import type { SeamClientOptions } from "./client/seam.js";

export {
  isApiKey,
  isClientSessionToken,
  isConsoleSessionToken,
  isPersonalAccessToken,
  isPublishableKey,
} from "./core/credential.js";
export * from "./core/errors.js";
export type {
  ClientSessionTokenFunction,
  Fetch,
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./core/options.js";
export {
  SeamPaginator,
  type Pagination,
  type SeamPageCursor,
} from "./client/paginator.js";
export { UnserializableParamError } from "./core/parameters.js";
export { SeamHttpRequest, type RouteRequest } from "./client/request.js";
export type * from "./generated/namespaces/index.js";
export type * from "./generated/resources/index.js";
export {
  Seam,
  Seam as SeamHttp,
  SeamWithoutWorkspace,
  SeamWithoutWorkspace as SeamHttpWithoutWorkspace,
  type SeamClientOptions,
} from "./client/seam.js";
export type {
  DeviceCapability,
  DeviceInScope,
  Scope,
} from "./core/scope-types.js";
export type {
  AtLeastOne,
  Open,
  Other,
  Timestamp,
} from "./core/utility-types.js";
export type { Watch } from "./client/watch.js";
export type {
  Changes,
  DeviceQuery,
  WatchOptions,
  WatchStatus,
} from "./core/watch-types.js";

// What the official SDK calls the types of our options and requests.
export type {
  RequestOptions as SeamHttpRequestOptions,
  SeamOptions as SeamHttpOptions,
  WaitForActionAttempt as ResolveActionAttemptOptions,
} from "./core/options.js";
export type {
  SeamClientOptions as SeamHttpFromPublishableKeyOptions,
  SeamClientOptions as SeamHttpOptionsFromEnv,
  SeamClientOptions as SeamHttpWithoutWorkspaceOptionsFromEnv,
} from "./client/seam.js";

/** A client's options with an API key among them. */
export type SeamHttpOptionsWithApiKey = SeamClientOptions & {
  apiKey: NonNullable<SeamOptions["apiKey"]>;
};

/** A client's options with a client session token among them. */
export type SeamHttpOptionsWithClientSessionToken = SeamClientOptions & {
  clientSessionToken: NonNullable<SeamOptions["clientSessionToken"]>;
};

/** A client's options with a personal access token and its workspace among them. */
export type SeamHttpOptionsWithPersonalAccessToken = SeamClientOptions & {
  personalAccessToken: NonNullable<SeamOptions["personalAccessToken"]>;
  workspaceId: NonNullable<SeamOptions["workspaceId"]>;
};

/** The options of a client that works in no workspace. */
export type SeamHttpWithoutWorkspaceOptions = SeamClientOptions &
  Pick<SeamOptions, "personalAccessToken">;

/** The same with a personal access token among them. */
export type SeamHttpWithoutWorkspaceOptionsWithPersonalAccessToken =
  SeamClientOptions & {
    personalAccessToken: NonNullable<SeamOptions["personalAccessToken"]>;
  };

/** What `seam` calls the options of a client that works in no workspace. */
export type SeamMultiWorkspaceOptions = SeamHttpWithoutWorkspaceOptions;

/** A request for a list that pages: what the answer `R` has at `K`. */
export type SeamPaginatedRequest<
  R,
  K extends keyof R | undefined,
> = RouteRequest<R, K, true>;

/** Those of the action attempts `T` that succeeded: their `result` is there. */
export type SucceededActionAttempt<T extends { status: string }> = Extract<
  T,
  { status: "success" }
>;

/** Those of the action attempts `T` that failed: their `error` is there. */
export type FailedActionAttempt<T extends { status: string }> = Extract<
  T,
  { status: "error" }
>;
