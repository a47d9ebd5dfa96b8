// Seam's official components and their dependencies, as installed in www/components.
import { fileURLToPath } from "node:url";

/** The folder of their packages. */
export const components = fileURLToPath(
  new URL("../../www/components/", import.meta.url),
);

/** `@seamapi/http` v1, which the components use. */
export * as http from "../../www/components/node_modules/@seamapi/http/index.js";
/** `@seamapi/http` v2, which `npm install @seamapi/http` installs. */
export * as http2 from "../node_modules/@seamapi/http/index.js";
export { QueryClient } from "../../www/components/node_modules/@tanstack/react-query/build/modern/index.js";
