// The same under another name, with its bytes in it (pkg/build.mjs): load.ts imports this file
// after importing the other has failed.
export * from "./renewal.js";
