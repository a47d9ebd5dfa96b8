import { latin1 } from "client-bytes";

import { compileText } from "./latin1.js";

/** No file is fetched, so it works wherever a script does. */
export function compile(): Promise<WebAssembly.Module> {
  return compileText(latin1);
}
