// Modules that pkg/build.mjs creates from the sandbox's wasm module.

declare module "sandbox-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "sandbox-glue" {
  export default function makeGlue(): import("./instances.js").SandboxGlue;
}
