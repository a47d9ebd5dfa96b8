// Access codes, managed and unmanaged.
import {
  CODE,
  FOUND_CODE,
  LOCK,
  OTHER_FOUND_CODE,
  SHED,
  THIRD_FOUND_CODE,
} from "../seed.mjs";

const device_id = LOCK;
const UNKNOWN = "11111111-1111-4111-8111-111111111111";
const times = {
  starts_at: "2099-01-01T10:00:00.000Z",
  ends_at: "2099-01-02T10:00:00.000Z",
};

export const accessCodes = [
  {
    call: "/access_codes/create",
    params: { device_id, name: "Guest", code: "1234" },
    is: { device_id, name: "Guest", code: "1234", type: "ongoing" },
    keep: { guest: "access_code_id" },
  },
  {
    call: "/access_codes/create",
    params: { device_id, name: "Again", code: "1234" },
    fails: [409, "duplicate_access_code"],
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: "$guest" },
    is: { name: "Guest", is_managed: true },
  },
  {
    call: "/access_codes/get",
    params: { device_id, code: "1234" },
    is: { access_code_id: "$guest" },
  },
  {
    call: "/access_codes/list",
    params: { device_id },
    has: { access_code_id: "$guest" },
    lacks: { access_code_id: FOUND_CODE },
  },
  {
    call: "/access_codes/list",
    params: { access_code_ids: ["$guest", CODE], limit: 5 },
    is: [{ access_code_id: CODE }, { access_code_id: "$guest" }],
  },
  {
    call: "/access_codes/update",
    params: { access_code_id: "$guest", name: "Neighbour", ...times },
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: "$guest" },
    is: { name: "Neighbour", type: "time_bound", ...times },
  },
  {
    call: "/access_codes/delete",
    params: { access_code_id: "$guest" },
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: UNKNOWN },
    fails: [404, "access_code_not_found"],
  },
  {
    call: "/access_codes/create_multiple",
    params: {
      device_ids: [LOCK, SHED],
      name: "Family",
      preferred_code_length: 5,
    },
    is: [{ device_id: LOCK }, { device_id: SHED }],
    keep: { common: "0.common_code_key", first: "0.access_code_id" },
  },
  {
    call: "/access_codes/update_multiple",
    params: { common_code_key: "$common", name: "Friends", ...times },
  },
  {
    call: "/access_codes/list",
    params: { device_id: SHED },
    has: { name: "Friends", common_code_key: "$common", ...times },
  },
  {
    call: "/access_codes/generate_code",
    params: { device_id },
    is: { device_id },
    keep: { number: "code" },
  },
  {
    call: "/access_codes/create",
    params: { device_id, code: "$number" },
    is: { code: "$number" },
  },
  {
    call: "/access_codes/pull_backup_access_code",
    params: { access_code_id: CODE },
    is: { is_backup: true, device_id },
    keep: { backup: "access_code_id" },
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: CODE },
    is: { pulled_backup_access_code_id: "$backup" },
  },
  {
    call: "/access_codes/report_device_constraints",
    params: { device_id: SHED, supported_code_lengths: [7] },
  },
  {
    call: "/devices/get",
    params: { device_id: SHED },
    is: { properties: { supported_code_lengths: [7] } },
  },
  {
    call: "/access_codes/create",
    params: { device_id: SHED, code: "1234" },
    fails: [400, "invalid_input"],
  },
  {
    call: "/access_codes/simulate/create_unmanaged_access_code",
    params: { device_id, name: "By hand", code: "112233" },
    is: { is_managed: false, code: "112233" },
    keep: { byHand: "access_code_id" },
  },
  {
    call: "/access_codes/unmanaged/get",
    params: { access_code_id: "$byHand" },
    is: { name: "By hand" },
  },
  {
    call: "/access_codes/unmanaged/list",
    params: { device_id },
    has: { access_code_id: "$byHand" },
    lacks: { access_code_id: CODE },
  },
  {
    call: "/access_codes/unmanaged/convert_to_managed",
    params: { access_code_id: FOUND_CODE },
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: FOUND_CODE },
    is: { is_managed: true, name: "Found" },
  },
  {
    call: "/access_codes/unmanaged/update",
    params: { access_code_id: OTHER_FOUND_CODE, is_managed: true },
  },
  {
    call: "/access_codes/get",
    params: { access_code_id: OTHER_FOUND_CODE },
    is: { is_managed: true },
  },
  {
    call: "/access_codes/unmanaged/delete",
    params: { access_code_id: THIRD_FOUND_CODE },
  },
  {
    call: "/access_codes/unmanaged/list",
    params: { device_id },
    is: [{ access_code_id: "$byHand" }],
  },
];
