// What the API answers with, under the official SDK's names, and each route's
// parameters, answer and request.
export type * from "./generated/namespaces/index.js";
export type * from "./generated/resources/index.js";
