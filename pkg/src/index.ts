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
export { errorKind, type ErrorKind } from "./core/error-kind.js";
export * from "./core/errors.js";
export type {
  ClientSessionTokenFunction,
  Fetch,
  Logger,
  RequestInfo,
  RequestOptions,
  ResponseInfo,
  RetryInfo,
  SeamHooks,
  SeamOptions,
  TokenRequest,
  WaitForActionAttempt,
} from "./core/options.js";
export type { SessionEndReason, SessionInfo } from "./core/session-info.js";
export type { SeamEvents } from "./core/session-events.js";
export {
  SeamPaginator,
  type Pagination,
  type SeamPageCursor,
} from "./client/paginator.js";
export {
  isUnserializableParamError,
  UnserializableParamError,
} from "./core/parameters.js";
export {
  SeamHttpRequest,
  type ActionRequest,
  type ActionStatus,
  type RouteRequest,
} from "./client/request.js";
export type { DeviceCapabilityFlag } from "./generated/capabilities.js";
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

// The official SDK's names for the types of options and requests.
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

/** The options of a client, including an API key. */
export type SeamHttpOptionsWithApiKey = SeamClientOptions & {
  apiKey: NonNullable<SeamOptions["apiKey"]>;
};

/** The options of a client, including a client session token. */
export type SeamHttpOptionsWithClientSessionToken = SeamClientOptions & {
  clientSessionToken: NonNullable<SeamOptions["clientSessionToken"]>;
};

/** The options of a client, including a personal access token and its workspace. */
export type SeamHttpOptionsWithPersonalAccessToken = SeamClientOptions & {
  personalAccessToken: NonNullable<SeamOptions["personalAccessToken"]>;
  workspaceId: NonNullable<SeamOptions["workspaceId"]>;
};

/** The options of a client without a workspace. */
export type SeamHttpWithoutWorkspaceOptions = SeamClientOptions &
  Pick<SeamOptions, "personalAccessToken">;

/** The same, including a personal access token. */
export type SeamHttpWithoutWorkspaceOptionsWithPersonalAccessToken =
  SeamClientOptions & {
    personalAccessToken: NonNullable<SeamOptions["personalAccessToken"]>;
  };

/** The name that `seam` has for the options of a client without a workspace. */
export type SeamMultiWorkspaceOptions = SeamHttpWithoutWorkspaceOptions;

/** A request for a paginated list, which resolves to member `K` of the response `R`. */
export type SeamPaginatedRequest<
  R,
  K extends keyof R | undefined,
> = RouteRequest<R, K, true>;

/** The action attempts among `T` that succeeded, which have a `result`. */
export type SucceededActionAttempt<T extends { status: string }> = Extract<
  T,
  { status: "success" }
>;

/** The action attempts among `T` that failed, which have an `error`. */
export type FailedActionAttempt<T extends { status: string }> = Extract<
  T,
  { status: "error" }
>;
