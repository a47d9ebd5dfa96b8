const NS = "http://www.w3.org/2000/svg";

const PATHS = {
  locked: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6zM12 14.5v2.5",
  unlocked: "M7 11V7.5a5 5 0 0 1 9.6-2M6 11h12v9H6zM12 14.5v2.5",
  keypad:
    "M6 3.5h12v17H6zM9.5 8h0M14.5 8h0M9.5 12h0M14.5 12h0M9.5 16h0M14.5 16h0",
  thermostat: "M12 13.5V5a2 2 0 0 0-4 0v8.5a4 4 0 1 0 4 0ZM16 6h3M16 10h3",
  sensor: "M4 12h2.5L9 6l3.5 12L15.5 9l1.5 3h3",
  device: "M5 6h14v12H5zM9 21h6",
  key: "M4 12a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M11 12h9.5v3M16.5 12v2.5",
};

/** The name of a picture. */
export type IconName = keyof typeof PATHS;

/** A line drawing that says nothing to a screen reader: the words beside it do. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** The picture of a device's kind and state. */
export function iconOf(device_type: string, locked: unknown): IconName {
  if (device_type.endsWith("_thermostat")) return "thermostat";
  if (/sensor|noise/.test(device_type)) return "sensor";
  if (locked === true) return "locked";
  if (locked === false) return "unlocked";
  return device_type.endsWith("_lock") ? "keypad" : "device";
}
