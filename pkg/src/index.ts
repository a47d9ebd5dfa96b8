export * from "./errors.js";
export type * from "./options.js";
export { SeamHttpRequest } from "./request.js";
export type * from "./resources.js";
export type {
  ClientSessionAccess,
  ClientSessionParams,
  DeviceFilters,
  SeamRoutes,
  UserIdentityParams,
} from "./routes.js";
export { Seam, Seam as SeamHttp } from "./seam.js";
