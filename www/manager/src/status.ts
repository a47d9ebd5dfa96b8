import type { Changes, Device, WatchStatus } from "seam-session";

/** How true the list is, in a few words. */
export function statusInWords(status: WatchStatus): string {
  switch (status.state) {
    case "loading":
      return "Loading";
    case "live":
      return "Live";
    case "stale":
      return `Stale: ${messageOf(status.reason)}`;
    case "stopped":
      return `Stopped: ${messageOf(status.reason)}`;
  }
}

/** What a round has brought, in a sentence. */
export function changesInWords(
  { added, changed, removed }: Changes,
  get: (id: string) => Device | undefined,
): string {
  const parts = [
    [added, "came"],
    [changed, "changed"],
    [removed, "gone"],
  ] as const;
  return parts
    .filter(([ids]) => ids.length > 0)
    .map(([ids, what]) => `${named(ids, get)} ${what}.`)
    .join(" ");
}

/** `3 devices`, or a device's name. */
function named(
  ids: readonly string[],
  get: (id: string) => Device | undefined,
): string {
  const [first = ""] = ids;
  const name = ids.length === 1 ? get(first)?.display_name : undefined;
  return name ?? count(ids.length);
}

/** `10,000 devices` */
export function count(devices: number): string {
  const noun = devices === 1 ? "device" : "devices";
  return `${devices.toLocaleString("en")} ${noun}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "it was closed";
}
