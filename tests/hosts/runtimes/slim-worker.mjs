import wasm from "seam-session/client.wasm";
import { Seam, setWasm } from "seam-session/slim";

import { scenario } from "./calls.mjs";

setWasm(wasm);

export default {
  async fetch(request) {
    return Response.json(await scenario(Seam, await request.json()));
  },
};
