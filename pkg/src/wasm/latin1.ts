/** Compiles a module from the text that carries it: its code points are the bytes. */
export async function compileText(latin1: string): Promise<WebAssembly.Module> {
  const bytes = new Uint8Array(latin1.length);
  // `Uint8Array.from` takes three times as long, on the thread that paints.
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = latin1.charCodeAt(at);
  }
  return WebAssembly.compile(bytes);
}
