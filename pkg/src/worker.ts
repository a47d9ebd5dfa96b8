// The client in a worker that all pages of an app share. The same face as that of
// `seam-session`, whose names it has; pkg/build.mjs puts worker/page/api-client.ts and worker/page/lazy-modules.ts
// in the place of what makes requests and keeps lists.
export * from "./index.js";
export { setWorker, type SeamWorker } from "./worker/page/create-worker.js";
