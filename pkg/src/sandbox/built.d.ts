// What the build puts together from the sandbox's wasm module; pkg/build.mjs makes it.

declare module "sandbox-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "sandbox-glue" {
  export default function makeGlue(): import("./instances.js").SandboxGlue;
}
