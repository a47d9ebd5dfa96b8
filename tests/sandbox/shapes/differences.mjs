// In what the answers of Seam's own fake, 1.86.0, and of our sandbox differ, and why.
//
// `line` is what a difference says; `cases` are the requests that show it, if not all do, and
// `routes` the routes: of those that are named, each must show it. `described` is whether the
// OpenAPI names the member. The first that fits explains a difference.

const THRESHOLDS = "/noise_sensors/noise_thresholds";

/** What the two have, and the OpenAPI has or has not. */
const MEMBERS = [
  {
    line: / is only ours$/,
    described: true,
    why: "the OpenAPI has it; the fake is older, or leaves out what it need not have",
  },
  {
    line: /^(?!error\.).* is only theirs$/,
    described: false,
    why: "it is of former days, or for the fake itself; the OpenAPI does not have it",
  },
  {
    line: /\.currently_triggering_noise_threshold_ids is only theirs$/,
    routes: ["/devices/get", "/devices/list", "/locks/get", "/locks/list"],
    why: "the fake gives it to every device; ours only to those that hear noise",
  },
  {
    line: /\.(currently_triggering_noise_threshold_ids|battery) is only theirs$/,
    routes: ["/thermostats/list"],
    why: "ours hears no noise, and needs no battery",
  },
  {
    line: /\.visionline_metadata is only theirs$/,
    routes: ["/acs/entrances/get", "/acs/entrances/list"],
    why: "what is of one brand alone comes from the seed, if it gives it",
  },
  {
    line: /\.email(_address)? is only theirs$/,
    routes: ["/acs/users/list"],
    why: "the fake shows it also where there is none, under its old name too",
  },
  {
    line: /\.event_description is only theirs$/,
    routes: ["/events/get", "/events/list"],
    why: "a sentence for people, which need not be there",
  },
  {
    line: /\.publishable_key is only theirs$/,
    routes: ["/workspaces/get", "/workspaces/list"],
    cases: /^with a token$/,
    why: "a session needs no key to open others: ours shows it to the back end alone",
  },
];

/** What is said of an error beside its type. */
const ERRORS = [
  {
    line: /^error\.request_id is only ours$/,
    why: "errors of Seam itself have it, as published ones show; the fake has only the header",
  },
  {
    line: /^error\.stack is only theirs$/,
    why: "the fake tells where in its code an error comes from",
  },
  {
    line: /^error\.data is only theirs$/,
    routes: [
      "/access_codes/delete",
      "/access_codes/generate_code",
      "/access_codes/pull_backup_access_code",
      "/access_codes/update",
      "/action_attempts/get",
      "/action_attempts/list",
      "/connected_accounts/update",
      "/devices/unmanaged/get",
      "/devices/unmanaged/update",
      "/devices/update",
      "/thermostats/cool",
      "/thermostats/heat",
      "/thermostats/heat_cool",
      "/thermostats/off",
      "/thermostats/set_fan_mode",
    ],
    why: "on some routes, the fake repeats the id that it has not found",
  },
  {
    line: /^answers 400, ours 400 invalid_input$/,
    cases: /^broken JSON$/,
    why: "the fake answers with plain text; ours as it answers to all that is invalid",
  },
  {
    line: /^answers 400 invalid_input, ours 200$/,
    routes: ["/action_attempts/list"],
    cases: /^nothing$/,
    why: "the fake requires ids; the OpenAPI requires no parameter",
  },
  {
    line: /^error\.validation_errors\.email is only theirs$/,
    routes: ["/connected_accounts/get"],
    why: "the fake complains of both ways to name the account; ours of the one that is given, or comes first",
  },
  {
    line: /^error\.validation_errors\.is_managed is only theirs$/,
    routes: ["/devices/unmanaged/update"],
    cases: /^nothing$/,
    why: "in the OpenAPI it is not required: a device's metadata can be changed without it",
  },
  {
    line: /^error\.validation_errors\.fan_mode_setting is only theirs$/,
    routes: ["/thermostats/set_fan_mode"],
    cases: /^nothing$/,
    why: "in the OpenAPI it may still go by its old name, so that ours asks for it when the device is found",
  },
  {
    line: /^error\.validation_errors is only ours$/,
    routes: ["/devices/list"],
    cases: /^a cursor that is none$/,
    why: "the fake fails to read it, which is no validation; ours names the parameter",
  },
];

/** Who may call. */
const CREDENTIALS = [
  {
    line: /^answers 401 unauthorized, ours 401 client_session_not_found$/,
    cases: /^by unknownToken$/,
    why: "the fake tries each kind of credential, and tells of the last; a later version of it says what ours says",
  },
  {
    line: /^answers 401 unauthorized, ours 400 invalid_client_session_token$/,
    cases: /^by noToken$/,
    why: "the same, for what has not the form of a token",
  },
  {
    line: /^answers 400 invalid_client_session_token, ours 401 unauthorized$/,
    routes: ["/connected_accounts/get"],
    cases: /^by unknownKey$/,
    why: "the same, for a key that it takes for a token",
  },
  {
    line: /^answers 400 missing_workspace_id, ours 401 unauthorized$/,
    routes: ["/workspaces/get"],
    cases: /^by unknownKey$/,
    why: "the same, for a key that it takes for a personal access token",
  },
  {
    line: /^answers 40[01] (publishable_key_header_required|token_auth_not_accepted), ours 40[01] (unauthorized|client_session_not_found|invalid_client_session_token)$/,
    routes: ["/client_sessions/create", "/client_sessions/get_or_create"],
    why: "whom the fake does not know it takes for one with a publishable key, and misses the header",
  },
  {
    line: /^answers 400 publishable_key_header_required, ours (200|400 invalid_input)$/,
    routes: ["/client_sessions/get_or_create"],
    why: "in the OpenAPI an API key does as well",
  },
  {
    line: /^answers 200, ours 401 unauthorized$/,
    cases: /^with a token$/,
    routes: [
      "/action_attempts/list",
      "/connected_accounts/delete",
      "/connected_accounts/list",
      "/connected_accounts/update",
      "/devices/unmanaged/list",
      "/devices/unmanaged/update",
      `${THRESHOLDS}/create`,
      `${THRESHOLDS}/delete`,
      `${THRESHOLDS}/get`,
      `${THRESHOLDS}/update`,
    ],
    why: "in the OpenAPI it is not open to a plain client session",
  },
  {
    line: /^answers (400 device_managed|404 device_not_found), ours 401 unauthorized$/,
    cases: /^out of scope /,
    routes: [
      "/devices/unmanaged/update",
      `${THRESHOLDS}/create`,
      `${THRESHOLDS}/delete`,
      `${THRESHOLDS}/update`,
    ],
    why: "the same, for a device that it does not see either",
  },
];

/** What a session does not see. */
const SCOPE = [
  {
    line: /^answers 200, ours 404 device_not_found$/,
    cases: /^out of scope /,
    routes: [
      "/access_codes/create",
      "/access_codes/create_multiple",
      "/access_codes/generate_code",
      "/access_codes/list",
      "/access_codes/unmanaged/list",
      "/devices/update",
      "/locks/lock_door",
      "/locks/unlock_door",
      `${THRESHOLDS}/list`,
    ],
    why: "the fake lets any session do it to any device; ours enforces scope",
  },
  {
    line: /^answers 401 unauthorized, ours 404 device_not_found$/,
    cases: /^out of scope /,
    routes: ["/devices/get", "/locks/get"],
    why: "ours answers as if there were no such device; with --out-of-scope 401, as the fake",
  },
  {
    line: /^answers 400 device_type_not_supported, ours 404 device_not_found$/,
    cases: /^out of scope /,
    routes: ["/access_codes/simulate/create_unmanaged_access_code"],
    why: "the fake tells what kind of device it is, to whom does not see it",
  },
];

/** What is not there, or is of another kind. */
const NOT_THERE = [
  {
    line: /^answers 200, ours 404 device_not_found$/,
    cases: /^unknown device_ids?$/,
    routes: [
      "/access_codes/create_multiple",
      "/access_codes/list",
      "/access_codes/unmanaged/list",
      `${THRESHOLDS}/list`,
    ],
    why: "the fake does not look whether there is such a device",
  },
  {
    line: /^answers 200, ours 400 connected_account_not_found$/,
    routes: ["/client_sessions/create"],
    why: "the fake does not look whether there is such an account",
  },
  {
    line: /^answers 404 event_not_found, ours 200$/,
    routes: ["/events/get"],
    why: "in the OpenAPI the event is optional, and a message says that there is none",
  },
  {
    line: /^answers 404 not_found, ours 404 access_code_not_found$/,
    routes: ["/access_codes/get"],
    why: "on its other routes the fake says what ours says",
  },
  {
    line: /^answers 500 internal_server_error, ours 404 \w+_not_found$/,
    routes: [
      "/access_codes/unmanaged/update",
      `${THRESHOLDS}/delete`,
      `${THRESHOLDS}/update`,
    ],
    why: "the fake breaks down",
  },
  {
    line: /^answers 404 client_session_not_found, ours 400 invalid_input$/,
    routes: ["/client_sessions/get"],
    cases: /^nothing$/,
    why: "without a name for one, there is none to be found: ours says what is missing",
  },
  {
    line: /^answers 404 device_not_found, ours 400 device_(un)?managed$/,
    routes: ["/devices/get", "/devices/unmanaged/get"],
    why: "ours says that it is of the other kind, as the fake does where it is changed",
  },
  {
    line: /^answers (200|404 device_not_found), ours 400 capability_not_supported$/,
    cases: /^no (lock|thermostat)$/,
    routes: ["/locks/unlock_door", "/thermostats/heat"],
    why: "the fake unlocks a thermostat; ours says that the device cannot do it",
  },
  {
    line: /^answers 500, ours (200|401 unauthorized)$/,
    routes: ["/user_identities/create"],
    why: "the fake has the route, and nothing behind it",
  },
];

export const DIFFERENCES = [
  ...MEMBERS,
  ...ERRORS,
  ...CREDENTIALS,
  ...SCOPE,
  ...NOT_THERE,
];
