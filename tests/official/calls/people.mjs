// Whoever uses devices and entrances, and by what: identities, accounts, webviews, sessions, grants
// and access systems; and what happened, which events tell.
import {
  ACCOUNT,
  BENS,
  CREDENTIAL,
  ENTRANCE,
  GROUP,
  LOCK,
  MEMBER,
  OTHER_ACCOUNT,
  PHONE,
  SYSTEM,
} from "../seed.mjs";

const since = "2020-01-01T00:00:00.000Z";

export const acs = [
  {
    call: "/acs/systems/list",
    params: { connected_account_id: ACCOUNT },
    is: [{ acs_system_id: SYSTEM }],
  },
  {
    call: "/acs/users/list",
    params: { acs_system_id: SYSTEM, limit: 10 },
    is: [{ acs_user_id: MEMBER, display_name: "Ada" }],
  },
  {
    call: "/acs/users/list_accessible_entrances",
    params: { acs_user_id: MEMBER },
    is: [{ acs_entrance_id: ENTRANCE }],
  },
  {
    call: "/acs/entrances/list",
    params: { acs_entrance_ids: [ENTRANCE] },
    is: [{ acs_entrance_id: ENTRANCE, acs_system_id: SYSTEM }],
  },
  {
    call: "/acs/entrances/get",
    params: { acs_entrance_id: ENTRANCE },
    is: { display_name: "Gym" },
  },
  {
    call: "/acs/entrances/list_credentials_with_access",
    params: { acs_entrance_id: ENTRANCE },
    is: [{ acs_credential_id: CREDENTIAL }],
  },
  {
    call: "/acs/credentials/list",
    params: { acs_user_id: MEMBER, is_multi_phone_sync_credential: false },
    is: [{ acs_credential_id: CREDENTIAL, access_method: "card" }],
  },
  {
    call: "/acs/access_groups/delete",
    params: { acs_access_group_id: GROUP },
  },
  {
    call: "/acs/access_groups/delete",
    params: { acs_access_group_id: GROUP },
    fails: [404, "acs_access_group_not_found"],
  },
];

export const identities = [
  {
    call: "/user_identities/list",
    params: { user_identity_ids: ["$ada"] },
    is: [{ user_identity_id: "$ada", full_name: "Ada Lovelace" }],
  },
  {
    call: "/user_identities/list_accessible_entrances",
    params: { user_identity_id: "$ada" },
    is: [{ acs_entrance_id: ENTRANCE }],
  },
  {
    call: "/user_identities/list_acs_systems",
    params: { user_identity_id: "$ada" },
    is: [{ acs_system_id: SYSTEM }],
  },
  {
    by: "walk-in",
    call: "/user_identities/unmanaged/list",
    params: { search: "Cem" },
    is: [{ user_identity_id: "$walk_in" }],
  },
  {
    by: "walk-in",
    call: "/user_identities/unmanaged/update",
    params: { user_identity_id: "$walk_in", is_managed: true },
  },
  {
    by: "walk-in",
    call: "/user_identities/list",
    params: { user_identity_ids: ["$walk_in"] },
    is: [{ user_identity_id: "$walk_in" }],
  },
];

export const accounts = [
  {
    call: "/client_sessions/get",
    params: { client_session_id: "$session" },
    is: {
      user_identity_id: "$ada",
      user_identifier_key: "ada",
      connected_account_ids: [ACCOUNT],
    },
  },
  {
    call: "/connected_accounts/get",
    params: { connected_account_id: ACCOUNT },
    is: { user_identifier: { email: "ada@example.com" } },
  },
  {
    call: "/connect_webviews/create",
    params: {
      accepted_providers: ["august", "yale"],
      custom_metadata: { for: "Ada" },
      wait_for_device_creation: true,
    },
    is: { status: "pending", accepted_providers: ["august", "yale"] },
    keep: { webview: "connect_webview_id" },
  },
  {
    call: "/connect_webviews/get",
    params: { connect_webview_id: "$webview" },
    is: { custom_metadata: { for: "Ada" }, wait_for_device_creation: true },
  },
  {
    call: "/connect_webviews/list",
    params: { custom_metadata_has: { for: "Ada" } },
    is: [{ connect_webview_id: "$webview" }],
  },
];

/** After all the others: of what happened, all that can be seen is there. */
export const events = [
  {
    call: "/events/list",
    params: { since, event_type: "lock.unlocked" },
    is: [{ device_id: LOCK, method: "remote" }],
    keep: { event: "0.event_id" },
  },
  {
    call: "/events/get",
    params: { event_id: "$event" },
    is: { event_type: "lock.unlocked", workspace_id: "$workspace" },
  },
  {
    call: "/events/list",
    params: {
      between: [since, "2100-01-01T00:00:00.000Z"],
      event_types: ["access_code.created", "access_code.deleted"],
      access_code_id: "$guest",
    },
    is: [
      { event_type: "access_code.created" },
      { event_type: "access_code.deleted" },
    ],
  },
  ...[
    "access_code.unmanaged.converted_to_managed",
    "device.name_changed",
    "thermostat.manually_adjusted",
  ].map((event_type) => ({
    call: "/events/list",
    params: { since, event_type },
    has: { event_type },
  })),
];

/** What happened to what no session sees any more. */
export const eventsOfBackEnd = [
  {
    call: "/events/list",
    params: {
      since,
      event_types: ["acs_access_group.deleted", "phone.deactivated"],
    },
    is: [{ acs_access_group_id: GROUP }, { device_id: PHONE }],
  },
];

/** What only the back end may do: from a user's first day to the last. */
export const peopleOfBackEnd = [
  {
    call: "/user_identities/create",
    params: {
      user_identity_key: "dee",
      full_name: "Dee",
      email_address: "dee@example.com",
    },
    is: { display_name: "Dee", user_identity_key: "dee" },
    keep: { dee: "user_identity_id" },
  },
  {
    call: "/user_identities/update",
    params: { user_identity_id: "$dee", full_name: "Dee Hock" },
  },
  {
    call: "/user_identities/get",
    params: { user_identity_key: "dee" },
    is: { user_identity_id: "$dee", full_name: "Dee Hock" },
  },
  {
    call: "/user_identities/grant_access_to_device",
    params: { user_identity_id: "$dee", device_id: BENS },
  },
  {
    call: "/user_identities/list_accessible_devices",
    params: { user_identity_id: "$dee" },
    is: [{ device_id: BENS }],
  },
  {
    call: "/access_grants/create",
    params: {
      user_identity_id: "$dee",
      access_grant_key: "weekend",
      device_ids: [LOCK],
      acs_entrance_ids: [ENTRANCE],
      requested_access_methods: [{ mode: "code" }],
      starts_at: since,
      ends_at: "2099-01-01T00:00:00.000Z",
    },
    is: { user_identity_id: "$dee", access_grant_key: "weekend" },
    keep: { grant: "access_grant_id", method: "access_method_ids.0" },
  },
  {
    call: "/access_methods/get",
    params: { access_method_id: "$method" },
    is: { access_method_id: "$method", mode: "code" },
  },
  {
    call: "/access_grants/request_access_methods",
    params: {
      access_grant_id: "$grant",
      requested_access_methods: [{ mode: "mobile_key" }, { mode: "cloud_key" }],
    },
    is: { access_grant_id: "$grant" },
    keep: { key: "access_method_ids.1", cloud: "access_method_ids.2" },
  },
  {
    call: "/access_methods/list",
    params: { access_grant_id: "$grant" },
    has: { access_method_id: "$cloud", mode: "cloud_key" },
  },
  {
    call: "/access_grants/get_related",
    params: { access_grant_ids: ["$grant"] },
    is: { devices: [{ device_id: LOCK }] },
  },
  {
    call: "/access_methods/get_related",
    params: { access_method_ids: ["$method"], include: ["access_grants"] },
    is: { access_grants: [{ access_grant_id: "$grant" }] },
  },
  {
    call: "/access_methods/unlock_door",
    params: { access_method_id: "$method", acs_entrance_id: ENTRANCE },
    fails: [400, "access_method_not_usable"],
  },
  {
    call: "/access_methods/unlock_door",
    params: { access_method_id: "$cloud", acs_entrance_id: ENTRANCE },
    is: { action_type: "UNLOCK_DOOR", status: "success" },
  },
  {
    call: "/instant_keys/list",
    params: { user_identity_id: "$dee" },
    is: [{ user_identity_id: "$dee" }],
  },
  {
    call: "/access_methods/delete",
    params: { access_method_id: "$key" },
  },
  {
    call: "/user_identities/generate_instant_key",
    params: { user_identity_id: "$dee" },
    is: { user_identity_id: "$dee" },
    keep: { link: "instant_key_id" },
  },
  {
    call: "/instant_keys/get",
    params: { instant_key_id: "$link" },
    is: { instant_key_id: "$link" },
  },
  {
    call: "/instant_keys/delete",
    params: { instant_key_id: "$link" },
  },
  {
    call: "/access_grants/update",
    params: { access_grant_id: "$grant", name: "Weekend" },
  },
  {
    call: "/access_grants/get",
    params: { access_grant_key: "weekend" },
    is: { access_grant_id: "$grant", name: "Weekend" },
  },
  {
    call: "/access_grants/list",
    params: { user_identity_id: "$dee" },
    is: [{ access_grant_id: "$grant" }],
  },
  {
    call: "/client_sessions/create",
    params: { user_identity_id: "$dee", user_identifier_key: "dee-1" },
    is: { user_identity_id: "$dee", device_count: 2 },
    keep: { sessionOfDee: "client_session_id" },
  },
  {
    call: "/client_sessions/get_or_create",
    params: {
      user_identifier_key: "dee-1",
      expires_at: "2099-01-01T00:00:00.000Z",
    },
    is: {
      client_session_id: "$sessionOfDee",
      expires_at: "2099-01-01T00:00:00.000Z",
    },
  },
  {
    call: "/client_sessions/grant_access",
    params: {
      user_identifier_key: "dee-1",
      connected_account_ids: [OTHER_ACCOUNT],
    },
  },
  {
    call: "/client_sessions/list",
    params: { user_identifier_key: "dee-1" },
    is: [
      {
        client_session_id: "$sessionOfDee",
        connected_account_ids: [OTHER_ACCOUNT],
      },
    ],
  },
  {
    call: "/client_sessions/list",
    params: { without_user_identifier_key: true },
    lacks: { client_session_id: "$sessionOfDee" },
  },
  {
    call: "/client_sessions/revoke",
    params: { client_session_id: "$sessionOfDee" },
  },
  {
    call: "/client_sessions/delete",
    params: { client_session_id: "$sessionOfDee" },
  },
  {
    call: "/client_sessions/list",
    params: { user_identifier_key: "dee-1" },
    is: [],
  },
  { call: "/access_grants/delete", params: { access_grant_id: "$grant" } },
  {
    call: "/user_identities/revoke_access_to_device",
    params: { user_identity_id: "$dee", device_id: BENS },
  },
  {
    call: "/user_identities/list_accessible_devices",
    params: { user_identity_id: "$dee" },
    is: [],
  },
  { call: "/user_identities/delete", params: { user_identity_id: "$dee" } },
  {
    call: "/user_identities/get",
    params: { user_identity_id: "$dee" },
    fails: [404, "user_identity_not_found"],
  },
  {
    call: "/connect_webviews/create",
    params: {},
    keep: { unused: "connect_webview_id" },
  },
  {
    call: "/connect_webviews/delete",
    params: { connect_webview_id: "$unused" },
  },
  {
    call: "/connect_webviews/get",
    params: { connect_webview_id: "$unused" },
    fails: [404, "connect_webview_not_found"],
  },
  {
    call: "/connected_accounts/update",
    params: {
      connected_account_id: OTHER_ACCOUNT,
      custom_metadata: { of: "Ben" },
    },
  },
  {
    call: "/connected_accounts/list",
    params: { custom_metadata_has: { of: "Ben" } },
    is: [{ connected_account_id: OTHER_ACCOUNT }],
  },
  {
    call: "/connected_accounts/sync",
    params: { connected_account_id: OTHER_ACCOUNT },
  },
  {
    call: "/connected_accounts/simulate/disconnect",
    params: { connected_account_id: OTHER_ACCOUNT },
  },
  {
    call: "/connected_accounts/get",
    params: { connected_account_id: OTHER_ACCOUNT },
    is: { errors: [{ error_code: "account_disconnected" }] },
  },
  {
    call: "/connected_accounts/delete",
    params: { connected_account_id: OTHER_ACCOUNT },
  },
  {
    call: "/devices/get",
    params: { device_id: BENS },
    fails: [404, "device_not_found"],
  },
];
