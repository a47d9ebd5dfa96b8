/** The script that tells where the bundler has put it (worker-url.ts); pkg/build.mjs makes it. */
declare module "worker-url" {
  export const url: string;
}
