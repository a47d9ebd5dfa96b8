import type {
  ConnectedAccount,
  ConnectWebview,
} from "../generated/resources/index.js";

/** How a user completes a connect webview. */
export interface SandboxLogin {
  /** The provider of the account. Default: `yale`. */
  provider?: string | undefined;
  /** The devices of the account, as in a seed. Default: one lock. */
  devices?: readonly object[] | undefined;
  /** Whether the login succeeds. Default: true. */
  login_successful?: boolean | undefined;
}

/** A completed connect webview. */
export interface SandboxCompletedWebview {
  connect_webview: ConnectWebview;
  /** The new account; `null` if the login failed. */
  connected_account: ConnectedAccount | null;
}
