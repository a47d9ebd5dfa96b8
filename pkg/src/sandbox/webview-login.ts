import type {
  ConnectedAccount,
  ConnectWebview,
} from "../generated/resources/index.js";

/** How a user completes a connect webview. */
export interface SandboxLogin {
  /**
   * The provider of the account. Default: the first one that the webview accepts, or `yale` if it
   * accepts any.
   */
  provider?: string | undefined;
  /**
   * The email address of the user. One that an account of the provider has already reconnects that
   * account. Default: one that no account has.
   */
  email?: string | undefined;
  /**
   * The devices of the account, as in a seed. Default: one of the provider's kind for a new account,
   * and none for one that reconnects.
   */
  devices?: readonly object[] | undefined;
  /** Whether the login succeeds. Default: true. */
  login_successful?: boolean | undefined;
}

/** A completed connect webview. */
export interface SandboxCompletedWebview {
  connect_webview: ConnectWebview;
  /** The account; `null` if the login failed. */
  connected_account: ConnectedAccount | null;
}
