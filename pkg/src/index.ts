export * from "./errors.js";
export type * from "./options.js";
export { UnserializableParamError } from "./parameters.js";
export { SeamHttpRequest } from "./request.js";
export type * from "./resources.js";
export { Seam, Seam as SeamHttp } from "./seam.js";
