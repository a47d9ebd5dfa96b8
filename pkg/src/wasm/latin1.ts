/** Compiles a module from the text that carries it: its code points are the bytes. */
export async function compileText(latin1: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));
}
