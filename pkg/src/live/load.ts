/**
 * What watching needs, loaded when the first list is watched: a file of its own
 * (pkg/build.mjs keeps it out), so that nobody else carries it.
 */
export const load = (): Promise<typeof import("./live.js")> =>
  import("./live.js");
