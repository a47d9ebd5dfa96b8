// The same code under another name, with the module's bytes in it (pkg/build.mjs):
// client/lazy-modules.ts imports this file if the other could not be loaded.
export * from "./client-session.js";
