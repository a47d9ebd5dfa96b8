/** The entry that loads this file explains the error (client/lazy-modules.ts). */
export const unavailable = (cause: unknown): unknown => cause;
