/** worker-url.ts for the CommonJS build, which no worker can run. */
export const url = undefined;
