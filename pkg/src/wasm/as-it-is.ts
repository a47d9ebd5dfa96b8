/** Who loads this file says why it is not available (load.ts). */
export const unavailable = (cause: unknown): unknown => cause;
