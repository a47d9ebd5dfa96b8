import type { Caller } from "./call.js";
import type { RequestOptions } from "./options.js";
import { SeamHttpRequest } from "./request.js";
import type {
  ActionAttempt,
  ClientSession,
  Device,
  UserIdentity,
} from "./resources.js";

/** Each namespace's routes by their names on the wire, and what they answer with. */
const ROUTES: Record<keyof SeamRoutes, string> = {
  actionAttempts: "get:action_attempt",
  clientSessions:
    "create:client_session delete get:client_session get_or_create:client_session grant_access list:client_sessions revoke",
  devices: "get:device list:devices",
  locks:
    "get:device list:devices lock_door:action_attempt unlock_door:action_attempt",
  userIdentities:
    "create:user_identity delete get:user_identity grant_access_to_device list:user_identities list_accessible_devices:devices revoke_access_to_device update",
};

type Route<P, T> = (params: P, options?: RequestOptions) => SeamHttpRequest<T>;
type OptionalRoute<P, T> = (
  params?: P,
  options?: RequestOptions,
) => SeamHttpRequest<T>;

type DeviceId = { device_id: string };
type DeviceOrName = DeviceId | { name: string };
type Grant = { user_identity_id: string; device_id: string };

/** What a client session may see beside its user identity's devices. */
export interface ClientSessionAccess {
  user_identity_id?: string;
  /** @deprecated by Seam: one id at most; use `user_identity_id`. */
  user_identity_ids?: string[];
  connected_account_ids?: string[];
  connect_webview_ids?: string[];
}

/** Parameters that make a client session. */
export interface ClientSessionParams extends ClientSessionAccess {
  user_identifier_key?: string;
  /** When it ends, ISO 8601. */
  expires_at?: string;
}

/** Filters of a list of devices. */
export interface DeviceFilters {
  connected_account_id?: string;
  connected_account_ids?: string[];
  connect_webview_id?: string;
  device_ids?: string[];
  device_type?: string;
  device_types?: string[];
  manufacturer?: string;
  search?: string;
  created_before?: string;
  custom_metadata_has?: Record<string, string | boolean | null>;
  limit?: number;
  page_cursor?: string | null;
}

/** What a user identity is known by. */
export interface UserIdentityParams {
  user_identity_key?: string | null;
  email_address?: string | null;
  phone_number?: string | null;
  full_name?: string | null;
}

/** The routes of this version, by namespace. */
export interface SeamRoutes {
  /** Actions that were asked for, and how they ended. */
  readonly actionAttempts: {
    get: Route<{ action_attempt_id: string }, ActionAttempt>;
  };
  /** The sessions whose tokens apps hold. A session itself may only call `get`. */
  readonly clientSessions: {
    create: OptionalRoute<ClientSessionParams, ClientSession>;
    delete: Route<{ client_session_id: string }, void>;
    get: OptionalRoute<
      { client_session_id?: string; user_identifier_key?: string },
      ClientSession
    >;
    getOrCreate: OptionalRoute<ClientSessionParams, ClientSession>;
    grantAccess: Route<
      ClientSessionAccess & {
        client_session_id?: string;
        user_identifier_key?: string;
      },
      void
    >;
    list: OptionalRoute<
      {
        client_session_id?: string;
        connect_webview_id?: string | null;
        user_identifier_key?: string;
        user_identity_id?: string | null;
        without_user_identifier_key?: boolean;
      },
      ClientSession[]
    >;
    revoke: Route<{ client_session_id: string }, void>;
  };
  /** Devices in the credential's scope. */
  readonly devices: {
    get: Route<DeviceOrName, Device>;
    list: OptionalRoute<DeviceFilters, Device[]>;
  };
  /** Locks in the credential's scope, and acting on them. */
  readonly locks: {
    get: Route<DeviceOrName, Device>;
    list: OptionalRoute<DeviceFilters, Device[]>;
    lockDoor: Route<DeviceId, ActionAttempt>;
    unlockDoor: Route<DeviceId, ActionAttempt>;
  };
  /** A back end's users, and the devices that each was granted. */
  readonly userIdentities: {
    create: OptionalRoute<
      UserIdentityParams & { acs_system_ids?: string[] },
      UserIdentity
    >;
    delete: Route<{ user_identity_id: string }, void>;
    get: Route<
      { user_identity_id: string } | { user_identity_key: string },
      UserIdentity
    >;
    grantAccessToDevice: Route<Grant, void>;
    list: OptionalRoute<
      {
        user_identity_ids?: string[];
        search?: string;
        created_before?: string;
        limit?: number;
        page_cursor?: string | null;
      },
      UserIdentity[]
    >;
    listAccessibleDevices: Route<{ user_identity_id: string }, Device[]>;
    revokeAccessToDevice: Route<Grant, void>;
    update: Route<UserIdentityParams & { user_identity_id: string }, void>;
  };
}

/** Puts the namespaces on `target`, each built when it is first used. */
export function addRoutes(target: object, caller: Caller): void {
  for (const [namespace, routes] of Object.entries(ROUTES)) {
    let built: Record<string, unknown> | undefined;
    Object.defineProperty(target, namespace, {
      get: () => (built ??= build(caller, snake(namespace), routes)),
    });
  }
}

function build(
  caller: Caller,
  namespace: string,
  routes: string,
): Record<string, unknown> {
  return Object.fromEntries(
    routes.split(" ").map((route) => {
      const [name = "", responseKey] = route.split(":");
      const path = `/${namespace}/${name}`;
      return [
        name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
        (params?: unknown, options?: RequestOptions) =>
          new SeamHttpRequest(caller, { path, responseKey }, params, options),
      ];
    }),
  );
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
