/** How to wait for an action attempt: each in milliseconds. */
export interface WaitForActionAttempt {
  /** How long in all; 10 seconds if not given. */
  timeout?: number;
  /** The longest pause between two polls; 1 second if not given. */
  pollingInterval?: number;
}

/** What holds for every call of a client. */
export interface SeamOptions {
  /** For an app: one user's token. */
  clientSessionToken?: string;
  /** For a back end: the workspace's key. In Node, `SEAM_API_KEY` serves too. */
  apiKey?: string;
  /** Where Seam answers; `https://connect.getseam.com`, or `SEAM_ENDPOINT` in Node. */
  endpoint?: string;
  /** Called in place of the global `fetch`, with one `Request` and no `this`. */
  fetch?: (request: Request) => Promise<Response>;
  /** The time for one try, in milliseconds; 30 seconds if not given. */
  timeout?: number;
  /** How often a request that may be sent again is; 2 if not given. */
  maxRetries?: number;
  /** Whether an action resolves only when its attempt has ended; true if not given. */
  waitForActionAttempt?: boolean | WaitForActionAttempt;
  /** Takes an API key in a browser, where everyone can read it. */
  dangerouslyAllowBrowser?: boolean;
}

/** What holds for one call. */
export interface RequestOptions {
  /** Ends the call at once, rejecting with the signal's own reason. */
  signal?: AbortSignal;
  /** As in {@link SeamOptions}, for this call. */
  waitForActionAttempt?: boolean | WaitForActionAttempt;
}
