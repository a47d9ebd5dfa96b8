// `seam-session/host`: for pages that show Seam's official components.
export { withCatalogue } from "./seam-components/catalogue.js";
export type {
  HostErrors,
  HostApiError,
} from "./seam-components/http-errors.js";
export {
  HostSessions,
  type HostModules,
  type HostQueryClient,
  type HostSession,
} from "./seam-components/sessions.js";
export {
  seamHttpTransport,
  type HostRequest,
  type SeamHttpTransport,
} from "./seam-components/transport.js";
