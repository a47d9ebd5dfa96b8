/** The kinds of injected faults; docs/sandbox.md describes each. */
export type SandboxFaultKind =
  | "latency"
  | "outage"
  | "rate_limit"
  | "drop_before"
  | "drop_after"
  | "truncate"
  | "attempt_fails"
  | "attempt_hangs";

/** A fault to add; only `fault` is required. */
export interface NewSandboxFault {
  fault: SandboxFaultKind;
  /** The path of a route, or a prefix followed by `*`. Default: all routes. */
  path?: string | undefined;
  /** The number of requests after which the fault ends. Default: until it is removed. */
  times?: number | undefined;
  /** For `latency`, in milliseconds. */
  latency_ms?: number | undefined;
  /** For `rate_limit`, in seconds. */
  retry_after?: number | undefined;
  /** For `truncate`: the number of bytes of the body that are sent. Default: half of it. */
  after_bytes?: number | undefined;
  /** For `drop_before`, `drop_after` and `truncate`: whether to send a TCP reset. */
  reset?: boolean | undefined;
  /** Except for action attempts: only on a connection that has carried a request before. */
  reused_connection?: boolean | undefined;
  /** For action attempts: only those of this device. */
  device_id?: string | undefined;
  /** For `attempt_fails`. */
  error_type?: string | undefined;
  /** For `attempt_fails`. */
  error_message?: string | undefined;
}

/** A fault of the sandbox. */
export interface SandboxFault extends NewSandboxFault {
  fault_id: number;
  path: string;
}
