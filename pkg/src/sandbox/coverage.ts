/** The calls of client sessions, counted by route and result. */
export interface SandboxCoverage {
  /** The number of routes that client sessions may call. */
  routes: number;
  /** The number of routes that were called successfully, within scope. */
  in_scope: number;
  /** The number of routes that refused something out of scope. */
  out_of_scope: number;
  by_route: SandboxRouteCoverage[];
}

/** How often client sessions called one route. */
export interface SandboxRouteCoverage {
  path: string;
  /** Successful calls. */
  in_scope: number;
  /** Calls that were refused because something is out of the session's scope. */
  out_of_scope: number;
  /** Calls that were refused for another reason, such as a parameter or a limit. */
  other: number;
}
