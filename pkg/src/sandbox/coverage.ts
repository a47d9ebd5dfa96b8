/** Which of the routes open to client sessions were called by one. */
export interface SandboxCoverage {
  /** So many routes are open to client sessions. */
  routes: number;
  /** So many of them were called within scope, with success. */
  in_scope: number;
  /** So many of them were refused something beyond scope. */
  out_of_scope: number;
  by_route: SandboxRouteCoverage[];
}

/** How often client sessions called one route. */
export interface SandboxRouteCoverage {
  path: string;
  /** With success. */
  in_scope: number;
  /** Refused: it was there, beyond the session's scope. */
  out_of_scope: number;
  /** Refused for any other reason: the parameters, a limit, ... */
  other: number;
}
