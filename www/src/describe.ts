import type { Device } from "seam-session";

const KINDS: Record<string, string> = {
  lock: "lock",
  thermostat: "thermostat",
  noise_detection: "noise sensor",
};

/** What a device is, in words: `August lock`. */
export function kindOf(device: Device): string {
  const capability = device.capabilities_supported.find(
    (name) => name in KINDS,
  );
  const noun = capability === undefined ? "device" : KINDS[capability];
  return [maker(device.device_type), noun].join("\u00a0");
}

/** What a device of this type is, as far as the type tells. */
export function kindOfType(device_type: string): string {
  return device_type
    .split("_")
    .map((word, index) => (index === 0 ? capital(word) : word))
    .join(" ");
}

/** What there is to know of its state, each in a few words. */
export function factsOf({ properties }: Device): string[] {
  const { online, battery_level, battery } = properties;
  const celsius = properties["temperature_celsius"];
  const decibels = properties["noise_level_decibels"];
  const facts = [online ? "Online" : "Offline"];
  if (typeof celsius === "number") facts.push(`${round(celsius)}\u00a0°C`);
  if (typeof decibels === "number") facts.push(`${round(decibels)}\u00a0dB`);
  if (typeof battery_level === "number") {
    const level = `${Math.round(battery_level * 100)}\u00a0%`;
    // What somebody has to see to comes first: a narrow line ends early.
    if (battery?.status === "low" || battery?.status === "critical")
      facts.unshift(`Battery\u00a0${battery.status}, ${level}`);
    else facts.push(`Battery\u00a0${level}`);
  }
  return facts;
}

/** `Locked`, `Unlocked`, or nothing where the device does not say. */
export function lockState(locked: boolean | null | undefined): string {
  return locked === true ? "Locked" : locked === false ? "Unlocked" : "";
}

/** `0.8 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function maker(device_type: string): string {
  return capital(device_type.split("_")[0] ?? "");
}

/** With a capital first letter. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
