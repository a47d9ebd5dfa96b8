// How TypeScript spells the API's names.

/** `acs_user` as `AcsUser`; the one that a browser has a class of its own for, apart. */
export function resourceName(resource) {
  return resource === "event" ? "SeamEvent" : pascal(resource);
}

/** `access_codes/unmanaged` as `AccessCodesUnmanaged`. */
export function pascal(name) {
  return name.replace(/(?:^|[_/.])+([a-z0-9])/g, (_, c) => c.toUpperCase());
}

/** `list_device_providers` as `listDeviceProviders`. */
export function camel(name) {
  return name.replace(/_(.)/g, (_, c) => c.toUpperCase());
}

/** `access_codes/unmanaged` as `access-codes-unmanaged`. */
export function kebab(name) {
  return name.replace(/[_/]/g, "-");
}
