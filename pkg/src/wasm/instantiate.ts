/**
 * Compiles synchronously, so that nothing waits behind the page's other tasks. Where that is
 * refused, another thread does it: Chromium before 115 does not compile more than 4 KB on the main
 * thread.
 */
export async function compileNow(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<WebAssembly.Module> {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (error instanceof RangeError) return WebAssembly.compile(bytes);
    throw error;
  }
}

/** Instantiates in the same way. */
export async function instantiateNow(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    if (error instanceof RangeError)
      return WebAssembly.instantiate(module, imports);
    throw error;
  }
}
