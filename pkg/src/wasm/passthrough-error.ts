/** Who loads this file says why it is not available (client/lazy-modules.ts). */
export const unavailable = (cause: unknown): unknown => cause;
