// `seam-session/sandbox/server`
export {
  serveSandbox,
  type ServedSandbox,
  type ServeSandboxOptions,
} from "./sandbox/serve.js";
