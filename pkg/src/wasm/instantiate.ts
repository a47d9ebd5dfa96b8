/**
 * Compiles and instantiates at once, so that nothing waits for its turn behind whatever else a page
 * does. Where that is refused it is left to another thread: Chromium before 115 allows on the main
 * thread no module above 4 KB.
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

/** See above. */
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
