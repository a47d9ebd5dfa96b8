// `seam-session/host`: for pages that show Seam's official components.
export { withCatalogue } from "./catalogue.js";
export type { HostErrors, HostApiError } from "./refusal.js";
export {
  HostSessions,
  type HostModules,
  type HostQueryClient,
  type HostSession,
} from "./sessions.js";
export {
  seamHttpTransport,
  type HostRequest,
  type SeamHttpTransport,
} from "./transport.js";
