// Spaces: what only a back end calls.
import { ACCOUNT, ENTRANCE, LOCK, SHED } from "../seed.mjs";

const space_id = "$space";

export const spaces = [
  {
    call: "/spaces/create",
    params: { name: "Ground floor", space_key: "ground", device_ids: [LOCK] },
    is: { name: "Ground floor", space_key: "ground", device_count: 1 },
    keep: { space: "space_id" },
  },
  {
    call: "/spaces/create",
    params: { name: "Another", space_key: "ground" },
    fails: [409, "space_key_conflict"],
  },
  {
    call: "/spaces/add_devices",
    params: { space_id, device_ids: [SHED] },
  },
  {
    call: "/spaces/add_acs_entrances",
    params: { space_id, acs_entrance_ids: [ENTRANCE] },
  },
  {
    call: "/spaces/get",
    params: { space_id },
    is: { device_count: 2, acs_entrance_count: 1 },
  },
  {
    call: "/devices/list",
    params: { space_id },
    is: [{ device_id: LOCK }, { device_id: SHED }],
  },
  {
    call: "/acs/entrances/list",
    params: { space_id },
    is: [{ acs_entrance_id: ENTRANCE }],
  },
  {
    call: "/spaces/add_connected_account",
    params: { space_id, connected_account_id: ACCOUNT },
  },
  {
    call: "/spaces/get_related",
    params: { space_ids: [space_id], include: ["devices"] },
    is: { devices: [{ device_id: LOCK }, { device_id: SHED }] },
  },
  {
    call: "/spaces/remove_connected_account",
    params: { space_id, connected_account_id: ACCOUNT },
  },
  {
    call: "/spaces/remove_devices",
    params: { space_id, device_ids: [SHED] },
  },
  {
    call: "/spaces/remove_acs_entrances",
    params: { space_id, acs_entrance_ids: [ENTRANCE] },
  },
  {
    call: "/spaces/update",
    params: { space_id, name: "First floor" },
    is: { name: "First floor", device_count: 1, acs_entrance_count: 0 },
  },
  {
    call: "/spaces/list",
    params: { space_key: "ground" },
    is: [{ name: "First floor" }],
  },
  { call: "/spaces/delete", params: { space_id } },
  {
    call: "/spaces/get",
    params: { space_id },
    fails: [404, "space_not_found"],
  },
];
