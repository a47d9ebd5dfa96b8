// The same under another name, with its bytes in it (pkg/build.mjs): client/lazy-modules.ts imports this file
// after importing the other has failed.
export * from "./refresher.js";
