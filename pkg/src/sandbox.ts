// `seam-session/sandbox`
export {
  Sandbox,
  type NewSandboxFault,
  type SandboxAnswer,
  type SandboxClock,
  type SandboxCoverage,
  type SandboxCut,
  type SandboxFault,
  type SandboxFaultKind,
  type SandboxInfo,
  type SandboxOptions,
  type SandboxRouteCoverage,
  type SandboxSessionName,
  type SandboxState,
} from "./sandbox/sandbox.js";
