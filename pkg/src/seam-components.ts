// `seam-session/seam-components`: for pages that show Seam's official components.
export { withCatalogue } from "./seam-components/catalogue.js";
export type {
  SeamHttpErrorClasses,
  SeamHttpErrorBody,
} from "./seam-components/http-errors.js";
export {
  SeamComponentsSession,
  type SeamComponentsModules,
  type QueryClientLike,
  type SeamComponentsProviders,
} from "./seam-components/session.js";
export {
  seamHttpTransport,
  type SeamHttpTransportRequest,
  type SeamHttpTransport,
} from "./seam-components/transport.js";
