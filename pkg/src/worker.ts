// The client in a worker that all pages of an app share. It exports the same names as
// `seam-session`; pkg/build.mjs replaces the files that make requests and keep lists by
// worker/page/api-client.ts and worker/page/lazy-modules.ts.
export * from "./index.js";
export { setWorker, type SeamWorker } from "./worker/page/create-worker.js";
