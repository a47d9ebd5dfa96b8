import {
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
  SeamError,
  SeamHttpApiError,
  SeamHttpNetworkError,
  type Seam,
} from "seam-session";

import { capital, seconds } from "./describe.js";

/** What can be asked of a lock. */
export type Action = "lock" | "unlock";

/** How an action ended, in words. */
export interface Outcome {
  ended: "success" | "refused" | "failed" | "unknown";
  /** A few words, for the row. */
  brief: string;
  /** A whole sentence, for the log. */
  sentence: string;
}

const DONE = { lock: "locked", unlock: "unlocked" };

/** Acts on a device, waits for the attempt, and puts into words how it ended. */
export async function act(
  seam: Seam,
  action: Action,
  device_id: string,
  name: string,
): Promise<Outcome> {
  const since = performance.now();
  try {
    await (action === "lock"
      ? seam.locks.lockDoor({ device_id })
      : seam.locks.unlockDoor({ device_id }));
    const after = `${DONE[action]} after ${seconds(performance.now() - since)}`;
    return {
      ended: "success",
      brief: capital(after),
      sentence: `${name} ${after}.`,
    };
  } catch (error) {
    return inWords(error, action, name);
  }
}

function inWords(error: unknown, action: Action, name: string): Outcome {
  if (error instanceof SeamActionAttemptFailedError) {
    return {
      ended: "failed",
      brief: `Failed: ${error.message}`,
      sentence: `${name} did not ${action}: ${error.message} (${error.code}).`,
    };
  }
  if (error instanceof SeamActionAttemptTimeoutError) {
    return {
      ended: "unknown",
      brief: "No answer in time",
      sentence: `${name} had not answered in time; it may yet ${action}.`,
    };
  }
  if (error instanceof SeamHttpApiError) {
    const status = `${error.statusCode} ${error.code}`;
    return error.outcome === "refused"
      ? {
          ended: "refused",
          brief: `Refused: ${status}`,
          sentence: `${name}: refused with ${status}. Nothing was done.`,
        }
      : {
          ended: "unknown",
          brief: "Taken away meanwhile",
          sentence: `${name} was taken away while it was about to ${action} (${status}): this app may not know how it ended.`,
        };
  }
  if (error instanceof SeamHttpNetworkError) {
    return {
      ended: "unknown",
      brief: "No answer",
      sentence: `${name}: no answer came; whether it did ${action} is not known.`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof SeamError && error.outcome !== "unknown";
  return {
    ended: known ? "failed" : "unknown",
    brief: "Failed",
    sentence: `${name}: ${message}.`,
  };
}
