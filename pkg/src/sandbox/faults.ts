/** What happens to requests, on demand; docs/sandbox.md tells of each. */
export type SandboxFaultKind =
  | "latency"
  | "outage"
  | "rate_limit"
  | "drop_before"
  | "drop_after"
  | "truncate"
  | "attempt_fails"
  | "attempt_hangs";

/** A fault to add; only `fault` must be there. */
export interface NewSandboxFault {
  fault: SandboxFaultKind;
  /** A route's path, or the beginning of some and `*`; all without it. */
  path?: string | undefined;
  /** It is over after so many requests; without it, when it is removed. */
  times?: number | undefined;
  /** Of `latency`. */
  latency_ms?: number | undefined;
  /** Of `rate_limit`, in seconds. */
  retry_after?: number | undefined;
  /** Of `truncate`: so many bytes of the body come; half of it without. */
  after_bytes?: number | undefined;
  /** Of `drop_before`, `drop_after` and `truncate`: with a TCP reset. */
  reset?: boolean | undefined;
  /** Of the same: only where the connection has carried a request before. */
  reused_connection?: boolean | undefined;
  /** Of attempts: only those of this device. */
  device_id?: string | undefined;
  /** Of `attempt_fails`. */
  error_type?: string | undefined;
  /** Of `attempt_fails`. */
  error_message?: string | undefined;
}

/** A fault that is there. */
export interface SandboxFault extends NewSandboxFault {
  fault_id: number;
  path: string;
}
