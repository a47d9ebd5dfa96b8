export {
  isApiKey,
  isClientSessionToken,
  isConsoleSessionToken,
  isPersonalAccessToken,
  isPublishableKey,
} from "./credential.js";
export * from "./errors.js";
export type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
export {
  SeamPaginator,
  type Pagination,
  type SeamPageCursor,
} from "./paginator.js";
export { UnserializableParamError } from "./parameters.js";
export { SeamHttpRequest } from "./request.js";
export type * from "./resources.js";
export {
  Seam,
  Seam as SeamHttp,
  SeamWithoutWorkspace,
  SeamWithoutWorkspace as SeamHttpWithoutWorkspace,
  type SeamClientOptions,
} from "./seam.js";
