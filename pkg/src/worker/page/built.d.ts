/**
 * The script that exports the URL that the bundler gave it (worker-url.ts); pkg/build.mjs creates
 * it.
 */
declare module "worker-url" {
  export const url: string;
}
