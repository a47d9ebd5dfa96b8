// What the API answers with, under the official SDK's names.
export type * from "./generated/resources/index.js";
