/** worker-url.ts for the CommonJS build: no worker can run that. */
export const url = undefined;
