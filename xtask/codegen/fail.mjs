/** Ends code generation: the sources are not what it was written for. */
export function fail(message) {
  throw new Error(`codegen: ${message}`);
}
